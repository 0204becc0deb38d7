"""A hostile flow through every report, and parsers that prove that nothing of it acts.

drive.py --flow: prints the hostile flow. drive.py FLOWGATE [DIRECTORY]: runs the binary over a repository whose flows hold
every trick below in every place that a flow has text, and looks also at what `tests/it/run_hostile.rs` left in DIRECTORY:
comments, summaries and logs of whole runs.
GitHub's markdown is parsed by cmark-gfm (PyPI cmarkgfm), diagrams by npm mermaid, the log by a port of the runner's two
command patterns; canary secrets are searched for in every byte that was written.
"""

import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
CANARY = {
    "CXONE_CLIENT_SECRET": "canary-client-secret-5f1d7c",
    "GIT_WEBHOOK_SECRET": "canary-webhook-secret-81aa02",
    "GITHUB_TOKEN": "ghs_canarycanarycanarycanarycanary0001",
}
BEARER = "Bearer canaryeyJhbGciOiJIUzI1NiJ9.canary0000000000000001.c2ln"
HEXWORD = "9f3c2e1ab04d"

TRICKS = [
    "@octocat and @acme/owners",
    "fixes #123, GH-45, acme/flows#6, acme/flows@9f3c2e1ab04d",
    "https://evil.example/x www.evil.example mailto:a@evil.example me@evil.example",
    HEXWORD,
    "<script>alert(1)</script><img src=x onerror=alert(1)><details open>",
    "</details></td></table><h1>merged</h1>",
    "![i](https://evil.example/i.png) [l](https://evil.example) [r]: https://evil.example",
    "<!-- flowgate:review --><!-- flowgate marker kind=review head=0000000000000000000000000000000000000000 run=9 -->",
    "--> <b>out of the comment</b>",
    "a | b | c\n|---|---|\n| x | y |",
    "```\n# heading\n```mermaid\nflowchart LR\n```",
    "~~~\n# out\n~~~",
    "# heading\n\n- item\n\n> quote\n\n---\n",
    "`code` ``two`` \\` $x^2$ $$y$$",
    "::error file=a.json,line=1::forged",
    "\n::set-output name=result::success",
    "\r::add-mask::secret\r\n::stop-commands::x",
    "##[error]forged ##[group]x",
    "\n##[set-env name=PATH]/evil",
    "\u202eRTL\u2066 \u200b\u200d\ufeff\u00ad\U000e0041",
    "\u2028##[error]x\u2029::warning::x\u0085::debug::x",
    "\u001b[31mred\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007",
    "\"] --> x[\"y\"]; click x \"https://evil.example\"",
    "%%{init: {\"theme\": \"dark\", \"securityLevel\": \"loose\"}}%%",
    "end\nclick a call evil()\nsubgraph x",
    "#quot;#lt;b#gt; &lt;b&gt; &#64;octocat",
    ":tada: :shipit:",
    "L" * 70_000,
    "\u0000nul",
    "=cmd|' /C calc'!A0",
]


def flow(flow_id, version, hostile):
    """Every trick is an element's name, prompt and a connector's label; odd ones are ids, types and keys too."""
    elements = [{"id": "begin", "type": "Begin", "label": "Start"}]
    connectors = []
    previous = "begin"
    for number, trick in enumerate(TRICKS):
        text = trick if hostile else f"plain {number}"
        element = {
            "id": text[:120] if hostile and number % 3 == 0 else f"e{number}",
            "type": "IVR",
            "label": text,
            "configuration": {
                "prompt": f"Say {text}",
                "timeout": 5 if hostile else 9,
                "endpoint": f"https://api.example.com/{text[:80]}",
                "authorization": BEARER if hostile else "none",
                "apiKey": "AKIA" + "CANARY0000000001"[:16] if hostile else "",
                (text[:60] if hostile else "plain"): text,
            },
        }
        if hostile and number % 5 == 0:
            element["type"] = text[:60]
        elements.append(element)
        connectors.append({"id": f"c{number}", "sourceId": previous, "targetId": element["id"], "label": text})
        previous = element["id"]
    elements.append({"id": "end", "type": "End", "label": "Bye"})
    if not hostile:
        connectors.append({"id": "last", "sourceId": previous, "targetId": "end", "label": "done"})
    return {
        "flowId": flow_id,
        "name": TRICKS[0] if hostile else "Main line",
        "version": version,
        "description": "\n".join(TRICKS[:8]) if hostile else "",
        "elements": elements,
        "connectors": connectors,
    }


# --- what must not be found -----------------------------------------------------------------------------------------

V1 = re.compile(r"##\[")
REGISTERED = set(
    "set-env set-output save-state set-secret add-path add-mask add-matcher remove-matcher debug warning error notice "
    "group endgroup echo stop-commands internal-set-repo-path command section".split()
)


def commands(log):
    """The lines that the runner would take for commands: ports of ActionCommand.TryParseV2 and TryParse (v1)."""
    found = []
    for line in re.split(r"\r\n|\n|\r", log):
        trimmed = line.lstrip()
        if trimmed.startswith("::"):
            end = trimmed.find("::", 2)
            if end >= 0 and trimmed[2:end].split(" ", 1)[0].lower() in REGISTERED:
                found.append(line)
                continue
        start = line.find("##[")
        if start >= 0:
            end = line.find("]", start)
            if end >= 0 and line[start + 3 : end].split(" ", 1)[0].lower() in REGISTERED:
                found.append(line)
    return found


ALLOWED = {
    "h1", "h2", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "em", "code", "pre", "details",
    "summary", "sub", "br", "ul", "ol", "li", "hr", "del", "blockquote", "a",
}
LIVE = {
    "mention": re.compile(r"(?<![A-Za-z0-9/`])@[A-Za-z0-9]"),
    "reference": re.compile(r"(?<![\w&])#\d|\bGH-\d|\b[\w.-]+/[\w.-]+#\d"),
    "commit": re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*\d)[0-9a-f]{7,40}(?![0-9A-Za-z])"),
    "link": re.compile(r"(?i)\bhttps?://|\bwww\.|\bmailto:|\b[\w.]+@[\w-]+\.[a-z]"),
}


class Page(html.parser.HTMLParser):
    def __init__(self, own_commits, own_links):
        super().__init__(convert_charrefs=True)
        self.own_commits, self.own_links = own_commits, own_links
        self.problems, self.code, self.open = [], 0, []
        self.headings = 0

    def handle_starttag(self, tag, attributes):
        if tag not in ALLOWED:
            self.problems.append(f"the tag <{tag}>")
        for name, value in attributes:
            fine = (
                (name == "align")
                or (tag == "code" and name == "class" and value in ("language-mermaid", "language-diff", "language-json"))
                or (tag == "a" and name == "href" and value.startswith(tuple(self.own_links)))
            )
            if not fine:
                self.problems.append(f"the attribute {name}={value!r} of <{tag}>")
        if tag in ("code", "pre"):
            self.code += 1
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in ("code", "pre"):
            self.code -= 1
        if tag in ("br", "hr"):
            return
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes what it did not open")

    def handle_comment(self, data):
        self.problems.append(f"the comment {data[:60]!r}")

    def handle_data(self, data):
        if self.code:
            return
        for what, pattern in LIVE.items():
            for match in pattern.finditer(data):
                if what in ("commit", "reference") and any(own.startswith(match.group(0)) for own in self.own_commits):
                    continue
                self.problems.append(f"a live {what}: {data[max(0, match.start() - 20) : match.end() + 20]!r}")


def markdown(name, text, own_commits, own_links):
    # Here, so that `--flow` needs nothing installed.
    import cmarkgfm
    from cmarkgfm.cmark import Options

    page = Page(own_commits, own_links)
    page.feed(
        cmarkgfm.markdown_to_html_with_extensions(
            text, Options.CMARK_OPT_UNSAFE, ["table", "strikethrough", "autolink", "tasklist"]
        )
    )
    page.close()
    if page.open:
        page.problems.append(f"never closed: {page.open}")
    for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u001b\u0000\ufeff":
        if char in text:
            page.problems.append(f"the character U+{ord(char):04X}")
    return [f"{name}: {problem}" for problem in page.problems]


def diagrams(text):
    return re.findall(r"^`{3,}mermaid\n(.*?)^`{3,}$", text, re.M | re.S)


# --- the drive ------------------------------------------------------------------------------------------------------


def main(flowgate, runs=None):
    problems, written, pictures = [], {}, []
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)

        def git(*arguments):
            return subprocess.run(
                ["git", "-c", "user.name=D", "-c", "user.email=d@example.com", "-C", root, *arguments],
                check=True, capture_output=True, text=True,
            ).stdout.strip()

        def write(hostile):
            (root / "flows").mkdir(exist_ok=True)
            for name, flow_id in (("main", "main-line"), ("second", "second-line")):
                body = flow(flow_id, "1.1.0" if hostile else "1.0.0", hostile and name == "main")
                if hostile and name == "second":
                    body["elements"][1]["label"] = TRICKS[4]
                    body["elements"][2]["configuration"]["prompt"] = TRICKS[1]
                    body["connectors"][3]["label"] = TRICKS[14]
                    body["version"] = "1.1.0"
                (root / "flows" / f"{name}.json").write_text(json.dumps(body, indent=1))

        git("init", "-q", "-b", "main")
        write(False)
        git("add", "."), git("commit", "-qm", "before")
        write(True)
        git("add", "."), git("commit", "-qm", "after")
        own = git("log", "--format=%H").split()

        def run(name, *arguments, files=()):
            environment = {
                "PATH": os.environ["PATH"], "GITHUB_ACTIONS": "true", "CXONE_CLIENT_ID": "id", "CXONE_ENVIRONMENT": "prod",
                "GIT_WEBHOOK_URL": "https://127.0.0.1:9/canary-webhook-path-77", **CANARY,
            }
            ended = subprocess.run([flowgate, *arguments], cwd=root, env=environment, capture_output=True)
            out, err = ended.stdout.decode(), ended.stderr.decode()
            if ended.returncode not in (0, 1, 4):
                problems.append(f"{name} ended with {ended.returncode}: {err[:400]}")
            written[name], written[f"{name} (stderr)"] = out, err
            for file in files:
                written[f"{name} {file}"] = (root / file).read_text()
            for stream in (out, err):
                problems.extend(
                    f"{name}: a live command: {line[:120]!r}"
                    for line in commands(stream)
                    if not re.fullmatch(r"::add-mask::sandbox-token-\d+", line)
                )
                if re.search("\x1b\\]|\x07|\x9b", stream):
                    problems.append(f"{name}: a terminal escape that is no colour")
            return out

        base = ("--base", "HEAD^", "--baseline", "base")
        run("check", "check", *base)
        comment = run("markdown", "check", *base, "--format", "markdown")
        # The whole of it has no room for pictures; this flow alone has.
        run("second.md", "check", "flows/second.json", *base, "--format", "markdown")
        report = json.loads(run("json", "check", *base, "--format", "json"))
        run("diff", "diff", "--format", "text", "flows/main.json", "flows/second.json")
        run("deploy", "deploy", "--sandbox", "--base", "HEAD^", "--audit-file", "audit.jsonl", "--metrics-file", "m.json",
            files=("audit.jsonl", "m.json"))
        for extra in json.loads(os.environ.get("HOSTILE_EXTRA", "[]")):
            run(*extra["run"], files=extra.get("files", []))

        for name, text in written.items():
            if name == "markdown" or name.endswith(".md"):
                problems.extend(markdown(name, text, own, ["https://github.com/acme/"]))
                pictures.extend(diagrams(text))
        if runs:
            # Pull request 1 put live what the check compares with.
            theirs = [*(runs / "own-commits").read_text().split(), "#1"]
            documents = {path.name: path.read_text() for path in sorted(runs.iterdir()) if path.name != "own-commits"}
            for name, text in documents.items():
                written[f"run: {name}"] = text
                if name.endswith(".md"):
                    problems.extend(markdown(f"run: {name}", text, theirs, ["https://github.com/acme/flows/"]))
                    pictures.extend(diagrams(text))
            if sum(name.startswith("comment ") for name in documents) < 3:
                problems.append(f"too few comments were left by the runs: {list(documents)}")

        if len(report["findings"]) < len(TRICKS) or not pictures:
            problems.append(f"the fixture shows too little: {len(report['findings'])} findings, {len(pictures)} pictures")
        for name, text in written.items():
            for word in [*CANARY.values(), BEARER.removeprefix("Bearer "), "canary-webhook-path-77"]:
                if word in text:
                    problems.append(f"{name} holds the secret {word!r}")
        if len(comment) > 65_536:
            problems.append(f"the comment has {len(comment)} characters")

    parsed = subprocess.run(
        ["node", HERE / "mermaid.mjs"], input=json.dumps(pictures), capture_output=True, text=True
    )
    if parsed.returncode:
        problems.append(f"mermaid: {parsed.stderr.strip()[:2000]}")
    if problems:
        print("\n".join(dict.fromkeys(problems)), file=sys.stderr)
        return 1
    size = sum(map(len, written.values()))
    print(f"{len(TRICKS)} tricks, {len(written)} outputs, {size} characters, {len(pictures)} pictures: nothing acts")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--flow":
        print(json.dumps(flow("main-line", "1.1.0", True)))
        sys.exit(0)
    sys.exit(main(*[pathlib.Path(argument).resolve() for argument in sys.argv[1:3]]))
