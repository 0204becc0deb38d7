"""Each line of a file as a file of its own: check-jsonschema reads whole files. usage: lines.py FILE DIR"""
import pathlib
import sys

source, target = map(pathlib.Path, sys.argv[1:])
target.mkdir()
for nth, line in enumerate(source.read_text().splitlines(), 1):
    (target / f"{nth:04}.json").write_text(line)
