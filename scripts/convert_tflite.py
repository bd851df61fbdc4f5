#!/usr/bin/python3
"""Write one of the networks that come as a TensorFlow Lite file as an ONNX file.

usage: convert_tflite.py NAME FILE OUT.onnx

NAME is the name of the network. network_recipes.py lists the networks: where each ends, and the names of its layers.
FILE is a .tflite file, or a bundle of files that ends with one, as in MediaPipe's packages. The weights may be in half
precision, behind DEQUANTIZE operators.

The ONNX file takes `input` as (N, 3, H, W) float32, scaled as its card in configs/networks says, at any size. (Where
a stride does not divide a side, some pixels at the right and the bottom are not seen.) It has the same bytes
each time. Needs only Debian's python3-onnx and python3-numpy.
"""

import struct
import sys

import numpy as np
from conversion import INPUT, ConversionError, Graph, window
from network_recipes import convert_file

MAGIC = b"TFL3"  # begins 4 bytes after the beginning of the file

# Numbers from TensorFlow Lite's schema.fbs.
TENSOR_TYPES = {0: np.float32, 1: np.float16, 2: np.int32}
ADD, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE = 0, 3, 4, 6
PADDINGS = ("SAME", "VALID")
ACTIVATIONS = {0: None, 1: ("Relu", {}), 3: ("Relu6", {"low": 0, "high": 6})}


class Table:
    """A table of a FlatBuffer. The schema numbers the fields, and any field may be missing."""

    def __init__(self, data, position):
        self.data, self.position = data, position
        self.entries = position - self._read("<i", position)
        self.entries_size = self._read("<H", self.entries)

    def _read(self, kind, position):
        return struct.unpack_from(kind, self.data, position)[0]

    def _place(self, number):
        """The position of a field; None if it is missing."""
        entry = 4 + 2 * number
        offset = self._read("<H", self.entries + entry) if entry < self.entries_size else 0
        return self.position + offset if offset else None

    def _target(self, number):
        place = self._place(number)
        return None if place is None else place + self._read("<I", place)

    def number(self, number, kind, default=0):
        place = self._place(number)
        return default if place is None else self._read("<" + kind, place)

    def table(self, number):
        target = self._target(number)
        return None if target is None else Table(self.data, target)

    def array(self, number, dtype):
        target = self._target(number)
        count = 0 if target is None else self._read("<I", target)
        return np.frombuffer(self.data, dtype, count, 0 if target is None else target + 4)

    def text(self, number):
        return self.array(number, np.uint8).tobytes().decode()

    def tables(self, number):
        target = self._target(number)
        places = [] if target is None else [target + 4 + 4 * i for i in range(self._read("<I", target))]
        return [Table(self.data, place + self._read("<I", place)) for place in places]


class Model:
    """A .tflite file with one graph."""

    def __init__(self, data):
        found = data.find(MAGIC)
        if found < 4 or data.find(MAGIC, found + 4) >= 0:
            raise ConversionError("expected one TensorFlow Lite file")
        data = data[found - 4:]
        root = Table(data, struct.unpack_from("<I", data)[0])
        # An operator's code has two fields. The newer one holds codes that are too large for the older one.
        self.codes = [max(code.number(0, "b"), code.number(3, "i")) for code in root.tables(1)]
        (self.graph,) = root.tables(2)
        self.tensors, self.buffers = self.graph.tables(0), root.tables(4)
        self.operators = self.graph.tables(3)

    def name(self, tensor):
        """The first name; the file joins several names with semicolons."""
        return self.tensors[tensor].text(3).split(";")[0]

    def shape(self, tensor):
        return self.tensors[tensor].array(0, np.int32).tolist()

    def constant(self, tensor):
        """The values of a tensor that the file stores; None for a tensor that is computed."""
        entry = self.tensors[tensor]
        data = self.buffers[entry.number(2, "I")].array(0, np.uint8)
        kind = entry.number(1, "b")
        if data.size == 0:
            return None
        if kind not in TENSOR_TYPES:
            raise ConversionError(f"{self.name(tensor)}: unknown type {kind}")
        return np.frombuffer(data.tobytes(), TENSOR_TYPES[kind]).reshape(self.shape(tensor))


class Reader:
    """Walks the operators in order and adds a layer for each result to a Graph."""

    def __init__(self, model):
        self.model, self.constants, self.layers = model, {}, {}
        (picture,) = model.graph.array(1, np.int32)
        _, height, width, channels = model.shape(picture)
        self.graph = Graph((channels, height, width))
        self.layers[picture] = INPUT
        for operator in model.operators:
            self._add(operator)

    def _add(self, operator):
        code = self.model.codes[operator.number(0, "I")]
        inputs, (output,) = operator.array(1, np.int32), operator.array(2, np.int32)
        if code == DEQUANTIZE and (values := self.model.constant(inputs[0])) is not None:
            self.constants[output] = values.astype(np.float32)
        elif code in (CONV_2D, DEPTHWISE_CONV_2D):
            self._convolve(inputs, output, operator.table(4), code == DEPTHWISE_CONV_2D)
        elif code == ADD and all(tensor in self.layers for tensor in inputs):
            sources = [self.layers[tensor] for tensor in inputs]
            self._finish(output, "Add", sources, {}, operator.table(4).number(0, "b"), {})
        # Other operators are left out. If an output of the recipe needs one, the output is not found later.

    def _constant(self, tensor):
        values = self.constants.get(tensor)
        values = self.model.constant(tensor) if values is None else values
        if values is None:
            raise ConversionError(f"{self.model.name(tensor)}: expected a constant")
        return np.asarray(values, np.float32)

    def _convolve(self, inputs, output, options, depthwise):
        if inputs[0] not in self.layers:
            return
        if depthwise and options.number(3, "i") != 1:
            raise ConversionError(f"{self.model.name(output)}: expected one filter for each channel")
        kernel = self._constant(inputs[1])  # out, height, width, in; depthwise: 1, height, width, channels
        weight = np.ascontiguousarray(kernel.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)))
        activation, dilations = (4, (6, 5)) if depthwise else (3, (5, 4))
        strides = [options.number(field, "i") for field in (2, 1)]
        attributes = window(kernel.shape[1:3], strides, PADDINGS[options.number(0, "b")],
                            [options.number(field, "i", 1) for field in dilations])
        attributes["group"] = len(weight) if depthwise else 1
        self._finish(output, "Conv", [self.layers[inputs[0]]], {"weight": weight, "bias": self._constant(inputs[2])},
                     options.number(activation, "b"), attributes)

    def _finish(self, output, op, sources, arrays, activation, attributes):
        """Adds an operator, and the activation function that is fused with it."""
        name = self.model.name(output)
        if activation not in ACTIVATIONS:
            raise ConversionError(f"{name}: unknown activation function {activation}")
        behind = ACTIVATIONS[activation]
        layer = self.graph.add(op, f"{name}/conv" if behind else name, sources, arrays, **attributes)
        if behind:
            layer = self.graph.add("Relu" if behind[0] == "Relu" else "Clip", name, [layer], **behind[1])
        self.layers[output] = layer


def read_graph(path, recipe):
    """The Graph of a file, and the layers of the recipe's outputs."""
    graph = Reader(Model(path.read_bytes())).graph
    return graph, recipe.outputs


if __name__ == "__main__":
    sys.exit(convert_file(__doc__, read_graph, "tflite", sys.argv))
