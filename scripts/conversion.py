"""The code that scripts/convert_tfjs_graph.py and scripts/convert_tflite.py share.

A converter reads a foreign file into a Graph. Layers of a Graph are in the order of computation. Their maps are
(N, C, H, W), whatever the order in the file, and their weights have ONNX's order. simplify() then folds
scalings into convolutions and recognises activation functions by their parts. It also lets each upsampling take
its size from the map that it is combined with. write_onnx() writes the simplified graph.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 14  # the first opset with HardSwish
IR_VERSION = 7  # the version of opset 14, which old readers accept
INPUT = "input"
SIXTH_TOLERANCE = 1e-3  # files in half precision hold 0.16663 for 1/6


class ConversionError(Exception):
    """The file contains something that these scripts cannot convert."""


@dataclass
class Layer:
    """An operator of ONNX, or scale, shift, min or max by a constant `value`: one number, or one for each channel."""

    op: str
    name: str
    inputs: list
    attributes: dict = field(default_factory=dict)
    arrays: dict = field(default_factory=dict)  # weight, bias, value
    size: tuple = ()  # channels, height and width, at the picture size that the file was made for


class Graph:
    """Layers by name. Each layer comes after the layers that it needs."""

    def __init__(self, picture_size):
        self.layers = {}
        self.add("input", INPUT, [], size=picture_size)

    def add(self, op, name, inputs, arrays=None, size=None, **attributes):
        """Appends a layer and returns its name. If `size` is left out, it is computed."""
        if name in self.layers:
            raise ConversionError(f"two layers are called {name}")
        layer = Layer(op, name, list(inputs), attributes, dict(arrays or {}))
        layer.size = tuple(size or self._size_of(layer))
        self.layers[name] = layer
        return name

    def size(self, name):
        return self.layers[name].size

    def consumers(self, name):
        return [layer for layer in self.layers.values() if name in layer.inputs]

    def only_consumer(self, name):
        """The only layer that needs `name`; None if there are more or none."""
        found = self.consumers(name)
        return found[0] if len(found) == 1 else None

    def bypass(self, name):
        """Removes a layer. The layers that needed it need its first input instead."""
        source = self.layers.pop(name).inputs[0]
        for layer in self.layers.values():
            layer.inputs = [source if entry == name else entry for entry in layer.inputs]

    def keep(self, outputs):
        """Drops every layer that none of `outputs` needs."""
        wanted, pending = set(), list(outputs)
        while pending:
            name = pending.pop()
            if name not in self.layers:
                raise ConversionError(f"the file has no layer {name}")
            if name not in wanted:
                wanted.add(name)
                pending += self.layers[name].inputs
        self.layers = {name: layer for name, layer in self.layers.items() if name in wanted}

    def _size_of(self, layer):
        channels, height, width = self.size(layer.inputs[0])
        if layer.op in ("Conv", "MaxPool", "AveragePool"):
            height, width = (moved(side, layer.attributes, axis) for axis, side in enumerate((height, width)))
            channels = layer.arrays["weight"].shape[0] if layer.op == "Conv" else channels
        elif layer.op == "Concat":
            channels = sum(self.size(name)[0] for name in layer.inputs)
        elif layer.op == "GlobalAveragePool":
            height, width = 1, 1
        elif layer.op == "Pad":
            top, left, bottom, right = layer.attributes["pads"]
            height, width = height + top + bottom, width + left + right
        elif layer.op in ("Add", "Mul"):  # also for a map and one number for each channel
            height, width = np.max([self.size(name)[1:] for name in layer.inputs], axis=0)
        return int(channels), int(height), int(width)


def moved(side, attributes, axis):
    """How many windows fit along one side."""
    extent = (attributes["kernel_shape"][axis] - 1) * attributes["dilations"][axis] + 1
    pads = attributes["pads"]
    return (side + pads[axis] + pads[axis + 2] - extent) // attributes["strides"][axis] + 1


def window(kernel, strides, padding, dilations=(1, 1)):
    """Attributes of a sliding window. `padding` is SAME or VALID.

    TensorFlow's SAME depends on the picture's size. Here the padding is always the one for sizes that the stride
    divides. So a layer sees the same at every place, and tiles of a picture fit together.
    """
    if padding not in ("SAME", "VALID"):
        raise ConversionError(f"unknown padding {padding}")
    totals = [max((k - 1) * d + 1 - s, 0) if padding == "SAME" else 0
              for k, s, d in zip(kernel, strides, dilations)]
    begins = [total // 2 for total in totals]
    return {"kernel_shape": list(kernel), "strides": list(strides), "dilations": list(dilations),
            "pads": begins + [total - begin for total, begin in zip(totals, begins)]}


# --- simplification -----------------------------------------------------------------------------------------


def simplify(graph):
    """Applies all simplifications below, until nothing changes."""
    for layer in list(graph.layers.values()):
        if layer.op == "Pad":
            _pad_into_window(graph, layer)
    # Activation functions come first, because later steps fold the constants that they consist of.
    rules = (_clip, _hard_sigmoid, _hard_swish, _fold_affine, _shift_before_sum)
    while any([rule(graph, layer) for rule in rules
               for layer in list(graph.layers.values()) if layer.name in graph.layers]):
        pass
    for layer in graph.layers.values():
        if layer.op in ("scale", "shift", "min", "max", "Pad"):
            raise ConversionError(f"{layer.name}: cannot fold its {layer.op} into a neighbour")
    _size_resizes(graph)


def _pad_into_window(graph, layer):
    """Turns a Pad before a window without padding into this window's padding."""
    for consumer in graph.consumers(layer.name):
        border = {"Conv": 0, "MaxPool": -np.inf}.get(consumer.op)
        if border is None or any(consumer.attributes["pads"]):
            raise ConversionError(f"{layer.name}: expected a window without padding behind it")
        value = layer.attributes["value"]
        if value != border and not (border < 0 and value < -1e30):
            raise ConversionError(f"{layer.name}: pads with {value} in front of {consumer.op}")
        consumer.attributes["pads"] = list(layer.attributes["pads"])
    graph.bypass(layer.name)


def _replace(graph, layer, op, source, **attributes):
    layer.op, layer.inputs, layer.attributes, layer.arrays = op, [source], attributes, {}
    return True


def _fold_affine(graph, layer):
    """conv(x) * a + b becomes a convolution with weights * a and bias * a + b. It has the folded layer's name."""
    if layer.op not in ("scale", "shift"):
        return False
    source = graph.layers[layer.inputs[0]]
    if source.op != "Conv" or graph.only_consumer(source.name) is not layer:
        return False
    weight, bias = source.arrays["weight"].astype(np.float64), source.arrays.get("bias", 0)
    value = np.broadcast_to(layer.arrays["value"].astype(np.float64), (len(weight),))
    if layer.op == "scale":
        weight, bias = weight * value[:, None, None, None], bias * value
    else:
        bias = bias + value
    layer.op, layer.inputs, layer.attributes = "Conv", source.inputs, source.attributes
    layer.arrays = {"weight": weight.astype(np.float32), "bias": np.asarray(bias, np.float32)}
    graph.layers.pop(source.name)
    return True


def _shift_before_sum(graph, layer):
    """(conv(x) + y) + b becomes (conv(x) + b) + y."""
    if layer.op != "shift":
        return False
    total = graph.layers[layer.inputs[0]]
    if total.op != "Add" or graph.only_consumer(total.name) is not layer:
        return False
    for name in total.inputs:
        conv = graph.layers[name]
        if conv.op == "Conv" and graph.only_consumer(name) is total:
            bias = np.broadcast_to(layer.arrays["value"], (len(conv.arrays["weight"]),))
            conv.arrays["bias"] = (conv.arrays.get("bias", 0) + bias).astype(np.float32)
            layer.op, layer.inputs, layer.arrays = "Add", total.inputs, {}
            graph.layers.pop(total.name)
            return True
    return False


def _number(layer):
    """The layer's constant if it is a single number, else None."""
    return float(layer.arrays["value"]) if layer.arrays.get("value", np.zeros(2)).size == 1 else None


def _clip(graph, layer):
    """max(min(x, b), a) becomes a Clip. A Relu before it is dropped if a is 0."""
    if layer.op != "max":
        return False
    least = graph.layers[layer.inputs[0]]
    if least.op != "min" or graph.only_consumer(least.name) is not layer:
        return False
    low, high, source = _number(layer), _number(least), least.inputs[0]
    graph.layers.pop(least.name)
    relu = graph.layers[source]
    if relu.op == "Relu" and low == 0:
        source = relu.inputs[0]
    _replace(graph, layer, "Clip", source, low=low, high=high)
    if not graph.consumers(relu.name):
        graph.layers.pop(relu.name)
    return True


def _is_sixth(number):
    return number is not None and abs(number * 6 - 1) < SIXTH_TOLERANCE


def _gate_of(graph, name):
    """The layer x if `name` is clip(x + 3, 0, 6), else None."""
    clip = graph.layers[name]
    if clip.op != "Clip" or (clip.attributes["low"], clip.attributes["high"]) != (0, 6):
        return None
    shift = graph.layers[clip.inputs[0]]
    return shift.inputs[0] if shift.op == "shift" and _number(shift) == 3 else None


def _drop_gate(graph, name):
    """Removes clip(x + 3, 0, 6), unless another layer needs it."""
    for unused in (name, graph.layers[name].inputs[0]):
        if not graph.consumers(unused):
            graph.layers.pop(unused)


def _hard_sigmoid(graph, layer):
    """clip(x + 3, 0, 6) / 6 becomes a HardSigmoid."""
    gate = layer.inputs[0] if layer.op == "scale" and _is_sixth(_number(layer)) else None
    source = _gate_of(graph, gate) if gate else None
    if source is None:
        return False
    _replace(graph, layer, "HardSigmoid", source, alpha=1 / 6, beta=0.5)
    _drop_gate(graph, gate)
    return True


def _hard_swish(graph, layer):
    """x * clip(x + 3, 0, 6) / 6 becomes a HardSwish. The division may be on either side."""
    if layer.op != "Mul":
        return False
    for one, other in (layer.inputs, layer.inputs[::-1]):
        scaled = graph.layers[one]
        if graph.only_consumer(one) is not layer:
            continue
        if scaled.op == "scale" and _is_sixth(_number(scaled)) and _gate_of(graph, other) == scaled.inputs[0]:
            _replace(graph, layer, "HardSwish", scaled.inputs[0])
            graph.layers.pop(one)
            _drop_gate(graph, other)
            return True
        if scaled.op == "HardSigmoid" and scaled.inputs[0] == other:
            graph.layers.pop(one)
            return _replace(graph, layer, "HardSwish", other)
    return False


def _size_resizes(graph):
    """Gives each Resize a second input, whose size it takes: the map that it is combined with."""
    for resize in [layer for layer in graph.layers.values() if layer.op == "Resize"]:
        order = {name: index for index, name in enumerate(graph.layers)}
        behind, partner = {resize.name}, None
        for layer in list(graph.layers.values())[order[resize.name] + 1:]:
            if not behind.intersection(layer.inputs):
                continue
            partner = next((name for name in layer.inputs if name not in behind), None)
            if layer.op in ("Add", "Concat") and partner:
                break
            partner = None
            behind.add(layer.name)
        if partner is None or graph.size(partner)[1:] != resize.size[1:]:
            raise ConversionError(f"{resize.name}: no map of {resize.size[1:]} says how large it becomes")
        if order[partner] > order[resize.name]:
            _move_before(graph, partner, resize.name)
        resize.inputs = [resize.inputs[0], partner]


def _move_before(graph, name, anchor):
    """Moves a layer, and all layers that it needs, before `anchor`."""
    wanted, pending = set(), [name]
    while pending:
        entry = pending.pop()
        if entry not in wanted:
            wanted.add(entry)
            pending += graph.layers[entry].inputs
    if anchor in wanted:
        raise ConversionError(f"{name} needs {anchor}, which it should come before")
    names = list(graph.layers)
    at = names.index(anchor)
    late = [entry for entry in names[at:] if entry in wanted]
    order = names[:at] + late + [entry for entry in names[at:] if entry not in wanted]
    graph.layers = {entry: graph.layers[entry] for entry in order}


# --- heads of detectors -------------------------------------------------------------------------------------


def take_channels(graph, name, first, count):
    """Keeps some of a convolution's channels, such as the classes of a head that gives classes and boxes."""
    layer = _head(graph, name)
    layer.arrays = {key: array[first:first + count] for key, array in layer.arrays.items()}
    layer.size = (count, *layer.size[1:])


def average_channels(graph, name, count):
    """Averages groups of `count` channels, so that a head rates a class once instead of once for each box."""
    layer = _head(graph, name)
    for key, array in layer.arrays.items():
        groups = array.reshape(-1, count, *array.shape[1:])
        layer.arrays[key] = groups.mean(axis=0, dtype=np.float64).astype(np.float32)
    layer.size = (count, *layer.size[1:])


def _head(graph, name):
    layer = graph.layers[name]
    if layer.op != "Conv" or layer.attributes["group"] != 1 or graph.consumers(name):
        raise ConversionError(f"{name}: expected a convolution that nothing follows")
    return layer


# --- names and files ----------------------------------------------------------------------------------------


KINDS = {"Relu": "relu", "Clip": "relu", "HardSwish": "swish", "GlobalAveragePool": "mean", "Sigmoid": "gate",
         "HardSigmoid": "gate", "Mul": "gated", "Add": "sum", "Concat": "joined", "Resize": "upsampled"}


def rename(graph, rules):
    """Renames every layer by the first rule (pattern, replacement) that matches its old name."""
    new = {INPUT: INPUT}
    for name in graph.layers:
        if name == INPUT:
            continue
        matches = ((re.fullmatch(pattern, name), text) for pattern, text in rules)
        found = next((match.expand(text) for match, text in matches if match), None)
        if found is None:
            raise ConversionError(f"{name}: no rule names it")
        if found in new.values():
            raise ConversionError(f"two layers would be called {found}")
        new[name] = found
    for layer in graph.layers.values():
        layer.name, layer.inputs = new[layer.name], [new[name] for name in layer.inputs]
    graph.layers = {layer.name: layer for layer in graph.layers.values()}


def numbered_rules(graph):
    """Rules for files whose names are plain numbers. New names have way, stride, kind and number: down_8/swish2.

    The way is "down" before the first upsampling and "up" after it. A mean of a whole map has the map's stride.
    """
    rules, strides, ups, counts = [], {}, set(), {}
    for name, layer in graph.layers.items():
        side = layer.size[1]
        spatial = side > 1 or not layer.inputs
        strides[name] = round(graph.size(INPUT)[1] / side) if spatial else strides[layer.inputs[0]]
        if layer.op == "Resize" or ups.intersection(layer.inputs):
            ups.add(name)
        kind = KINDS.get(layer.op, "depthwise" if layer.attributes.get("group", 1) > 1 else "conv")
        place = f"{'up' if name in ups else 'down'}_{strides[name]}/{kind}"
        counts[place] = counts.get(place, 0) + 1
        rules.append((re.escape(name), f"{place}{counts[place]}"))
    return rules


def _onnx_nodes(layer):
    """The ONNX nodes of one layer, and the constants that they need."""
    name, inputs, attributes = layer.name, layer.inputs, layer.attributes
    if layer.op == "Conv":
        constants = {f"{name}/{key}": array for key, array in layer.arrays.items()}
        return [helper.make_node("Conv", [*inputs, *constants], [name], name, **attributes)], constants
    if layer.op == "Clip":
        constants = {f"{name}/{key}": np.float32(attributes[key]) for key in ("low", "high")}
        return [helper.make_node("Clip", [*inputs, *constants], [name], name)], constants
    if layer.op == "Resize":
        return _resize_nodes(layer)
    if layer.op == "MaxPool":
        attributes = {key: value for key, value in attributes.items() if key != "dilations"}
    axis = {"axis": 1} if layer.op == "Concat" else {}
    return [helper.make_node(layer.op, inputs, [name], name, **attributes, **axis)], {}


def _resize_nodes(layer):
    """A Resize to the height and width of its second input."""
    name, (source, partner) = layer.name, layer.inputs
    constants = {f"{name}/{key}": np.int64([axis]) for key, axis in (("of_map", 0), ("of_size", 2), ("end", 4))}
    of_map, of_size, end = constants
    here, there, sizes = (f"{name}/{part}" for part in ("own_shape", "partner_shape", "sizes"))
    nodes = [helper.make_node("Shape", [source], [here], here),
             helper.make_node("Shape", [partner], [there], there),
             helper.make_node("Slice", [here, of_map, of_size], [f"{here}/map"], f"{here}/map"),
             helper.make_node("Slice", [there, of_size, end], [f"{there}/size"], f"{there}/size"),
             helper.make_node("Concat", [f"{here}/map", f"{there}/size"], [sizes], sizes, axis=0),
             helper.make_node("Resize", [source, "", "", sizes], [name], name, mode="linear", **layer.attributes)]
    return nodes, constants


def write_onnx(graph, path, name, doc):
    """Writes the graph. The same graph always gives the same bytes."""
    nodes, initializers = [], []
    for layer in graph.layers.values():
        if layer.op == "input":
            continue
        made, constants = _onnx_nodes(layer)
        nodes += made
        initializers += [numpy_helper.from_array(np.asarray(array), key) for key, array in constants.items()]
    picture = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 3, "height", "width"])
    outputs = [helper.make_tensor_value_info(entry, TensorProto.FLOAT, ["batch", layer.size[0], None, None])
               for entry, layer in graph.layers.items() if not graph.consumers(entry)]
    model = helper.make_model(helper.make_graph(nodes, name, [picture], outputs, initializers),
                              producer_name="dreamreel", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version, model.doc_string = IR_VERSION, doc
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return len(nodes)
