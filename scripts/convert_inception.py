#!/usr/bin/python3
"""Write the default network, InceptionV3 up to mixed5, as an ONNX file.

usage: convert_inception.py MODEL_DIR OUT.onnx

MODEL_DIR is `package/dist/models/inception_v3` of the npm package nsfwjs: the Keras topology as a JavaScript object
in model.min.js, the weights as base64 strings in group1-shard*of6.min.js, 8 bits each with value = q * scale + min.
Every layer up to mixed5 was frozen while that model was trained, so these layers have the plain ImageNet weights.

The file keeps Keras' layer names (node and output tensor alike), takes `input` as (N, 3, H, W) float32 scaled to
[-1, 1], and has the same bytes each time. Needs only Debian's python3-onnx and python3-numpy.
"""

import base64
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAST_LAYER = "mixed5"
OPSET = 13
IR_VERSION = 7  # the version of opset 13, which old readers accept
INPUT = "input"


class ConversionError(Exception):
    """The package contains something that this script cannot convert."""


# --- the JavaScript around the numbers ------------------------------------------------------------------------------

_JS_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<flag>![01])
      | (?P<word>[A-Za-z_$][\w$]*)
      | (?P<mark>[{}\[\]:,])""",
    re.VERBOSE,
)


def json_from_js(text, start):
    """The object literal that begins at text[start], as Python data.

    Minified literals differ from JSON in bare keys, `!0` for true and numbers like `.5`.
    """
    parts, depth, position = [], 0, start
    while True:
        token = _JS_TOKEN.match(text, position)
        if token is None:
            raise ConversionError(f"unexpected JavaScript at character {position}: {text[position:position + 40]!r}")
        kind, value, position = token.lastgroup, token.group(), token.end()
        if kind == "number":
            value = repr(float(value)) if re.search(r"[.eE]", value) else value
        elif kind == "flag":
            value = "true" if value == "!0" else "false"
        elif kind == "word" and value not in ("null", "true", "false"):
            value = json.dumps(value)
        parts.append(value)
        depth += (value in ("{", "[")) - (value in ("}", "]")) if kind == "mark" else 0
        if depth == 0:
            return json.loads("".join(parts))


def read_model(model_dir):
    """Returns (layers of the topology, entries of the weight manifest, shard names)."""
    text = (model_dir / "model.min.js").read_text()
    marker = text.find("{modelTopology:")
    if marker < 0:
        raise ConversionError("model.min.js has no modelTopology")
    model = json_from_js(text, marker)
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    (group,) = model["weightsManifest"]
    return layers, group["weights"], group["paths"]


def read_shard(path):
    """The bytes of a shard's only long base64 string."""
    match = re.search(r'\.exports="([A-Za-z0-9+/=]+)"', path.read_text())
    if match is None:
        raise ConversionError(f"{path.name} holds no base64 string")
    return base64.b64decode(match.group(1), validate=True)


def read_weights(model_dir, manifest, shards):
    """Returns {name: float32 array}. The shards form one stream, in the order of the manifest."""
    stream = b"".join(read_shard(model_dir / f"{shard}.min.js") for shard in shards)
    weights, offset = {}, 0
    for entry in manifest:
        quantization = entry["quantization"]
        if quantization["dtype"] != "uint8":
            raise ConversionError(f"{entry['name']}: expected uint8 weights, found {quantization['dtype']}")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        q = np.frombuffer(stream, np.uint8, count, offset).astype(np.float64)
        values = (q * quantization["scale"] + quantization["min"]).astype(np.float32)
        weights[entry["name"]] = values.reshape(entry["shape"])
        offset += count
    if offset != len(stream):
        raise ConversionError(f"the manifest describes {offset} bytes of weights, the shards hold {len(stream)}")
    return weights


# --- the graph ------------------------------------------------------------------------------------------------------


def inputs_of(layer):
    return [source[0] for node in layer["inbound_nodes"] for source in node]


def ancestors_of(last, layers):
    """The layers that `last` needs, and `last` itself, in the order of the topology."""
    by_name = {layer["name"]: layer for layer in layers}
    wanted, pending = set(), [last]
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += inputs_of(by_name[name])
    return [layer for layer in layers if layer["name"] in wanted]


def window(config, kernel):
    """Attributes of a sliding window. Keras' "same" is symmetric only for odd kernels moved by one pixel."""
    strides = config["strides"]
    if config["padding"] == "valid":
        pads = [0, 0, 0, 0]
    elif strides == [1, 1] and all(k % 2 == 1 for k in kernel):
        pads = [k // 2 for k in kernel] * 2
    else:
        raise ConversionError(f"{config['name']}: padding {config['padding']} of {kernel} with strides {strides}")
    return {"kernel_shape": kernel, "strides": strides, "pads": pads}


def convolution(layer, sources, weights):
    config, name = layer["config"], layer["name"]
    kernel = np.ascontiguousarray(weights[f"{name}/kernel"].transpose(3, 2, 0, 1))  # HWIO to OIHW
    if config["activation"] != "linear" or config["use_bias"] or config["dilation_rate"] != [1, 1]:
        raise ConversionError(f"{name}: expected a plain convolution without bias")
    node = helper.make_node("Conv", [*sources, f"{name}/kernel"], [name], name, **window(config, config["kernel_size"]))
    return node, {f"{name}/kernel": kernel}


def batch_norm(layer, sources, weights):
    config, name = layer["config"], layer["name"]
    if config["scale"] or not config["center"]:
        raise ConversionError(f"{name}: expected beta and no gamma")
    beta = weights[f"{name}/beta"]
    values = {f"{name}/gamma": np.ones_like(beta), f"{name}/beta": beta}
    for part in ("moving_mean", "moving_variance"):
        values[f"{name}/{part}"] = weights[f"{name}/{part}"]
    return helper.make_node("BatchNormalization", [*sources, *values], [name], name, epsilon=config["epsilon"]), values


def activation(layer, sources, _):
    if layer["config"]["activation"] != "relu":
        raise ConversionError(f"{layer['name']}: expected relu, found {layer['config']['activation']}")
    return helper.make_node("Relu", sources, [layer["name"]], layer["name"]), {}


def max_pool(layer, sources, _):
    config = layer["config"]
    return helper.make_node("MaxPool", sources, [layer["name"]], layer["name"], **window(config, config["pool_size"])), {}


def average_pool(layer, sources, _):
    config, name = layer["config"], layer["name"]
    return helper.make_node("AveragePool", sources, [name], name, count_include_pad=0,
                            **window(config, config["pool_size"])), {}


def concatenate(layer, sources, _):
    if layer["config"]["axis"] not in (3, -1):
        raise ConversionError(f"{layer['name']}: expected a concatenation of channels")
    return helper.make_node("Concat", sources, [layer["name"]], layer["name"], axis=1), {}


CONVERTERS = {
    "Conv2D": convolution,
    "BatchNormalization": batch_norm,
    "Activation": activation,
    "MaxPooling2D": max_pool,
    "AveragePooling2D": average_pool,
    "Concatenate": concatenate,
}


def build_model(layers, weights):
    nodes, initializers, tensor_of = [], [], {}
    for layer in ancestors_of(LAST_LAYER, layers):
        if layer["class_name"] == "InputLayer":
            tensor_of[layer["name"]] = INPUT
            continue
        if layer["class_name"] not in CONVERTERS:
            raise ConversionError(f"{layer['name']}: unknown layer class {layer['class_name']}")
        sources = [tensor_of[name] for name in inputs_of(layer)]
        node, values = CONVERTERS[layer["class_name"]](layer, sources, weights)
        nodes.append(node)
        initializers += [numpy_helper.from_array(array, name) for name, array in values.items()]
        tensor_of[layer["name"]] = layer["name"]
    picture = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 3, "height", "width"])
    features = helper.make_tensor_value_info(LAST_LAYER, TensorProto.FLOAT,
                                             ["batch", None, "feature_height", "feature_width"])
    graph = helper.make_graph(nodes, "inception_v3", [picture], [features], initializers)
    model = helper.make_model(graph, producer_name="dreamreel", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    model.doc_string = "InceptionV3 (ImageNet) up to mixed5, from the npm package nsfwjs (MIT)."
    return model


def main(argv):
    if len(argv) != 3 or argv[1] in ("-h", "--help"):
        print(__doc__, file=sys.stdout if "-h" in argv or "--help" in argv else sys.stderr)
        return 0 if "-h" in argv or "--help" in argv else os.EX_USAGE
    model_dir, out = Path(argv[1]), Path(argv[2])
    try:
        layers, manifest, shards = read_model(model_dir)
        model = build_model(layers, read_weights(model_dir, manifest, shards))
        onnx.checker.check_model(model)
        out.write_bytes(model.SerializeToString(deterministic=True))
    except OSError as error:
        print(f"convert_inception: {error}", file=sys.stderr)
        return os.EX_IOERR
    except (ConversionError, KeyError, ValueError) as error:
        print(f"convert_inception: {model_dir} is not the model this script knows: {error!r}", file=sys.stderr)
        return os.EX_DATAERR
    print(f"{out}: {len(model.graph.node)} layers up to {LAST_LAYER}, {out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
