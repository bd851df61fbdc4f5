"""Evaluates networks from their original files, operator by operator, as TensorFlow defines them.

Converted networks are compared with the results. So only the reading of TensorFlow Lite's tables is shared with
the converters. Maps are (height, width, channels) or in the file's own order, in float64.
"""

import base64
import json
import math

import numpy as np


def same_padding(size, kernel, stride):
    """TensorFlow's SAME padding: one window for each stride. The padding is shared between both ends; an odd
    one goes to the end.
    """
    missing = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return missing // 2, missing - missing // 2


def windows(x, kernel, strides, padding, border=0.0):
    """(rows, columns, kernel height, kernel width, channels) of a map (height, width, channels)."""
    if padding == "SAME":
        pads = [same_padding(size, k, s) for size, k, s in zip(x.shape, kernel, strides)]
        x = np.pad(x, [*pads, (0, 0)], constant_values=border)
    views = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(0, 1))
    return views[::strides[0], ::strides[1]].transpose(0, 1, 3, 4, 2)


def convolution(x, kernel, strides, padding):
    """`kernel`: height, width, input channels, output channels."""
    return np.tensordot(windows(x, kernel.shape[:2], strides, padding), kernel, axes=3)


def depthwise(x, kernel, strides, padding):
    """`kernel`: height, width, channels."""
    return np.einsum("ijklc,klc->ijc", windows(x, kernel.shape[:2], strides, padding), kernel)


def bilinear(x, size, half_pixel):
    for axis, length in enumerate(size):
        scale = x.shape[axis] / length
        at = (np.arange(length) + 0.5) * scale - 0.5 if half_pixel else np.arange(length) * scale
        at = np.clip(at, 0, x.shape[axis] - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, x.shape[axis] - 1)
        part = (at - low).reshape([-1 if i == axis else 1 for i in range(3)])
        x = np.take(x, low, axis) * (1 - part) + np.take(x, high, axis) * part
    return x


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


RELU6 = lambda x: np.clip(x, 0, 6)


# --- TensorFlow.js graph models -----------------------------------------------------------------------------


def read_tfjs(path):
    """({name: node}, {name: constant})."""
    model = json.loads(path.read_text())
    (group,) = model["weightsManifest"]
    data = b"".join((path.parent / shard).read_bytes() for shard in group["paths"])
    constants = {}
    for weight in group["weights"]:
        kind = np.dtype(weight.get("quantization", {}).get("dtype", weight["dtype"]))
        size = math.prod(weight["shape"]) * kind.itemsize
        value, data = np.frombuffer(data[:size], kind), data[size:]
        value = value.astype(np.float64 if kind.kind == "f" else int)
        constants[weight["name"]] = value.reshape(weight["shape"])
    assert not data
    return {node["name"]: node for node in model["modelTopology"]["node"]}, constants


def attribute(node, key, kind, default=None):
    value = node.get("attr", {}).get(key, {})
    if kind == "strings":
        return [base64.b64decode(entry).decode() for entry in value.get("list", {}).get("s", [])]
    if kind == "ints":
        return [int(entry) for entry in value["list"]["i"]]
    if kind == "string":
        return base64.b64decode(value["s"]).decode()
    return value.get(kind, default)


def activated(x, node, kinds):
    for kind in kinds:
        x = {"Relu": lambda v: np.maximum(v, 0), "Relu6": RELU6}[kind](x)
    return x


def run_node(node, inputs):
    """One operator of a TFJS graph; maps have a first axis of length 1."""
    op, (x, *rest) = node["op"], inputs
    if op in ("Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"):
        strides, padding = attribute(node, "strides", "ints")[1:3], attribute(node, "padding", "string")
        fused = attribute(node, "fused_ops", "strings")
        y = depthwise(x[0], rest[0][..., 0], strides, padding) if "Depthwise" in op else \
            convolution(x[0], rest[0], strides, padding)
        if "BiasAdd" in fused:
            y = y + rest[1]
        return activated(y, node, fused[1:])[None]
    if op in ("MatMul", "_FusedMatMul"):
        fused = attribute(node, "fused_ops", "strings")
        return activated(x @ rest[0] + (rest[1] if "BiasAdd" in fused else 0), node, fused[1:])
    if op == "ResizeBilinear":
        return bilinear(x[0], rest[0], attribute(node, "half_pixel_centers", "b", False))[None]
    if op in ("MaxPool", "AvgPool"):
        kernel, strides = (attribute(node, key, "ints")[1:3] for key in ("ksize", "strides"))
        found = windows(x[0], kernel, strides, attribute(node, "padding", "string"), -np.inf)
        return (found.max if op == "MaxPool" else found.mean)(axis=(2, 3))[None]
    if op == "Mean":
        return x.mean(axis=tuple(rest[0]), keepdims=bool(attribute(node, "keep_dims", "b", False)))
    if op == "Conv2DBackpropInput":  # x: the size, rest: kernel and map
        kernel, small = rest
        cells = np.einsum("hwc,abkc->hawbk", small[0], kernel)
        return cells.reshape(1, *(2 * side for side in small.shape[1:3]), -1)
    if op in ("Pad", "PadV2"):
        return np.pad(x, rest[0], constant_values=float(rest[1]) if rest[1:] else 0.0)
    plain = {"Add": lambda: x + rest[0], "AddV2": lambda: x + rest[0], "AddN": lambda: x + rest[0],
             "BiasAdd": lambda: x + rest[0], "Sub": lambda: x - rest[0], "Mul": lambda: x * rest[0],
             "Minimum": lambda: np.minimum(x, rest[0]), "Maximum": lambda: np.maximum(x, rest[0]),
             "Relu": lambda: np.maximum(x, 0), "Relu6": lambda: RELU6(x), "Sigmoid": lambda: sigmoid(x),
             "LeakyRelu": lambda: np.where(x > 0, x, x * attribute(node, "alpha", "f")),
             "Transpose": lambda: x.transpose(rest[0]), "Reshape": lambda: x.reshape(rest[0]),
             "ConcatV2": lambda: np.concatenate([x, *rest[:-1]], axis=int(rest[-1])),
             "Identity": lambda: x, "Cast": lambda: x, "ExpandDims": lambda: np.expand_dims(x, int(rest[0])),
             "Squeeze": lambda: np.squeeze(x, 0), "Unpack": lambda: x[0]}
    return plain[op]()


def evaluate_tfjs(path, picture, wanted):
    """The tensors called `wanted`, for a picture (1, ...) in the file's own format."""
    nodes, values = read_tfjs(path)
    for node in nodes.values():
        if node["op"] == "Placeholder":
            values[node["name"]] = picture
    pending = list(wanted)
    while pending:
        name = pending[-1]
        inputs = [] if name in values else nodes[name].get("input", [])
        missing = [entry for entry in inputs if entry not in values]
        pending += missing
        if not missing:
            pending.pop()
            if name not in values:
                values[name] = run_node(nodes[name], [values[entry] for entry in nodes[name]["input"]])
    return [values[name] for name in wanted]


# --- TensorFlow Lite ----------------------------------------------------------------------------------------


def evaluate_tflite(model, picture, wanted):
    """The tensors called `wanted`, for a picture (1, ...). `model` is a convert_tflite.Model."""
    values, found = {int(model.graph.array(1, np.int32)[0]): picture}, {}
    for index in range(len(model.tensors)):
        constant = model.constant(index)
        if constant is not None:
            values[index] = constant.astype(np.float64)
    for operator in model.operators:
        code, options = model.codes[operator.number(0, "I")], operator.table(4)
        inputs = [values.get(index) for index in operator.array(1, np.int32)]
        (output,) = operator.array(2, np.int32).tolist()
        if code in (2, 22):  # operators that put boxes together
            continue
        if code == 6:
            y, function = inputs[0], 0
        elif code == 0:
            y, function = inputs[0] + inputs[1], options.number(0, "b")
        else:
            assert code in (3, 4)
            padding = ("SAME", "VALID")[options.number(0, "b")]
            strides = (options.number(2, "i"), options.number(1, "i"))
            if code == 3:
                y = convolution(inputs[0][0], inputs[1].transpose(1, 2, 3, 0), strides, padding)
            else:
                y = depthwise(inputs[0][0], inputs[1][0], strides, padding)
            y, function = (y + inputs[2])[None], options.number(3 if code == 3 else 4, "b")
        values[output] = {0: lambda v: v, 1: lambda v: np.maximum(v, 0), 3: RELU6}[function](y)
        if code != 6:  # constants have the names of the maps that they make
            found[model.tensors[output].text(3).split(";")[0]] = values[output]
    return [found[name] for name in wanted]
