"""Compares networks that scripts/fetch_network.sh made with their original files, on a photo.

usage: fetched_networks_test.py NETWORK LAYER_MAPS

The original file is evaluated operator by operator (original_network.py), on the photo in the file's own format.
The network runs in the program, with the photo scaled as the card says.
"""

import os
import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from convert_tflite import Model  # noqa: E402
from layer_maps import largest_error, layer_maps  # noqa: E402
from original_network import evaluate_tfjs, evaluate_tflite  # noqa: E402

NAME, LAYER_MAPS = sys.argv[1:3]
del sys.argv[1:3]
PHOTO = ROOT / "samples" / "media" / "fruits.jpg"
# Rounding of float32 over up to 120 layers.
FLOAT32 = 1e-4
# These files have 0.16663 for 1/6, in half precision, in every hard swish and hard sigmoid.
SIXTHS = 6e-3
# This file scales the picture itself, with numbers in half precision.
SCALING = 1e-4

TFJS = lambda scale, file: lambda folder, photo, names: evaluate_tfjs(folder / file, scale(photo)[None], names)
BGR = lambda photo: photo[..., ::-1]


def oid(folder, photo, names):
    model = Model((folder / "objectron_solution_packed_assets.data").read_bytes())
    return evaluate_tflite(model, photo[None] / 127.5 - 1, names)


def nanodet(folder, photo, names):
    scaled = (BGR(photo) - [103.53, 116.28, 123.675]) / [57.375, 57.12, 58.395]
    found = evaluate_tfjs(folder / "nanodet.json", scaled[None].transpose(0, 3, 1, 2), names)
    return [entry.transpose(0, 2, 3, 1) if name.endswith("Concat_62") else entry for name, entry in zip(names, found)]


def same(values):
    return values


def mean_of_ratings(values):
    return values.reshape(*values.shape[:2], -1, 24).mean(axis=2)


def first_80(values):
    return values[..., :80]


def mean_of_cells(values):
    height, width, channels = values.shape
    return values.reshape(height // 2, 2, width // 2, 2, channels).mean(axis=(1, 3))


# For each network: height and width, the way to run the file, the tolerance, and {layer: (tensor, its
# transformation)}.
FPN = "StatefulPartitionedCall/center_net_mobile_net_v2fpn_feature_extractor/model_1/"
NETWORKS = {
    "oid": ((512, 512), oid, FLOAT32, {
        "block12": ("FeatureExtractor/MobilenetV2/expanded_conv_12/add", same),
        **{f"classes_{16 * 2 ** level}": (f"BoxPredictor_{level}/ClassPredictor/BiasAdd", mean_of_ratings)
           for level in range(6)}}),
    "nanodet": ((416, 416), nanodet, FLOAT32, {
        "stage4": ("PartitionedCall/onnx_tf_prefix_Concat_62", same), "classes_8": ("PartitionedCall/Add_29", first_80),
        "classes_16": ("PartitionedCall/Add_33", first_80), "classes_32": ("PartitionedCall/Add_37", first_80)}),
    "centernet": ((512, 512), TFJS(same, "centernet.json"), SIXTHS, {
        "block5": ("tower_0/MobilenetV3/expanded_conv_5/add", same),
        "block14": ("tower_0/MobilenetV3/expanded_conv_14/add", same),
        "classes_4": ("tower_0/CenternetHead/centernet_cls_output/BiasAdd", same)}),
    "faceres": ((224, 224), TFJS(lambda photo: BGR(photo) - [103.939, 116.779, 123.68], "faceres.json"), FLOAT32, {
        "conv_pw_10": ("conv_pw_10_relu/clip_by_value", same), "features": ("feats/Relu", lambda v: v[None, None])}),
    "movenet": ((256, 256), TFJS(same, "movenet-thunder.json"), SCALING, {
        "features": (f"{FPN}model/out_relu/Relu6", same), "fpn_4": (f"{FPN}re_lu_2/Relu", same),
        "keypoints_4": ("StatefulPartitionedCall/kpt_heatmap_0/conv2d_5/BiasAdd", same),
        "person_4": ("StatefulPartitionedCall/center_0/conv2d_4/BiasAdd", same)}),
    "selfie": ((256, 256), TFJS(lambda photo: photo / 255, "selfie.json"), SIXTHS, {
        "person": ("segment_add", mean_of_cells)}),
    "meet": ((144, 256), TFJS(lambda photo: photo / 255, "meet.json"), SIXTHS, {
        "person": ("segment", mean_of_cells)}),
}


def read_photo(height, width):
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", str(PHOTO), "-vf", f"scale={width}:{height}",
               "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(data, np.uint8).reshape(height, width, 3).astype(np.float64)


def networks_folder():
    """The folder into which fetch_network.sh puts networks."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    first = os.environ.get("DREAMREEL_NETWORKS", "").split(":")[0]
    return Path(first) if first else cache / "dreamreel" / "networks"


class FetchedNetworkTest(unittest.TestCase):
    def test_layers_are_those_of_the_file_it_was_made_of(self):
        size, evaluate, tolerance, layers = NETWORKS[NAME]
        source = networks_folder() / "source" / NAME
        self.assertTrue(source.is_dir(), f"{source} is not there: run scripts/fetch_network.sh {NAME} --keep-source")
        photo = read_photo(*size)
        expected = evaluate(source, photo, [tensor for tensor, _ in layers.values()])
        found = layer_maps(LAYER_MAPS, NAME, photo / 255, list(layers))
        for (layer, (_, change)), one, other in zip(layers.items(), found, expected):
            error = largest_error(one, change(other[0]).transpose(2, 0, 1))
            print(f"{NAME} {layer}: {error:.1e}")
            self.assertLess(error, tolerance, layer)


if __name__ == "__main__":
    unittest.main()
