"""Tests the files that scripts/export_torchvision.py writes, and its messages when it cannot."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import onnx
import onnx.numpy_helper
import torch
import torchvision

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "export_torchvision.py"
DREAMREEL = sys.argv.pop()
EX_USAGE, EX_NOINPUT, EX_UNAVAILABLE, EX_IOERR = 64, 66, 69, 74


class ExportTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="dreamreel-export-"))
        self.addCleanup(shutil.rmtree, self.scratch)

    def export(self, *arguments, **environment):
        # Blocks the network, on every machine.
        env = {**os.environ, "TORCH_HOME": str(self.scratch / "torch"), "https_proxy": "http://127.0.0.1:9",
               "http_proxy": "http://127.0.0.1:9", **environment}
        return subprocess.run([sys.executable, str(SCRIPT), *map(str, arguments)], env=env, capture_output=True,
                              text=True, timeout=300)

    def card(self, name):
        text = (self.scratch / f"{name}.yaml").read_text()
        return dict(re.findall(r"^(\w+): (.*)$", text, re.M))

    def test_a_classifier_with_its_card_and_labels(self):
        path = self.scratch / "net.onnx"
        result = self.export("squeezenet1_1", "-o", path, "--weights", "random", "--seed", "3")
        self.assertEqual(result.returncode, 0, result.stderr)
        model = onnx.load(str(path))
        onnx.checker.check_model(model, full_check=True)
        card = self.card("net")
        self.assertEqual(card["name"], "net")
        self.assertEqual(card["sha256"], hashlib.sha256(path.read_bytes()).hexdigest())
        self.assertEqual(int(card["bytes"]), path.stat().st_size)
        self.assertIn("mean: [0.485, 0.456, 0.406]", card["input"])
        names = (self.scratch / "net_labels.txt").read_text().splitlines()
        self.assertEqual(len(names), 1000)
        self.assertEqual(names[422], "barbell")
        again = self.scratch / "again.onnx"
        self.export("squeezenet1_1", "-o", again, "--weights", "random", "--seed", "3")
        self.assertEqual(again.read_bytes(), path.read_bytes())

        # dreamreel accepts the file: the recommended layers exist, and the card can be read.
        listed = subprocess.run([DREAMREEL, "layers", str(path)], capture_output=True, text=True)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("net_labels.txt", listed.stdout)
        self.assertEqual(len(re.findall(r"^/.* recommended$", listed.stdout, re.M)), 2, listed.stdout)
        self.assertNotIn("not usable", listed.stdout)

    def test_own_weights_are_in_the_file(self):
        torch.manual_seed(5)
        state = torchvision.models.squeezenet1_1().state_dict()
        torch.save(state, self.scratch / "mine.pth")
        path = self.scratch / "mine.onnx"
        result = self.export("squeezenet1_1", "-o", path, "--weights", self.scratch / "mine.pth")
        self.assertEqual(result.returncode, 0, result.stderr)
        stored = [onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(str(path)).graph.initializer]
        first = state["features.0.weight"].numpy()
        self.assertTrue(any(array.shape == first.shape and (array == first).all() for array in stored))

        result = self.export("squeezenet1_0", "-o", self.scratch / "x.onnx", "--weights", self.scratch / "mine.pth")
        self.assertEqual(result.returncode, EX_NOINPUT)
        self.assertIn("does not fit the network", result.stderr)
        self.assertFalse((self.scratch / "x.onnx").exists())

    def test_pretrained_weights_come_out_of_torchs_cache(self):
        weights = torchvision.models.SqueezeNet1_1_Weights.DEFAULT
        cache = self.scratch / "torch" / "hub" / "checkpoints"
        cache.mkdir(parents=True)
        torch.save(torchvision.models.squeezenet1_1().state_dict(), cache / weights.url.split("/")[-1])
        result = self.export("squeezenet1_1", "-o", self.scratch / "net.onnx")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("SqueezeNet1_1_Weights", self.card("net")["description"])
        result = self.export("mobilenet_v2", "-o", self.scratch / "other.onnx")
        self.assertEqual(result.returncode, EX_UNAVAILABLE, result.stderr)
        self.assertIn("--weights random", result.stderr)

    def test_a_segmentation_network(self):
        path = self.scratch / "seg.onnx"
        result = self.export("lraspp_mobilenet_v3_large", "-o", path, "--weights", "random", "--size", "128")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("21 classes", result.stdout)
        self.assertEqual((self.scratch / "seg_labels.txt").read_text().splitlines()[0], "__background__")

    def test_the_names_of_imagenet(self):
        result = self.export("--imagenet-labels", self.scratch / "names.txt")
        self.assertEqual(result.returncode, 0, result.stderr)
        names = (self.scratch / "names.txt").read_text().splitlines()
        self.assertEqual((len(names), names[0], names[999]), (1000, "tench", "toilet tissue"))

    def test_mistakes(self):
        out = self.scratch / "a.onnx"
        for arguments, code, message in (
            (["resnet5", "-o", out], EX_USAGE, "did you mean resnet50"),
            (["fasterrcnn_resnet50_fpn", "-o", out], EX_USAGE, "no classification or segmentation network"),
            (["resnet18", "-o", self.scratch / "a.txt"], EX_USAGE, "ending in .onnx"),
            (["resnet18"], EX_USAGE, "expected NAME and -o FILE"),
            (["resnet18", "-o", out, "--weights", self.scratch / "none.pth"], EX_NOINPUT, "none.pth"),
            (["--imagenet-labels", self.scratch / "no" / "names.txt"], EX_IOERR, "names.txt"),
        ):
            result = self.export(*arguments)
            self.assertEqual(result.returncode, code, result.stderr)
            self.assertIn(message, result.stderr)
            self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(list(self.scratch.glob("*.onnx")), [])

    def test_a_transformers_file_declares_the_one_size_that_it_runs_at(self):
        sys.path.insert(0, str(SCRIPT.parent))
        import export_torchvision
        path = self.scratch / "vit.onnx"
        # With an even number of heads, torch would compute attention by a function that it cannot export.
        model = torchvision.models.vision_transformer.VisionTransformer(32, 16, 1, 2, 8, 8, num_classes=3)
        self.assertFalse(export_torchvision.export(model, path, 32))
        dims = onnx.load(str(path)).graph.input[0].type.tensor_type.shape.dim
        self.assertEqual([dim.dim_value for dim in dims[1:]], [3, 32, 32])
        self.assertTrue(export_torchvision.runs_elsewhere(torch.nn.Conv2d(3, 4, 3), 32))

    def test_weights_that_no_onnx_file_holds(self):
        sys.path.insert(0, str(SCRIPT.parent))
        import export_torchvision
        held, export_torchvision.MOST_BYTES = export_torchvision.MOST_BYTES, 100
        self.addCleanup(setattr, export_torchvision, "MOST_BYTES", held)
        with self.assertRaisesRegex(export_torchvision.ExportError, "holds less than 2 GiB"):
            export_torchvision.export(torch.nn.Conv2d(3, 4, 3), self.scratch / "a.onnx", 32)

    def test_help_and_list(self):
        self.assertIn("--weights", self.export("--help").stdout)
        names = self.export("--list").stdout.split()
        self.assertIn("densenet121", names)
        self.assertIn("fcn_resnet50", names)
        self.assertNotIn("raft_large", names)


if __name__ == "__main__":
    unittest.main()
