"""Every example of settings in the documents, and settings that are wrong in one way each. usage: examples.py DOCS DIR"""
import pathlib
import re
import sys

docs, target = map(pathlib.Path, sys.argv[1:])
target.mkdir()
nth = 0
for page in sorted(docs.glob("*.md")):
    for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.S):
        nth += 1
        (target / f"right-{page.stem}-{nth}.toml").write_text(block)
assert nth >= 2, nth

wrong = {
    "key": "failon = 'error'",
    "severity": "fail-on = 'fatal'",
    "rule": "[rules]\ndead-ends = 'off'",
    "firm": "[rules]\nconnector-missing-target = 'warning'",
    "path": "[[paths]]\nrules = { dead-end = 'off' }",
    "role": "[types.Callback]\nroles = ['door']",
    "secret": "cxone-base-url = 'https://example.com'",
    "no-reason": "[[waivers]]\nrule = 'dead-end'\nuntil = 2999-12-31",
    "no-day": "[[waivers]]\nrule = 'dead-end'\nreason = 'x'\nuntil = 'soon'",
    "all": "[[waivers]]\nflow = 'main'\nreason = 'x'\nuntil = 2999-12-31",
    "not-waivable": "[[waivers]]\nrule = 'not-json'\nreason = 'x'\nuntil = 2999-12-31",
    "number": "concurrency = 'many'",
    "wait": "run-deadline = 'soon'",
}
for name, text in wrong.items():
    (target / f"wrong-{name}.toml").write_text(text + "\n")
