"""Tests scripts/convert_inception.py on a small package of the same form. Needs python3-onnx and python3-numpy."""

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "convert_inception.py"
EX_USAGE, EX_DATAERR, EX_IOERR = 64, 65, 74


def layer(name, class_name, sources, **config):
    return {"name": name, "class_name": class_name, "config": {"name": name, **config},
            "inbound_nodes": [[[source, 0, 0, {}] for source in sources]] if sources else []}


def convolution(name, source, kernel_size, padding="same", strides=(1, 1)):
    return layer(name, "Conv2D", [source], kernel_size=kernel_size, padding=padding, strides=list(strides),
                 dilation_rate=[1, 1], activation="linear", use_bias=False)


def pool(name, class_name, source, padding):
    return layer(name, class_name, [source], pool_size=[3, 3], strides=[1, 1], padding=padding)


def topology():
    """Branches of the kinds in InceptionV3, joined in mixed5, and one layer after it."""
    return [
        layer("input_1", "InputLayer", []),
        convolution("conv2d_1", "input_1", [1, 3], "valid", (2, 2)),
        layer("batch_normalization_1", "BatchNormalization", ["conv2d_1"], epsilon=0.001, center=True, scale=False),
        layer("activation_1", "Activation", ["batch_normalization_1"], activation="relu"),
        pool("average_pooling2d_1", "AveragePooling2D", "activation_1", "same"),
        pool("max_pooling2d_1", "MaxPooling2D", "activation_1", "same"),
        layer("mixed5", "Concatenate", ["average_pooling2d_1", "max_pooling2d_1"], axis=3),
        convolution("conv2d_2", "mixed5", [1, 1]),
    ]


SHAPES = {"conv2d_1/kernel": [1, 3, 3, 2], "batch_normalization_1/beta": [2],
          "batch_normalization_1/moving_mean": [2], "batch_normalization_1/moving_variance": [2],
          "conv2d_2/kernel": [1, 1, 4, 1]}


def minified(data):
    """JSON in a minifier's form: bare keys, !0 for true, .5 for 0.5."""
    text = json.dumps(data, separators=(",", ":"))
    text = re.sub(r'"([A-Za-z_]\w*)":', r"\1:", text).replace("true", "!0").replace("false", "!1")
    return re.sub(r"(?<![\d\w])0\.", ".", text)


class ConvertInceptionTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dreamreel-convert-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = self.folder / "out.onnx"
        self.layers = topology()
        self.quantized = {name: np.arange(np.prod(shape), dtype=np.uint8) * 11 for name, shape in SHAPES.items()}
        self.stream = b"".join(q.tobytes() for q in self.quantized.values())

    def convert(self):
        half = len(self.stream) // 2
        for index, part in enumerate((self.stream[:half], self.stream[half:]), 1):
            text = base64.b64encode(part).decode()
            (self.folder / f"shard{index}.min.js").write_text(f'!function(){{h.exports="{text}"}}();')
        manifest = [{"name": name, "shape": shape, "dtype": "float32",
                     "quantization": {"min": -0.25, "scale": 0.0078125, "dtype": "uint8"}}
                    for name, shape in SHAPES.items()]
        model = {"modelTopology": {"model_config": {"config": {"layers": self.layers}}},
                 "weightsManifest": [{"paths": ["shard1", "shard2"], "weights": manifest}]}
        (self.folder / "model.min.js").write_text(f"!function(n){{n.exports={minified(model)}}}({{}},[1]);")
        return subprocess.run([sys.executable, str(SCRIPT), str(self.folder), str(self.out)], capture_output=True,
                              text=True)

    def converted(self):
        result = self.convert()
        self.assertEqual(result.returncode, 0, result.stderr)
        model = onnx.load(str(self.out))
        onnx.checker.check_model(model, full_check=True)
        return model.graph

    def refused(self, code, words):
        result = self.convert()
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertIn(words, result.stderr)
        self.assertFalse(self.out.exists())

    def test_nodes_keep_their_names_and_end_at_mixed5(self):
        graph = self.converted()
        self.assertEqual([node.name for node in graph.node], [entry["name"] for entry in self.layers[1:-1]])
        self.assertEqual([node.output[0] for node in graph.node], [node.name for node in graph.node])
        self.assertEqual(graph.node[0].input[0], "input")
        self.assertEqual([node.op_type for node in graph.node],
                         ["Conv", "BatchNormalization", "Relu", "AveragePool", "MaxPool", "Concat"])

    def test_windows(self):
        nodes = {node.name: {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
                 for node in self.converted().node}
        self.assertEqual(nodes["conv2d_1"], {"kernel_shape": [1, 3], "strides": [2, 2], "pads": [0, 0, 0, 0]})
        same = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1, 1, 1, 1]}
        self.assertEqual(nodes["average_pooling2d_1"], {**same, "count_include_pad": 0})
        self.assertEqual(nodes["max_pooling2d_1"], same)
        self.assertAlmostEqual(nodes["batch_normalization_1"]["epsilon"], 0.001)

    def test_weights_are_dequantised_and_laid_out_for_onnx(self):
        values = {entry.name: numpy_helper.to_array(entry) for entry in self.converted().initializer}
        self.assertEqual(set(values), {*SHAPES, "batch_normalization_1/gamma"} - {"conv2d_2/kernel"})
        kernel = (self.quantized["conv2d_1/kernel"] / 128 - 0.25).reshape(1, 3, 3, 2)
        for (o, c, y, x), value in np.ndenumerate(values["conv2d_1/kernel"]):
            self.assertEqual(value, kernel[y, x, c, o])
        np.testing.assert_array_equal(values["batch_normalization_1/beta"],
                                      self.quantized["batch_normalization_1/beta"] / 128 - 0.25)
        np.testing.assert_array_equal(values["batch_normalization_1/gamma"], [1, 1])

    def test_bytes_are_the_same_every_time(self):
        self.converted()
        first = self.out.read_bytes()
        self.converted()
        self.assertEqual(self.out.read_bytes(), first)

    def test_missing_weights_are_noticed(self):
        self.stream = self.stream + b"x"
        self.refused(EX_DATAERR, "the shards hold")

    def test_padding_that_depends_on_the_size_is_refused(self):
        self.layers[1] = convolution("conv2d_1", "input_1", [1, 3], "same", (2, 2))
        self.refused(EX_DATAERR, "conv2d_1: padding same")

    def test_unknown_layer_is_refused(self):
        self.layers[3] = layer("activation_1", "Softmax", ["batch_normalization_1"])
        self.refused(EX_DATAERR, "unknown layer class Softmax")

    def test_missing_folder_and_usage(self):
        run = lambda *a: subprocess.run([sys.executable, str(SCRIPT), *a], capture_output=True).returncode
        self.assertEqual(run(str(self.folder / "none"), str(self.out)), EX_IOERR)
        self.assertEqual(run(), EX_USAGE)
        self.assertEqual(run("--help"), 0)


if __name__ == "__main__":
    unittest.main()
