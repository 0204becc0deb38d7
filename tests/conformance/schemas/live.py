"""Reports about what is live: two deployments to a served sandbox, an edit in the console, drift, a rollback.
usage: live.py FLOWGATE DEMO WORK"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

flowgate, demo, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
repo = work / "live"
shutil.copytree(demo / "before", repo / "flows")
sandbox = subprocess.Popen([flowgate, "sandbox", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
exports = [sandbox.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(4)]
environment = {**os.environ, **dict(exports)}
base = environment["CXONE_BASE_URL"]


def run(name, *arguments, codes=(0,)):
    ended = subprocess.run([flowgate, *arguments, "--format", "json"], cwd=repo, env=environment, capture_output=True, text=True)
    assert ended.returncode in codes, f"{arguments}: {ended.returncode}\n{ended.stderr}"
    if name:
        (work / f"{name}.json").write_text(ended.stdout)


def console(path, body, kind="application/json", token=None):
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    with urllib.request.urlopen(urllib.request.Request(base + path, body, headers)) as answer:
        return json.load(answer)


try:
    place = f"--sandbox={base}"
    run(None, "deploy", place)
    flow = json.loads((repo / "flows/main-line.json").read_text())
    for prompt, version in [("Good day", "7.0.0"), ("Good evening", "7.1.0")]:
        text = next(it for it in flow["elements"] if it["type"] == "IVR")["configuration"]
        text["prompt"], flow["version"] = prompt, version
        (repo / "flows/main-line.json").write_text(json.dumps(flow))
        run(None, "deploy", place)
    back = ["rollback", place, "--flow", flow["flowId"]]
    run("planned-rollback", *back, "--dry-run")
    run("rollback", *back)
    form = "&".join(
        ["grant_type=client_credentials", f"client_id={environment['CXONE_CLIENT_ID']}",
         f"client_secret={environment['CXONE_CLIENT_SECRET']}", "scope=flows:read flows:write flows:publish".replace(" ", "%20")]
    )
    token = console(f"/oauth/token?environment={environment['CXONE_ENVIRONMENT']}", form.encode(), "application/x-www-form-urlencoded")["access_token"]
    edited = json.loads((repo / "flows/claims-hotline.json").read_text())
    next(it for it in edited["elements"] if it["type"] == "IVR")["configuration"]["prompt"] = "Edited by hand"
    versions = f"/api/v2/flows/{edited['flowId']}"
    body = {key: edited[key] for key in ["flowId", "elements", "connectors"]} | {"version": "8.0.0", "name": "by hand"}
    made = console(f"{versions}/versions", json.dumps(body).encode(), token=token)
    console(f"{versions}/publish", json.dumps({"versionId": made["id"], "snapshot": True, "bypassValidation": False}).encode(), token=token)
    new = json.loads((repo / "flows/main-line.json").read_text()) | {"flowId": "not-live"}
    (repo / "flows/new.json").write_text(json.dumps(new))
    run("drift", "drift", codes=(0, 1))
    states = {row["state"] for row in json.loads((work / "drift.json").read_text())["flows"]}
    assert {"edited", "held", "absent", "inSync"} <= states, states
finally:
    sandbox.terminate()
