"""The small network that the tests of the pages dream with."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_network(path, widths, prefix=""):
    """Writes two convolutions with an activation each, PREFIXrelu0 and PREFIXrelu1; `widths` are their channels."""
    numbers = np.random.default_rng(7)
    nodes, weights = [], []
    previous, inputs = "picture", 3
    for i, outputs in enumerate(widths):
        kernel = numbers.normal(0, (2 / (inputs * 9)) ** 0.5, (outputs, inputs, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"w{i}"))
        nodes.append(helper.make_node("Conv", [previous, f"w{i}"], [f"conv{i}"], f"conv{i}", pads=[1] * 4, strides=[2, 2]))
        nodes.append(helper.make_node("Relu", [f"conv{i}"], [f"{prefix}relu{i}"], f"{prefix}relu{i}"))
        previous, inputs = f"{prefix}relu{i}", outputs
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["N", 3, "H", "W"])
    result = helper.make_tensor_value_info(previous, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "tiny", [picture], [result], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7), str(path))
