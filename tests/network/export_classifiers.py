#!/usr/bin/env python3
"""Exports small classifiers of torchvision's families with random weights, with what PyTorch itself makes of a picture.

Usage: export_classifiers.py FOLDER

The families that export_reference.py leaves out: transformers, networks of depthwise convolutions, gates and channel
shuffles. For each NAME writes FOLDER/NAME.onnx and FOLDER/NAME.reference.onnx, a graph of initialisers alone, in float64
(files hold float32). For K = 0, 1, ... below reference_files.PICTURES:
  picture:K, result:K, gradient:K     at the size that the network was exported for; the gradient of 1/2 mean(result^2)
  picture2:K, result2:K, gradient2:K  at another size, where PyTorch runs at it
Does nothing if FOLDER already holds the work of this very script.
"""
import functools
import pathlib
import sys
import warnings

import torch
from torchvision.models import convnext, efficientnet, maxvit, mnasnet, mobilenetv3, regnet, shufflenetv2, swin_transformer
from torchvision.models import vision_transformer

import reference_files

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import export_torchvision  # noqa: E402

SIDE, OTHER = 64, (88, 120)
CLASSES = 7


def swin(block, merging):
    return swin_transformer.SwinTransformer(patch_size=[4, 4], embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4],
                                            num_classes=CLASSES, block=block, downsample_layer=merging)


def small_convnext():
    setting = convnext.CNBlockConfig
    return convnext.ConvNeXt([setting(16, 24, 2), setting(24, None, 1)], num_classes=CLASSES, layer_scale=0.5)


def small_efficientnet():
    setting = efficientnet.MBConvConfig
    return efficientnet.EfficientNet([setting(1, 3, 1, 32, 16, 1, 1, 1), setting(4, 5, 2, 16, 24, 2, 1, 1)], dropout=0,
                                     num_classes=CLASSES, last_channel=64)


def small_efficientnet_v2():
    fused, setting = efficientnet.FusedMBConvConfig, efficientnet.MBConvConfig
    return efficientnet.EfficientNet([fused(2, 3, 2, 24, 24, 1), setting(4, 3, 2, 24, 32, 1)], dropout=0,
                                     num_classes=CLASSES, last_channel=64)


def small_mobilenet_v3():
    setting = functools.partial(mobilenetv3.InvertedResidualConfig, width_mult=1)
    return mobilenetv3.MobileNetV3([setting(16, 3, 24, 16, True, "RE", 2, 1), setting(16, 5, 48, 24, True, "HS", 2, 1)], 64,
                                   num_classes=CLASSES)


def small_maxvit():
    return maxvit.MaxVit((SIDE, SIDE), stem_channels=16, partition_size=2, block_channels=[16, 24, 32, 32],
                         block_layers=[1, 1, 1, 1], head_dim=8, stochastic_depth_prob=0, num_classes=CLASSES)


# name -> (constructor, opset, whether the file says that its size is open)
NETWORKS = {
    "shufflenet": (lambda: shufflenetv2.ShuffleNetV2([2, 2, 2], [24, 16, 32, 64, 64], num_classes=CLASSES), 13, False),
    "shufflenet_open": (lambda: shufflenetv2.ShuffleNetV2([2, 2, 2], [24, 16, 32, 64, 64], num_classes=CLASSES), 13, True),
    "vit": (lambda: vision_transformer.VisionTransformer(SIDE, 16, 2, 2, 32, 64, num_classes=CLASSES), 13, False),
    "vit_17": (lambda: vision_transformer.VisionTransformer(SIDE, 16, 2, 2, 32, 64, num_classes=CLASSES), 17, False),
    "swin": (lambda: swin(swin_transformer.SwinTransformerBlock, swin_transformer.PatchMerging), 13, False),
    "swin_open": (lambda: swin(swin_transformer.SwinTransformerBlock, swin_transformer.PatchMerging), 13, True),
    "swin_v2": (lambda: swin(swin_transformer.SwinTransformerBlockV2, swin_transformer.PatchMergingV2), 13, False),
    "maxvit": (small_maxvit, 13, False),
    "convnext": (small_convnext, 13, False),
    "efficientnet": (small_efficientnet, 13, False),
    "efficientnet_v2": (small_efficientnet_v2, 13, False),
    "regnet_y": (lambda: regnet.RegNet(regnet.BlockParams([1, 2], [16, 32], [8, 8], [1, 1], [2, 2], 0.25),
                                       num_classes=CLASSES), 13, False),
    "mnasnet": (lambda: mnasnet.MNASNet(0.25, num_classes=CLASSES, dropout=0), 13, False),
    "mobilenet_v3": (small_mobilenet_v3, 13, False),
}


def randomise(model):
    """Sets weights that make every layer matter. torchvision's own include zeros, and batch norms that do nothing."""
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1:
            fan_in = parameter[0].numel() if parameter.dim() != 3 else parameter.shape[-1]
            torch.nn.init.normal_(parameter, 0, (1.5 / fan_in) ** 0.5)
        else:
            torch.nn.init.normal_(parameter, 0 if name.endswith("bias") else 1, 0.1)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
        if hasattr(module, "inplace"):
            module.inplace = False
    export_torchvision.allow_swin_v2(model)


def result_and_gradient(model, picture):
    picture = picture.clone().requires_grad_()
    result = model(picture)
    gradient, = torch.autograd.grad(0.5 * (result ** 2).mean(), picture)
    return result.detach(), gradient


def well_conditioned(model, size):
    """A picture for which rounding does not decide whether a ReLU is open."""
    for _ in range(50):
        picture = torch.rand(1, 3, *size)
        _, single = result_and_gradient(model.float(), picture)
        result, gradient = result_and_gradient(model.double(), picture.double())
        if (single - gradient).abs().max() < 1e-4 * gradient.abs().max():
            return picture, result, gradient
    sys.exit("export_classifiers.py: no picture whose gradient float32 can tell")


def export(name, folder):
    build, opset, is_open = NETWORKS[name]
    torch.manual_seed(sum(name.encode()))
    model = build()
    randomise(model)
    model.eval()
    axes = {"picture": {2: "H", 3: "W"}} if is_open else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, torch.rand(1, 3, SIDE, SIDE), folder / f"{name}.onnx", opset_version=opset,
                          input_names=["picture"], dynamic_axes=axes)
    sizes = {"": (SIDE, SIDE)}
    if is_open or name.split("_")[0] not in ("vit", "swin", "maxvit"):
        sizes["2"] = OTHER
    tensors = {}
    for suffix, size in sizes.items():
        for k in range(reference_files.PICTURES):
            keys = (f"{key}{suffix}:{k}" for key in ("picture", "result", "gradient"))
            tensors.update(zip(keys, well_conditioned(model, size)))
    reference_files.save(folder / f"{name}.reference.onnx", tensors)


if __name__ == "__main__":
    reference_files.export_all(__file__, "classifiers.stamp", NETWORKS, export)
