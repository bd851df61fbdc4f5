"""Tests scripts/convert_tflite.py on a small file with every kind of layer in the real files.

usage: convert_tflite_test.py LAYER_MAPS
"""

import contextlib
import io
import shutil
import struct
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import convert_tflite  # noqa: E402
import network_recipes  # noqa: E402
from layer_maps import largest_error, layer_maps  # noqa: E402
from original_network import evaluate_tflite  # noqa: E402

LAYER_MAPS = sys.argv.pop()
EX_DATAERR = 65
FLOAT32 = 1e-5  # rounding of float32 over a few layers
SIZE = 32
CONV_2D, DEPTHWISE, ADD, DEQUANTIZE, RESHAPE = 3, 4, 0, 6, 22
RELU, RELU6, TANH = 1, 3, 4


def flatbuffer(root):
    """A table as a FlatBuffer. A table is {number: value}; a value is a (format, number), text, array, table
    or list of tables.
    """
    data = bytearray(8)

    def place(value):
        while len(data) % 4:
            data.append(0)
        if isinstance(value, dict):
            return place_table(value)
        start = len(data)
        if isinstance(value, list):
            data.extend(struct.pack("<I", len(value)) + bytes(4 * len(value)))
            for index, entry in enumerate(value):
                point(start + 4 + 4 * index, place(entry))
            return start
        value = np.frombuffer(value.encode(), np.uint8) if isinstance(value, str) else value
        data.extend(struct.pack("<I", len(value)) + value.tobytes())
        return start

    def point(at, target):
        struct.pack_into("<I", data, at, target - at)

    def place_table(fields):
        count = max(fields, default=-1) + 1
        offsets = {number: 4 + 4 * index for index, number in enumerate(fields)}
        entries = struct.pack(f"<HH{count}H", 4 + 2 * count, 4 + 4 * len(fields),
                              *(offsets.get(number, 0) for number in range(count)))
        start = len(data)
        data.extend(entries + bytes(-len(entries) % 4))
        table = len(data)
        data.extend(struct.pack("<i", table - start) + bytes(4 * len(fields)))
        for number, value in fields.items():
            at = table + offsets[number]
            if isinstance(value, tuple):
                struct.pack_into("<" + value[0], data, at, value[1])
            else:
                point(at, place(value))
        return table

    struct.pack_into("<I", data, 0, place(root))
    data[4:8] = b"TFL3"
    return bytes(data)


class File:
    """Builds a TensorFlow Lite file, with weights in half precision behind DEQUANTIZE."""

    def __init__(self):
        self.random = np.random.default_rng(5)
        self.tensors, self.buffers, self.operators = [], [{}], []
        self.codes = [CONV_2D, DEPTHWISE, ADD, DEQUANTIZE, RESHAPE]
        self.picture = self.tensor("picture", [1, SIZE, SIZE, 3])

    def tensor(self, name, shape, data=None):
        if data is not None:
            self.buffers.append({0: np.frombuffer(data.astype(np.float16).tobytes(), np.uint8)})
        self.tensors.append({0: np.array(shape, np.int32), 1: ("b", 1 if data is not None else 0),
                             2: ("I", len(self.buffers) - 1 if data is not None else 0), 3: name})
        return len(self.tensors) - 1

    def operator(self, code, inputs, output, options):
        self.operators.append({0: ("I", self.codes.index(code)), 1: np.array(inputs, np.int32),
                               2: np.array([output], np.int32), 4: options})
        return output

    def constant(self, name, *shape):
        values = self.random.normal(size=shape) / np.sqrt(max(np.prod(shape[1:]), 1))
        stored = self.tensor(name, shape, values)
        return self.operator(DEQUANTIZE, [stored], self.tensor(f"{name}_dequantize", shape), {})

    def convolve(self, name, source, kernel, stride=1, function=0, depthwise=False, multiplier=1):
        weight, bias = self.constant(f"{name}/k", *kernel), self.constant(f"{name}/b", kernel[3 if depthwise else 0])
        options = {0: ("b", 0), 1: ("i", stride), 2: ("i", stride)}
        options |= {3: ("i", multiplier), 4: ("b", function)} if depthwise else {3: ("b", function)}
        output = self.tensor(f"{name};joined/with/others", [1, 1, 1, 1])
        return self.operator(DEPTHWISE if depthwise else CONV_2D, [source, weight, bias], output, options)

    def add(self, name, one, other, function=0):
        return self.operator(ADD, [one, other], self.tensor(name, [1, 1, 1, 1]), {0: ("b", function)})

    def write(self, path, before=b""):
        graph = {0: self.tensors, 1: np.array([self.picture], np.int32), 2: np.array([], np.int32), 3: self.operators}
        # The first operator's code is in the older field, the codes of the others are in the newer field.
        codes = [{0: ("b", code)} if code == CONV_2D else {3: ("i", code)} for code in self.codes]
        path.write_bytes(before + flatbuffer({0: ("I", 3), 1: codes, 2: [graph], 4: self.buffers}))


def mobile_file(function=RELU6):
    file = File()
    stem = file.convolve("stem", file.picture, (8, 3, 3, 3), stride=2, function=function)
    depthwise = file.convolve("dw", stem, (1, 5, 5, 8), stride=2, function=RELU6, depthwise=True)
    first = file.convolve("first", depthwise, (6, 1, 1, 8))
    second = file.convolve("second", first, (6, 3, 3, 6))
    total = file.add("sum", first, second, RELU)
    head = file.convolve("head", total, (12, 1, 1, 6))
    file.operator(RESHAPE, [head, head], file.tensor("boxes", [1, 1]), {})
    return file


RULES = [(r"(\w+(/conv|/sum)?)", r"\1")]


class ConvertTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dreamreel-convert-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(network_recipes.RECIPES.pop, "tiny", None)
        self.path, self.out = self.folder / "tiny.tflite", self.folder / "tiny.onnx"
        self.picture = np.random.default_rng(3).uniform(-1, 1, size=(SIZE, SIZE, 3))

    def convert(self, file, outputs=("head",), before=b"", **recipe):
        file.write(self.path, before)
        network_recipes.RECIPES["tiny"] = network_recipes.Recipe("tflite", "A test.", list(outputs), RULES, **recipe)
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = network_recipes.convert_file("usage", convert_tflite.read_graph, "tflite",
                                                ["convert.py", "tiny", str(self.path), str(self.out)])
        return code, errors.getvalue()

    def converted(self, *arguments, **options):
        code, errors = self.convert(*arguments, **options)
        self.assertEqual(code, 0, errors)
        model = onnx.load(str(self.out))
        onnx.checker.check_model(model, full_check=True)
        return model.graph

    def refused(self, words, *arguments, **options):
        code, errors = self.convert(*arguments, **options)
        self.assertEqual(code, EX_DATAERR, errors)
        self.assertIn(words, errors)
        self.assertFalse(self.out.exists())

    def test_layers_are_as_tensorflow_defines_them(self):
        self.converted(mobile_file())
        layers = ["stem", "dw", "first", "sum", "head"]
        model = convert_tflite.Model(self.path.read_bytes())
        found = layer_maps(LAYER_MAPS, self.out, self.picture, layers)
        for layer, one, other in zip(layers, found, evaluate_tflite(model, self.picture[None], layers)):
            self.assertLess(largest_error(one, other[0].transpose(2, 0, 1)), FLOAT32, layer)

    def test_weights_are_those_of_the_file(self):
        file = mobile_file()
        stored = np.frombuffer(file.buffers[1][0].tobytes(), np.float16).reshape(8, 3, 3, 3)
        graph = self.converted(file)
        values = {entry.name: onnx.numpy_helper.to_array(entry) for entry in graph.initializer}
        np.testing.assert_array_equal(values["stem/conv/weight"], stored.transpose(0, 3, 1, 2).astype(np.float32))

    def test_names_and_operators(self):
        graph = self.converted(mobile_file())
        self.assertEqual([node.name for node in graph.node],
                         ["stem/conv", "stem", "dw/conv", "dw", "first", "second", "sum/conv", "sum", "head"])
        self.assertEqual([node.op_type for node in graph.node],
                         ["Conv", "Clip", "Conv", "Clip", "Conv", "Conv", "Add", "Relu", "Conv"])

    def test_a_bundle_with_the_file_at_its_end(self):
        self.converted(mobile_file())
        alone = self.out.read_bytes()
        self.converted(mobile_file(), before=b"labels\nof\nsome kind\n")
        self.assertEqual(self.out.read_bytes(), alone)

    def test_several_ratings_of_a_class_are_averaged(self):
        self.converted(mobile_file())
        (everything,) = layer_maps(LAYER_MAPS, self.out, self.picture, ["head"])
        self.converted(mobile_file(), average={"head": 4})
        (mean,) = layer_maps(LAYER_MAPS, self.out, self.picture, ["head"])
        np.testing.assert_allclose(mean, everything.reshape(3, 4, 8, 8).mean(axis=0), atol=1e-5)

    def test_what_it_does_not_know_is_refused(self):
        self.refused("unknown activation function 4", mobile_file(TANH))
        self.refused("has no layer boxes", mobile_file(), ["boxes"])
        self.refused("expected one TensorFlow Lite file", mobile_file(), before=b"xxxxTFL3")
        file = File()
        file.convolve("head", file.picture, (1, 3, 3, 6), depthwise=True, multiplier=2)
        self.refused("one filter for each channel", file)


if __name__ == "__main__":
    unittest.main()
