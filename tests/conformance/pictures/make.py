"""Pictures of what the binary writes, as GitHub shows it: make.py draws docs/pictures/*.png anew, make.py --check says
whether they are of today's texts.

The texts stand in docs/pull-request.md, which a test keeps as the binary writes them. cmark-gfm reads the markdown, as on
GitHub; Chromium and mermaid draw the page; each picture carries the digest of the page that it was drawn from.
"""

import hashlib
import html
import pathlib
import re
import subprocess
import sys
import tempfile

import cmarkgfm
from cmarkgfm.cmark import Options
from PIL import Image, PngImagePlugin

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
PICTURES = ROOT / "docs/pictures"
FLOW = "claims-hotline.json"
FACE = (
    '<div class="face"><svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="#0969da" stroke-width="2">'
    '<circle cx="11" cy="11" r="9"/><path d="M9 7.5v7l5.5-3.5z" fill="#0969da" stroke-linejoin="round"/></svg></div>'
)
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)", re.S)


def markdown(text, more=0, unfold='class="mermaid"'):
    """As GitHub renders it; a diagram becomes what mermaid looks for. What holds `unfold` is not folded away."""
    extensions = ["table", "strikethrough", "autolink", "tasklist"]
    page = cmarkgfm.markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE | more, extensions)
    page = re.sub(
        r'<pre><code class="language-mermaid">(.*?)</code></pre>', r'<div class="mermaid">\1</div>', page, flags=re.S
    )
    folds = page.split("<details>")
    return folds[0] + "".join(f"<details{' open' * (unfold in fold)}>{fold}" for fold in folds[1:])


def comment(text, when):
    # In comments a new line is a new line.
    words = markdown(text, Options.CMARK_OPT_HARDBREAKS)
    head = f'<div class="head"><b>github-actions</b><span class="tag">bot</span> commented {when}</div>'
    return f'<div class="who">{FACE}<div class="box">{head}<div class="words">{words}</div></div></div>'


def summary(text, job):
    # It is itself the report that the comment links to.
    words = markdown(re.sub(r" · \[full report\]\([^)]*\)", "", text), unfold="\0")
    return f'<div class="box"><div class="title">{html.escape(job)} summary</div><div class="words">{words}</div></div>'


def unescaped(text):
    for written, meant in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def annotations(commands, lines, new, path):
    """The lines of a file around each annotation, as "Files changed" shows them."""
    at = {}
    for command in re.split(r"\n(?=::)", commands):
        level, properties, message = COMMAND.fullmatch(command).groups()
        said = {name: unescaped(value) for name, value in (pair.split("=", 1) for pair in properties.split(","))}
        if said["file"] == path:
            # The page shows a new line of the message as one.
            message = unescaped(message.replace("\n    ", "\n"))
            at.setdefault(int(said["line"]), []).append((level, said["title"], message))
    shown = sorted({number for place in at for number in range(place - 3, place + 4) if 1 <= number <= len(lines)})
    rows, last = [], None
    for number in shown:
        if last and number > last + 1:
            rows.append('<tr><td class="no">…</td><td></td></tr>')
        last = number
        kind, sign = ("new", "+") if number in new else ("", " ")
        text = html.escape(lines[number - 1])
        rows.append(f'<tr class="{kind}"><td class="no mono">{number}</td><td class="mono">{sign} {text}</td></tr>')
        for level, title, message in at.get(number, ()):
            head = f'<div class="head">Check {level} on line {number} · <b>Check flows</b></div>'
            words = f"<div><b>{html.escape(title)}</b><pre>{html.escape(message)}</pre></div>"
            rows.append(f'<tr><td colspan="2"><div class="said {level}">{head}{words}</div></td></tr>')
    return f'<div class="file"><div class="title mono">{html.escape(path)}</div><table>{"".join(rows)}</table></div>'


def pages():
    """The page of each picture, by its name."""
    _, review, between, result = (ROOT / "docs/pull-request.md").read_text().split("\n---\n")
    commands = re.search(r"```text\n(.*?)\n```", between, re.S).group(1)
    before, after = ((ROOT / "demo" / side / FLOW).read_text().splitlines() for side in ("before", "change"))
    new = {number for number, line in enumerate(after, 1) if line not in before}
    bodies = {
        "comment": comment(review, "1 minute ago"),
        "result": comment(result, "just now"),
        "summary": summary(review, "Check flows"),
        "annotations": annotations(commands, after, new, f"flows/{FLOW}"),
    }
    style = (HERE / "page.css").read_text()
    start = '<!doctype html><meta charset="utf-8"><style>'
    return {name: f"{start}{style}</style>{body}" for name, body in bodies.items()}


def digest(page):
    return hashlib.sha256(page.encode()).hexdigest()


def draw():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, page in pages().items():
            (folder / f"{name}.html").write_text(page)
        subprocess.run(["node", HERE / "shoot.mjs", folder], check=True)
        for name, page in pages().items():
            note = PngImagePlugin.PngInfo()
            note.add_text("page", digest(page))
            # Few colours: a third of the size, and nobody sees it.
            few = Image.open(folder / f"{name}.png").convert("RGB").quantize(256, dither=Image.Dither.NONE)
            few.save(PICTURES / f"{name}.png", optimize=True, pnginfo=note)
            print(f"{name}.png: {few.size[0]} x {few.size[1]}, {(PICTURES / f'{name}.png').stat().st_size} bytes")


def check():
    old = [
        name
        for name, page in pages().items()
        if Image.open(PICTURES / f"{name}.png").info.get("page") != digest(page)
    ]
    if old:
        command = "target/conformance-venv/bin/python tests/conformance/pictures/make.py"
        sys.exit(f"pictures of texts that are not written any more: {', '.join(old)}; {command} draws them anew")
    print(f"{len(pages())} pictures are of what is written today")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else draw()
