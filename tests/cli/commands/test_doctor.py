import json
import re

import numpy as np


def test_the_machine_of_these_tests_is_healthy(run):
    outcome = run("doctor")
    assert outcome.code == 0
    heads = [line for line in outcome.out.splitlines() if line and line[0] != " "]
    assert heads == ["machine", "core", "pillow", "devices", "extras"]
    assert re.search(rf"numpy +{re.escape(np.__version__)}", outcome.out)


def test_the_same_comes_as_json(run):
    found = json.loads(run("doctor", "--json").out)
    assert found["healthy"] is True
    assert found["core"]["numpy"] == {"value": np.__version__, "state": "ok"}
    assert {"torch", "torchvision", "onnxruntime"} <= set(found["devices"])
