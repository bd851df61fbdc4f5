#!/usr/bin/python3
"""Write one of the networks that come as a TensorFlow.js graph model as an ONNX file.

usage: convert_tfjs_graph.py NAME MODEL.json OUT.onnx

NAME is the name of the network. network_recipes.py lists the networks: where each ends, and the names of its layers.
MODEL.json holds a TensorFlow GraphDef as JSON. Its weights lie in .bin files beside it, in half precision as a rule.

The ONNX file takes `input` as (N, 3, H, W) float32, scaled as its card in configs/networks says, at any size. (Where
a stride does not divide a side, some pixels at the right and the bottom are not seen.) It has the same bytes
each time. Needs only Debian's python3-onnx and python3-numpy.
"""

import base64
import json
import sys

import numpy as np
from conversion import INPUT, ConversionError, Graph, window
from network_recipes import convert_file

NCHW, NHWC, NC = "NCHW", "NHWC", "NC"  # orders of a map's axes in the file; NC has no positions


# --- the file -----------------------------------------------------------------------------------------------


def decode_weight(entry, stream, offset):
    """The array of a manifest entry, and the offset of the next one."""
    quantization = entry.get("quantization", {})
    stored = np.dtype(quantization.get("dtype", entry["dtype"]))
    count = int(np.prod(entry["shape"], dtype=np.int64))
    values = np.frombuffer(stream, stored, count, offset)
    if stored.kind == "u":
        values = values.astype(np.float64) * quantization["scale"] + quantization.get("min", 0)
    values = values.astype(entry["dtype"]).reshape(entry["shape"])
    return values, offset + count * stored.itemsize


def read_model(path):
    """Returns (nodes of the graph in the order of the file, {name: constant})."""
    model = json.loads(path.read_text())
    constants = {}
    for group in model["weightsManifest"]:
        stream, offset = b"".join((path.parent / name).read_bytes() for name in group["paths"]), 0
        for entry in group["weights"]:
            constants[entry["name"]], offset = decode_weight(entry, stream, offset)
        if offset != len(stream):
            raise ConversionError(f"expected {offset} bytes of weights, found {len(stream)}")
    return model["modelTopology"]["node"], constants


def attributes_of(node):
    """A node's attributes as plain values. In the JSON, strings are base64 and integers are strings."""
    def plain(value):
        kind, content = next(iter(value.items()))
        if kind == "s":
            return base64.b64decode(content).decode()
        if kind == "i":
            return int(content)
        if kind == "list":
            return [plain({key: entry}) for key, entries in content.items() for entry in entries]
        return content
    return {name: plain(value) for name, value in node.get("attr", {}).items() if value}


def shape_of_placeholder(node):
    return [int(side["size"]) for side in node["attr"]["shape"]["shape"]["dim"]]


# --- the graph ----------------------------------------------------------------------------------------------


class Reader:
    """Walks the nodes in order and adds a layer for each result to a Graph.

    `maps` says for each tensor of the file which layer it is and in what order its axes are.
    """

    def __init__(self, nodes, constants, recipe):
        self.constants, self.maps = constants, {}
        self.nodes = {node["name"]: node for node in nodes}
        placeholder = next(node for node in nodes if node["op"] == "Placeholder")
        shape = shape_of_placeholder(placeholder)
        layout = NCHW if shape[1] == 3 else NHWC
        size = shape[1:] if layout == NCHW else (shape[3], *shape[1:3])
        self.graph = Graph(size)
        self.maps[recipe.starts_behind or placeholder["name"]] = (INPUT, layout)
        for name in recipe.outputs:
            self._read(name)

    def _read(self, wanted):
        """Adds `wanted` and all nodes that it needs. Graphs are deeper than Python's stack, so it does not recurse."""
        pending = [wanted]
        while pending:
            name = pending[-1]
            if name in self.maps or name in self.constants:
                pending.pop()
                continue
            if name not in self.nodes:
                raise ConversionError(f"the file has no node {name}")
            node = self.nodes[name]
            missing = [source for source in node["input"] if not (source in self.maps or source in self.constants)]
            if missing:
                pending += missing
                continue
            convert = CONVERTERS.get(node["op"])
            if convert is None:
                raise ConversionError(f"{name}: unknown operator {node['op']}")
            self.maps[name] = convert(self, node, attributes_of(node))
            pending.pop()

    def map_of(self, node, index=0):
        """Returns (layer, order of axes) of an input."""
        name = node["input"][index]
        if name not in self.maps:
            raise ConversionError(f"{node['name']}: input {name} is a constant")
        return self.maps[name]

    def constant(self, node, index):
        name = node["input"][index]
        if name not in self.constants:
            raise ConversionError(f"{node['name']}: input {name} is no constant")
        return self.constants[name]


def per_channel(value):
    """A constant that maps are added to or multiplied by: one number, or one for each channel."""
    value = np.asarray(value, np.float32)
    if value.size != max(value.shape, default=1):
        raise ConversionError(f"expected one number for each channel, found an array of {value.shape}")
    return {"value": value.reshape(-1)}


def activate(reader, name, layer, kinds, attributes):
    """Adds the activation function of a fused operator."""
    slope = {"alpha": attributes.get("leakyrelu_alpha", attributes.get("alpha"))}
    known = {"Relu": ("Relu", {}), "Relu6": ("Clip", {"low": 0, "high": 6}), "Sigmoid": ("Sigmoid", {}),
             "LeakyRelu": ("LeakyRelu", slope)}
    for kind in kinds:
        if kind not in known:
            raise ConversionError(f"{name}: unknown activation function {kind}")
        op, values = known[kind]
        layer = reader.graph.add(op, name, [layer], **values)
    return layer


def convolution(reader, node, attributes):
    """Conv2D and its depthwise variant, alone or fused with a bias and an activation function."""
    layer, layout = reader.map_of(node)
    kernel = reader.constant(node, 1)
    depthwise = "Depthwise" in node["op"]
    if layout != NHWC or (depthwise and kernel.shape[3] != 1):
        raise ConversionError(f"{node['name']}: expected a map in order NHWC, and one filter for each channel")
    weight = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
    fused = attributes.get("fused_ops", [])
    arrays = {"weight": np.ascontiguousarray(weight)}
    if "BiasAdd" in fused:
        arrays["bias"] = reader.constant(node, 2)
    name, kinds = node["name"], [kind for kind in fused if kind != "BiasAdd"]
    layer = reader.graph.add("Conv", f"{name}/conv" if kinds else name, [layer], arrays,
                             group=len(weight) if depthwise else 1,
                             **window(kernel.shape[:2], attributes["strides"][1:3], attributes["padding"],
                                      attributes.get("dilations", [1, 1, 1, 1])[1:3]))
    return activate(reader, name, layer, kinds, attributes), NHWC


def dense(reader, node, attributes):
    """Converts a matrix product, which is a convolution of maps with one position."""
    layer, layout = reader.map_of(node)
    kernel, fused = reader.constant(node, 1), attributes.get("fused_ops", [])
    if layout != NC or attributes.get("transpose_a") or attributes.get("transpose_b"):
        raise ConversionError(f"{node['name']}: expected the product of a vector and a matrix")
    arrays = {"weight": np.ascontiguousarray(kernel.T)[:, :, None, None]}
    if "BiasAdd" in fused:
        arrays["bias"] = reader.constant(node, 2)
    name, kinds = node["name"], [kind for kind in fused if kind != "BiasAdd"]
    layer = reader.graph.add("Conv", f"{name}/conv" if kinds else name, [layer], arrays, group=1,
                             **window((1, 1), (1, 1), "VALID"))
    return activate(reader, name, layer, kinds, attributes), NC


def activation(reader, node, attributes):
    layer, layout = reader.map_of(node)
    return activate(reader, node["name"], layer, [node["op"]], attributes), layout


def binary(map_op, constant_op):
    """Converts an operator of two maps, or of a map and a constant."""
    def convert(reader, node, _):
        for index in (0, 1):
            if node["input"][index] in reader.constants:
                layer, layout = reader.map_of(node, 1 - index)
                value = per_channel(reader.constant(node, index))
                return reader.graph.add(constant_op, node["name"], [layer], value), layout
        (one, layout), (other, _) = reader.map_of(node, 0), reader.map_of(node, 1)
        if map_op is None:
            raise ConversionError(f"{node['name']}: expected {node['op']} with a constant")
        return reader.graph.add(map_op, node["name"], [one, other]), layout
    return convert


def transpose(reader, node, _):
    """Notes the new order of axes. Maps of a Graph always have the same order, so no layer is added."""
    layer, layout = reader.map_of(node)
    return layer, "".join(layout[axis] for axis in reader.constant(node, 1))


def concatenate(reader, node, _):
    sources = [reader.map_of(node, index) for index in range(len(node["input"]) - 1)]
    layout = sources[0][1]
    if layout[int(reader.constant(node, -1))] != "C":
        raise ConversionError(f"{node['name']}: expected a concatenation of channels")
    return reader.graph.add("Concat", node["name"], [layer for layer, _ in sources]), layout


def pad(reader, node, _):
    layer, layout = reader.map_of(node)
    pads = dict(zip(layout, reader.constant(node, 1).tolist()))
    if pads["N"] != [0, 0] or pads["C"] != [0, 0]:
        raise ConversionError(f"{node['name']}: expected padding of positions")
    value = float(reader.constant(node, 2)) if node["op"] == "PadV2" else 0
    ends = [pads["H"][0], pads["W"][0], pads["H"][1], pads["W"][1]]
    return reader.graph.add("Pad", node["name"], [layer], pads=ends, value=value), layout


def pool(reader, node, attributes):
    layer, layout = reader.map_of(node)
    kernel = attributes["ksize"][1:3]
    if node["op"] == "AvgPool":
        if tuple(kernel) != reader.graph.size(layer)[1:]:
            raise ConversionError(f"{node['name']}: expected a mean of the whole map")
        return reader.graph.add("GlobalAveragePool", node["name"], [layer]), layout
    return reader.graph.add("MaxPool", node["name"], [layer],
                            **window(kernel, attributes["strides"][1:3], attributes["padding"])), layout


def mean(reader, node, attributes):
    layer, layout = reader.map_of(node)
    if sorted(layout[axis] for axis in reader.constant(node, 1)) != ["H", "W"]:
        raise ConversionError(f"{node['name']}: expected a mean over all positions")
    keeps = attributes.get("keep_dims", False)
    return reader.graph.add("GlobalAveragePool", node["name"], [layer]), layout if keeps else NC


def reshape(reader, node, _):
    """Converts between a map with one position and a vector."""
    layer, _ = reader.map_of(node)
    shape = reader.constant(node, 1).tolist()
    if reader.graph.size(layer)[1:] != (1, 1) or shape[-1] != reader.graph.size(layer)[0]:
        raise ConversionError(f"{node['name']}: expected a reshape of a map with one position")
    return layer, NC if len(shape) == 2 else NHWC


def resize(reader, node, attributes):
    layer, layout = reader.map_of(node)
    if attributes.get("align_corners") or layout != NHWC:
        raise ConversionError(f"{node['name']}: expected a map in order NHWC whose corners are not aligned")
    coordinates = "half_pixel" if attributes.get("half_pixel_centers") else "asymmetric"
    size = (reader.graph.size(layer)[0], *reader.constant(node, 1).tolist())
    return reader.graph.add("Resize", node["name"], [layer], size=size,
                            coordinate_transformation_mode=coordinates), layout


def transposed_convolution(reader, node, attributes):
    """Accepts only 2x2 cells that do not overlap. The result is the mean of each cell, so it has half the size."""
    layer, layout = reader.map_of(node, 2)
    kernel = reader.constant(node, 1)
    if layout != NHWC or kernel.shape[:2] != (2, 2) or attributes["strides"] != [1, 2, 2, 1]:
        raise ConversionError(f"{node['name']}: expected cells of 2x2 that do not overlap")
    weight = kernel.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)[:, :, None, None]
    return reader.graph.add("Conv", node["name"], [layer], {"weight": weight}, group=1,
                            **window((1, 1), (1, 1), "VALID")), layout


def same(reader, node, _):
    return reader.map_of(node)


CONVERTERS = {
    **dict.fromkeys(("Conv2D", "_FusedConv2D"), convolution),
    **dict.fromkeys(("DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"), convolution),
    **dict.fromkeys(("MatMul", "_FusedMatMul"), dense),
    **dict.fromkeys(("Relu", "Relu6", "LeakyRelu", "Sigmoid"), activation),
    **dict.fromkeys(("Add", "AddV2", "AddN", "BiasAdd"), binary("Add", "shift")),
    "Mul": binary("Mul", "scale"),
    "Minimum": binary(None, "min"),
    "Maximum": binary(None, "max"),
    "Transpose": transpose,
    "ConcatV2": concatenate,
    **dict.fromkeys(("Pad", "PadV2"), pad),
    **dict.fromkeys(("MaxPool", "AvgPool"), pool),
    "Mean": mean,
    "Reshape": reshape,
    "ResizeBilinear": resize,
    "Conv2DBackpropInput": transposed_convolution,
    "Identity": same,
}


def read_graph(path, recipe):
    """The Graph of a file, and the layers of the recipe's outputs."""
    reader = Reader(*read_model(path), recipe)
    return reader.graph, [reader.maps[name][0] for name in recipe.outputs]


if __name__ == "__main__":
    sys.exit(convert_file(__doc__, read_graph, "tfjs", sys.argv))
