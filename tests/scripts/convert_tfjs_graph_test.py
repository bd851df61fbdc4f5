"""Tests scripts/convert_tfjs_graph.py on a small file with every kind of layer in the real files.

usage: convert_tfjs_graph_test.py LAYER_MAPS
"""

import base64
import contextlib
import io
import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import convert_tfjs_graph  # noqa: E402
import network_recipes  # noqa: E402
from layer_maps import largest_error, layer_maps  # noqa: E402
from original_network import evaluate_tfjs  # noqa: E402

LAYER_MAPS = sys.argv.pop()
EX_USAGE, EX_DATAERR, EX_IOERR = 64, 65, 74
FLOAT32 = 1e-5  # rounding of float32 over a dozen layers
SIXTH = 2e-3  # the file has 0.16663 for 1/6 in half precision: 2.4e-4 in each hard swish
SIZE = 32


def text(value):
    return {"s": base64.b64encode(value.encode()).decode()}


class File:
    """Builds a TensorFlow.js graph model, in half precision like the real ones."""

    def __init__(self, order="NHWC"):
        self.random = np.random.default_rng(5)
        self.weights, self.data = [], b""
        shape = [1, SIZE, SIZE, 3] if order == "NHWC" else [1, 3, SIZE, SIZE]
        dims = [{"size": str(side)} for side in shape]
        self.nodes = [{"name": "picture", "op": "Placeholder", "attr": {"shape": {"shape": {"dim": dims}}}}]

    def constant(self, name, value):
        value = np.asarray(value)
        entry = {"name": name, "shape": list(value.shape), "dtype": "int32" if value.dtype.kind == "i" else "float32"}
        if value.dtype.kind == "f":
            entry["quantization"] = {"dtype": "float16"}
        self.data += value.astype(np.int32 if value.dtype.kind == "i" else np.float16).tobytes()
        self.weights.append(entry)
        return name

    def kernel(self, name, *shape):
        return self.constant(name, self.random.normal(size=shape) / np.sqrt(np.prod(shape[:-1])))

    def vector(self, name, size, low=-1.0, high=1.0):
        return self.constant(name, self.random.uniform(low, high, size))

    def node(self, name, op, *inputs, fused=(), **attributes):
        attr = {"fused_ops": {"list": {"s": [text(entry)["s"] for entry in fused]}}} if fused else {}
        for key, value in attributes.items():
            if isinstance(value, bool):
                attr[key] = {"b": value}
            elif isinstance(value, str):
                attr[key] = text(value)
            elif isinstance(value, float):
                attr[key] = {"f": value}
            else:
                attr[key] = {"list": {"i": [str(entry) for entry in value]}}
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attr})
        return name

    def convolve(self, name, source, kernel, *more, stride=1, op="_FusedConv2D", padding="SAME", **attributes):
        return self.node(name, op, source, kernel, *more, strides=[1, stride, stride, 1], padding=padding, **attributes)

    def hard_swish(self, name, source):
        """TensorFlow's form: x * 1/6 times clip(x + 3, 0, 6)."""
        self.node(f"{name}/mul", "Mul", self.constant(f"{name}/sixth", 0.16662598), source)
        self.node(f"{name}/add", "AddV2", source, self.constant(f"{name}/three", 3.0))
        self.node(f"{name}/Relu6", "Relu6", f"{name}/add")
        return self.node(name, "Mul", f"{name}/mul", f"{name}/Relu6")

    def write(self, path):
        model = {"format": "graph-model", "modelTopology": {"node": self.nodes},
                 "weightsManifest": [{"paths": ["tiny.bin"], "weights": self.weights}]}
        path.write_text(json.dumps(model))
        path.with_name("tiny.bin").write_bytes(self.data)


def mobile_file():
    """Depthwise blocks, scalings, clips, hard swish, squeeze and excite, and an upsampled map joined with an
    earlier one.
    """
    file = File()
    file.convolve("stem", "picture", file.kernel("k0", 3, 3, 3, 8), file.vector("b0", 8), stride=2,
                  fused=("BiasAdd", "Relu6"))
    file.convolve("dw", "stem", file.kernel("k1", 5, 5, 8, 1), op="DepthwiseConv2dNative")
    file.node("dw/mul", "Mul", "dw", file.vector("scale", 8, 0.5, 2.0))
    file.node("dw/add", "Add", "dw/mul", file.vector("shift", 8))
    file.node("dw/Relu", "Relu", "dw/add")
    file.node("dw/min", "Minimum", "dw/Relu", file.constant("six", 6.0))
    file.node("dw/clip", "Maximum", "dw/min", file.constant("zero", 0.0))
    file.convolve("wide", "dw/clip", file.kernel("k2", 3, 3, 8, 12), file.vector("b2", 12), stride=2,
                  fused=("BiasAdd",))
    file.hard_swish("swish", "wide")
    file.node("squeeze", "Mean", "swish", file.constant("axes", np.array([1, 2])), keep_dims=True)
    file.convolve("reduce", "squeeze", file.kernel("k3", 1, 1, 12, 4), file.vector("b3", 4), fused=("BiasAdd", "Relu"))
    file.convolve("gate", "reduce", file.kernel("k4", 1, 1, 4, 12), file.vector("b4", 12), fused=("BiasAdd",))
    file.node("gate/add", "Add", "gate", file.constant("three", 3.0))
    file.node("gate/Relu6", "Relu6", "gate/add")
    file.node("gate/mul", "Mul", file.constant("sixth", 0.16662598), "gate/Relu6")
    file.node("excited", "Mul", "swish", "gate/mul")
    file.convolve("project", "excited", file.kernel("k5", 1, 1, 12, 12), op="Conv2D")
    file.node("sum", "AddN", "project", "swish")
    file.node("sum/biased", "AddV2", file.vector("b5", 12), "sum")
    file.node("up", "ResizeBilinear", "sum/biased", file.constant("size", np.array([SIZE // 2, SIZE // 2])),
              half_pixel_centers=True, align_corners=False)
    file.convolve("lateral", "dw/clip", file.kernel("k6", 1, 1, 8, 6), file.vector("b6", 6), fused=("BiasAdd",))
    file.node("joined", "ConcatV2", "up", "lateral", file.constant("axis", np.array(3)))
    file.convolve("head", "joined", file.kernel("k7", 1, 1, 18, 10), file.vector("b7", 10), fused=("BiasAdd",))
    return file


MOBILE_RULES = [(r"(stem|reduce)(/conv)?", r"\1\2"), (r"dw/add", "dw/conv"), (r"dw/clip", "dw"),
                (r"wide", "swish/conv"), (r"gate", "gate/conv"), (r"gate/mul", "gate"), (r"sum/biased", "sum"),
                (r"head", "classes"), (r"(\w+)", r"\1")]


def transposed_file():
    """A graph converted from ONNX: maps in the order NCHW, transposed for each window, with separate padding."""
    file = File("NCHW")
    to_last, to_first = file.constant("last", np.array([0, 2, 3, 1])), file.constant("first", np.array([0, 3, 1, 2]))
    ring = file.constant("ring", np.array([[0, 0], [0, 0], [1, 1], [1, 1]]))
    file.node("pad", "Pad", "picture", ring)
    file.node("t1", "Transpose", "pad", to_last)
    file.convolve("c1", "t1", file.kernel("k1", 3, 3, 3, 6), op="Conv2D", stride=2, padding="VALID")
    file.node("a1", "Add", "c1", file.vector("b1", 6))
    file.node("t2", "Transpose", "a1", to_first)
    file.node("leaky", "LeakyRelu", "t2", alpha=0.1)
    file.node("pad2", "PadV2", "leaky", ring, file.constant("least", np.float16(-np.inf)))
    file.node("t3", "Transpose", "pad2", to_last)
    file.node("pool", "MaxPool", "t3", ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], padding="VALID")
    file.node("t4", "Transpose", "pool", to_first)
    file.node("joined", "ConcatV2", "t4", "t4", file.constant("axis", np.array(1)))
    return file


class ConvertTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dreamreel-convert-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(network_recipes.RECIPES.pop, "tiny", None)
        self.path, self.out = self.folder / "tiny.json", self.folder / "tiny.onnx"
        self.picture = np.random.default_rng(3).uniform(size=(SIZE, SIZE, 3))

    def convert(self, file, outputs, rules, **recipe):
        file.write(self.path)
        network_recipes.RECIPES["tiny"] = network_recipes.Recipe("tfjs", "A test.", outputs, rules, **recipe)
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = network_recipes.convert_file("usage", convert_tfjs_graph.read_graph, "tfjs",
                                                ["convert.py", "tiny", str(self.path), str(self.out)])
        return code, errors.getvalue()

    def converted(self, file, outputs, rules, **recipe):
        code, errors = self.convert(file, outputs, rules, **recipe)
        self.assertEqual(code, 0, errors)
        model = onnx.load(str(self.out))
        onnx.checker.check_model(model, full_check=True)
        return model.graph

    def refused(self, words, file, outputs, rules, **recipe):
        code, errors = self.convert(file, outputs, rules, **recipe)
        self.assertEqual(code, EX_DATAERR, errors)
        self.assertIn(words, errors)
        self.assertFalse(self.out.exists())

    def assert_same_as_the_original(self, layers, tolerance, nchw=False):
        feed = self.picture[None].transpose(0, 3, 1, 2) if nchw else self.picture[None]
        expected = evaluate_tfjs(self.path, feed, list(layers.values()))
        found = layer_maps(LAYER_MAPS, self.out, self.picture, list(layers))
        for layer, one, other in zip(layers, found, expected):
            other = other[0] if nchw else other[0].transpose(2, 0, 1)
            self.assertLess(largest_error(one, other), tolerance, layer)

    def test_mobile_layers_are_as_tensorflow_defines_them(self):
        graph = self.converted(mobile_file(), ["head"], MOBILE_RULES)
        self.assert_same_as_the_original({"stem": "stem", "dw": "dw/clip", "swish/conv": "wide"}, FLOAT32)
        self.assert_same_as_the_original({"swish": "swish", "gate": "gate/mul", "sum": "sum/biased", "up": "up",
                                          "classes": "head"}, SIXTH)
        ops = [node.op_type for node in graph.node]
        self.assertEqual((ops.count("HardSwish"), ops.count("HardSigmoid"), ops.count("Clip")), (1, 1, 2))
        self.assertEqual([ops.count(op) for op in ("Mul", "Add", "Relu")], [1, 1, 1], "nothing is left to fold")

    def test_layers_get_their_names_and_nodes_are_called_like_tensors(self):
        graph = self.converted(mobile_file(), ["head"], MOBILE_RULES)
        names = [node.name for node in graph.node]
        self.assertEqual(names[:4], ["stem/conv", "stem", "dw/conv", "dw"])
        self.assertLess(names.index("swish/conv"), names.index("swish"))
        self.assertEqual(names[-1], "classes")
        self.assertEqual([node.output[0] for node in graph.node], names)

    def test_any_picture_size_works(self):
        self.converted(mobile_file(), ["head"], MOBILE_RULES)
        picture = np.random.default_rng(1).uniform(size=(46, 70, 3))
        (classes,) = layer_maps(LAYER_MAPS, self.out, picture, ["classes"])
        self.assertEqual(classes.shape, (10, 23, 35))

    def test_transposed_maps_and_padding_on_its_own(self):
        graph = self.converted(transposed_file(), ["joined"], [("a1", "conv"), (r"(\w+)", r"\1")])
        self.assertEqual([node.op_type for node in graph.node], ["Conv", "LeakyRelu", "MaxPool", "Concat"])
        self.assert_same_as_the_original({"leaky": "leaky", "joined": "joined"}, FLOAT32, nchw=True)

    def test_heads_keep_the_channels_that_are_classes(self):
        self.converted(mobile_file(), ["head"], MOBILE_RULES)
        (everything,) = layer_maps(LAYER_MAPS, self.out, self.picture, ["classes"])
        self.converted(mobile_file(), ["head"], MOBILE_RULES, take={"classes": (2, 5)})
        (some,) = layer_maps(LAYER_MAPS, self.out, self.picture, ["classes"])
        np.testing.assert_allclose(some, everything[2:7], atol=1e-5)
        self.converted(mobile_file(), ["head"], MOBILE_RULES, average={"classes": 5})
        (mean,) = layer_maps(LAYER_MAPS, self.out, self.picture, ["classes"])
        np.testing.assert_allclose(mean, (everything[:5] + everything[5:]) / 2, atol=1e-5)

    def test_dense_layers_and_means_of_the_whole_map(self):
        file = File()
        file.convolve("conv", "picture", file.kernel("k", 3, 3, 3, 4), file.vector("b", 4), stride=2,
                      fused=("BiasAdd",))
        file.node("mean", "AvgPool", "conv", ksize=[1, 16, 16, 1], strides=[1, 16, 16, 1], padding="VALID")
        file.node("flat", "Reshape", "mean", file.constant("shape", np.array([-1, 4])))
        file.node("dense", "MatMul", "flat", file.kernel("d", 4, 6), transpose_a=False, transpose_b=False)
        file.node("back", "Reshape", "dense", file.constant("shape4", np.array([1, 1, 1, 6])))
        file.node("out", "BiasAdd", "back", file.vector("bias", 6))
        self.converted(file, ["out"], [(r"(\w+)", r"\1")])
        self.assert_same_as_the_original({"mean": "mean", "out": "out"}, FLOAT32)

    def test_cells_of_a_transposed_convolution_are_averaged(self):
        file = File()
        file.convolve("conv", "picture", file.kernel("k", 3, 3, 3, 4), file.vector("b", 4), stride=2,
                      fused=("BiasAdd",))
        file.node("cells", "Conv2DBackpropInput", file.constant("sizes", np.array([1, SIZE, SIZE, 2])),
                  file.kernel("t", 2, 2, 2, 4), "conv", strides=[1, 2, 2, 1], padding="SAME")
        file.node("person", "Add", "cells", file.vector("shift", 2))
        self.converted(file, ["person"], [("person", "person")], numbered=True)
        (found,) = layer_maps(LAYER_MAPS, self.out, self.picture, ["person"])
        (cells,) = evaluate_tfjs(self.path, self.picture[None], ["person"])
        means = cells[0].reshape(SIZE // 2, 2, SIZE // 2, 2, 2).mean(axis=(1, 3)).transpose(2, 0, 1)
        self.assertLess(largest_error(found, means), FLOAT32)
        self.assertEqual([node.name for node in onnx.load(str(self.out)).graph.node], ["down_2/conv1", "person"])

    def test_a_file_that_scales_its_picture_itself_is_entered_behind_that(self):
        file = File()
        file.node("scaled", "Sub", "picture", file.constant("half", 0.5))
        file.convolve("conv", "scaled", file.kernel("k", 3, 3, 3, 4), op="Conv2D")
        self.refused("unknown operator Sub", file, ["conv"], [(r"(\w+)", r"\1")])
        self.converted(file, ["conv"], [(r"(\w+)", r"\1")], starts_behind="scaled")
        (found,) = layer_maps(LAYER_MAPS, self.out, self.picture - 0.5, ["conv"])
        (expected,) = evaluate_tfjs(self.path, self.picture[None], ["conv"])
        self.assertLess(largest_error(found, expected[0].transpose(2, 0, 1)), FLOAT32)

    def test_bytes_are_the_same_every_time(self):
        self.converted(mobile_file(), ["head"], MOBILE_RULES)
        first = self.out.read_bytes()
        self.converted(mobile_file(), ["head"], MOBILE_RULES)
        self.assertEqual(self.out.read_bytes(), first)

    def test_what_it_does_not_know_is_refused(self):
        def with_last(op, *inputs, **attributes):
            file = mobile_file()
            file.node("last", op, *inputs, **attributes)
            return file
        plain = [*MOBILE_RULES[:-1], (r"(\w+)", r"\1")]
        self.refused("unknown operator Elu", with_last("Elu", "head"), ["last"], plain)
        self.refused("has no node tail", mobile_file(), ["tail"], plain)
        self.refused("no rule names it", mobile_file(), ["head"], MOBILE_RULES[:-1])
        self.refused("would be called", mobile_file(), ["head"], [(".*", "all")])
        file = mobile_file()
        file.node("last", "Mul", "joined", file.vector("odd", 18))
        self.refused("cannot fold its scale", file, ["last"], plain)
        file = mobile_file()
        file.node("last", "ResizeBilinear", "head", file.constant("odd", np.array([7, 7])))
        self.refused("says how large it becomes", file, ["last"], plain)
        file = mobile_file()
        file.data += b"xx"
        self.refused("bytes of weights", file, ["head"], MOBILE_RULES)

    def test_missing_file_and_usage(self):
        network_recipes.RECIPES["tiny"] = network_recipes.Recipe("tfjs", "", ["head"], [])
        run = lambda *arguments: network_recipes.convert_file(
            "usage", convert_tfjs_graph.read_graph, "tfjs", ["convert.py", *map(str, arguments)])
        with contextlib.redirect_stderr(io.StringIO()) as errors, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(run("tiny", self.folder / "none.json", self.out), EX_IOERR)
            self.assertEqual(run("oid", self.path, self.out), EX_USAGE, "another script's")
            self.assertEqual(run(), EX_USAGE)
            self.assertEqual(run("--help"), 0)
        self.assertIn("nanodet", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
