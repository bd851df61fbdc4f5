"""Runs page_test.mjs and work_test.mjs, the studio's page in a browser, with a network that takes no time.

usage: page_test.py DREAMREEL PAGE

PAGE is the folder of the build that npm has filled. Exits with 77, which counts as skipped, where node, Chromium or
the packages are missing; scripts/install_deps.sh --test installs them.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from needs import skip_without


def write_network(path):
    """Two convolutions with an activation each, relu0 and relu1."""
    numbers = np.random.default_rng(7)
    nodes, weights = [], []
    previous, inputs = "picture", 3
    for i, outputs in enumerate((8, 16)):
        kernel = numbers.normal(0, (2 / (inputs * 9)) ** 0.5, (outputs, inputs, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"w{i}"))
        nodes.append(helper.make_node("Conv", [previous, f"w{i}"], [f"conv{i}"], f"conv{i}", pads=[1] * 4, strides=[2, 2]))
        nodes.append(helper.make_node("Relu", [f"conv{i}"], [f"relu{i}"], f"relu{i}"))
        previous, inputs = f"relu{i}", outputs
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["N", 3, "H", "W"])
    result = helper.make_tensor_value_info(previous, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "tiny", [picture], [result], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7), str(path))


def main(dreamreel, page):
    untested = "the studio's page is not opened in a browser"
    if skipped := skip_without(["node", "chromium"], page, "playwright-core", untested):
        return skipped
    with tempfile.TemporaryDirectory(prefix="dreamreel-page-") as scratch:
        network = Path(scratch) / "tiny.onnx"
        write_network(network)
        variables = {"DREAMREEL": dreamreel, "PAGE": page, "NETWORK": str(network), "XDG_CACHE_HOME": scratch,
                     "DREAMREEL_LOOKS": str(Path(scratch) / "looks")}
        scripts = [str(Path(__file__).with_name(name)) for name in ("page_test.mjs", "work_test.mjs")]
        # One after the other: each has a studio and a browser of its own.
        return max(subprocess.run(["node", "--test", script], env=os.environ | variables).returncode for script in scripts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
