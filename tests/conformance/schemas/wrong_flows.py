"""Flow files with one fault of shape each. usage: wrong_flows.py DIR"""
import copy
import json
import pathlib
import sys

target = pathlib.Path(sys.argv[1])
target.mkdir()
good = {
    "flowId": "main",
    "version": "1.0.0",
    "elements": [{"id": "b", "type": "Begin"}, {"id": "e", "type": "End"}],
    "connectors": [{"id": "c", "sourceId": "b", "targetId": "e"}],
}
faults = {
    "no-id": lambda flow: flow.pop("flowId"),
    "id": lambda flow: flow.update(flowId="main line"),
    "dots": lambda flow: flow.update(flowId=".."),
    "version": lambda flow: flow.update(version="1.0"),
    "version-parts": lambda flow: flow.update(version={"major": 1, "minor": 0}),
    "elements": lambda flow: flow.update(elements={}),
    "connectors": lambda flow: flow.pop("connectors"),
    "element": lambda flow: flow["elements"].append("e2"),
    "element-type": lambda flow: flow["elements"][0].pop("type"),
    "configuration": lambda flow: flow["elements"][0].update(configuration=[]),
    "target": lambda flow: flow["connectors"][0].update(targetId=7),
    "connector-id": lambda flow: flow["connectors"][0].update(id=""),
}
for name, make in faults.items():
    flow = copy.deepcopy(good)
    make(flow)
    (target / f"{name}.json").write_text(json.dumps(flow))
