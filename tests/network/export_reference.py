#!/usr/bin/env python3
"""Exports torchvision's networks with random weights to ONNX, with what PyTorch itself computes on them.

Usage: export_reference.py FOLDER

For each network NAME writes FOLDER/NAME.onnx and FOLDER/NAME.reference.onnx, a graph of initialisers alone:
  picture            (1,3,S,S) at the size that the network was exported for
  activation:TENSOR  of every node that computes numbers, by its output's name, for `picture`; in float64, as random
                     weights let rounding grow: PyTorch's own float32 is up to 7e-5 away from it
and for K = 0, 1, ... below reference_files.PICTURES:
  picture2:K         (1,3,T,T) of another size
  deep:K             the activation of the layer named in the graph's doc_string, for picture2:K
  gradient:K         of 1/2 mean(deep^2) to picture2:K
Does nothing if FOLDER already holds the work of this very script.
"""
import copy
import sys

import onnx
import torch
import torchvision
from torch.utils._python_dispatch import TorchDispatchMode

import reference_files

# ONNX operator -> the ATen operators that it may stand for. Both come in the order of the trace, so the k-th node of
# an operator is the k-th call. Nodes of other operators (Flatten, Constant, ...) compute no numbers.
ATEN_OPS = {
    "Conv": {"convolution"},
    "BatchNormalization": {"native_batch_norm", "cudnn_batch_norm"},
    "Relu": {"relu", "relu_"},
    "Clip": {"hardtanh", "hardtanh_"},
    "MaxPool": {"max_pool2d_with_indices"},
    "AveragePool": {"avg_pool2d", "_adaptive_avg_pool2d"},
    "GlobalAveragePool": {"mean"},
    "Concat": {"cat"},
    "Add": {"add", "add_"},
    "Gemm": {"addmm"},
}


class Recorder(TorchDispatchMode):
    """Keeps a copy of the result of each ATen operator."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        tensor = result[0] if isinstance(result, (tuple, list)) else result
        name = func.overloadpacket.__name__
        if name == "cat":  # the exporter merges a Concat into the Concat that reads it
            self.calls = [call for call in self.calls if call[0] != "cat" or all(call[2] is not arg for arg in args[0])]
        if isinstance(tensor, torch.Tensor):  # a copy: the next operator may work in place
            self.calls.append((name, tensor.clone(), tensor))
        return result


def small_vgg16():
    """VGG-16 with a small head. The real head has half a gigabyte of weights and fixes the size at 224."""
    model = torchvision.models.vgg16()
    model.avgpool = torch.nn.Identity()
    model.classifier = torch.nn.Sequential(torch.nn.Linear(512 * 3 * 3, 64), torch.nn.ReLU(True),
                                           torch.nn.Dropout(), torch.nn.Linear(64, 10))
    return model


# name -> (constructor, exported side, other side, opset, operator and index of the deep layer)
MODELS = torchvision.models
NETWORKS = {
    "googlenet": (lambda: MODELS.googlenet(aux_logits=False, init_weights=False), 97, 112, 11, ("Concat", 6)),
    "inception_v3": (lambda: MODELS.inception_v3(aux_logits=False, init_weights=False), 107, 128, 13, ("Concat", 7)),
    "resnet50": (MODELS.resnet50, 96, 83, 13, ("Relu", 40)),
    "vgg16": (small_vgg16, 96, 75, 9, ("Conv", 10)),
    "squeezenet1_1": (MODELS.squeezenet1_1, 96, 121, 12, ("Concat", 6)),
    "densenet121": (MODELS.densenet121, 64, 96, 13, ("Concat", 40)),
    "mobilenet_v2": (MODELS.mobilenet_v2, 96, 111, 15, ("Add", 3)),
    "alexnet": (MODELS.alexnet, 224, 160, 13, ("Relu", 4)),
}


def randomise(model):
    """Sets weights that keep activations above 0, and batch norms that change something."""
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                torch.nn.init.normal_(module.bias, 0, 0.1)
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.8, 1.2)
            torch.nn.init.normal_(module.bias, 0, 0.1)
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)


def record(model, picture):
    """Maps each operator of ATEN_OPS to its results, in order."""
    with Recorder() as recorder:
        model(picture)
    return {op: [tensor for name, tensor, _ in recorder.calls if name in names] for op, names in ATEN_OPS.items()}


def check(condition, message):
    if not condition:
        sys.exit(f"export_reference.py: {message}")


def activations(name, graph, results):
    """Maps the output name of every node that computes numbers to its tensor."""
    found = {}
    for op, tensors in results.items():
        nodes = [node for node in graph.node if node.op_type == op]
        check(len(nodes) == len(tensors), f"{name}: {len(nodes)} {op} nodes but {len(tensors)} calls")
        found.update({node.output[0]: tensor for node, tensor in zip(nodes, tensors)})
    return found


def deep_layer(model, picture, op, index):
    """The index-th result of `op` and the gradient of 1/2 mean of its squares."""
    picture = picture.clone().requires_grad_()
    results = []

    class Catcher(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            if getattr(func, "__name__", "") in FUNCTIONS[op]:
                results.append(result)
            return result

    with Catcher():
        model(picture)
    deep = results[index]
    gradient, = torch.autograd.grad(0.5 * (deep ** 2).mean(), picture)
    return deep.detach(), gradient


# ONNX operator -> the functions that models call for it.
FUNCTIONS = {"Conv": {"conv2d"}, "Relu": {"relu", "relu_"}, "Concat": {"cat"}, "Add": {"add", "__add__", "add_", "__iadd__"}}


def well_conditioned(model, side, op, index):
    """A picture with its deep layer and gradient in float64. For this picture float32 gives the same gradient, so
    rounding decides no ReLU and no maximum."""
    for _ in range(50):
        picture = torch.rand(1, 3, side, side)
        _, single = deep_layer(model.float(), picture, op, index)
        deep, gradient = deep_layer(model.double(), picture.double(), op, index)
        if (single - gradient).abs().max() < 1e-5 * gradient.abs().max():
            return picture, deep, gradient
    return check(False, "no picture whose gradient float32 can tell")


def not_in_place(model):
    """An objective on a tensor that a later operator overwrites has no gradient."""
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False


def export(name, folder):
    build, side, other_side, opset, (deep_op, deep_index) = NETWORKS[name]
    torch.manual_seed(sum(name.encode()))
    model = build()
    randomise(model)
    model.eval()
    picture = torch.rand(1, 3, side, side)
    path = folder / f"{name}.onnx"
    # PRESERVE keeps the batch norms, which EVAL would fold into the convolutions.
    torch.onnx.export(model, picture, path, opset_version=opset, training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False)
    graph = onnx.load(str(path)).graph
    with torch.no_grad():
        found = activations(name, graph, record(copy.deepcopy(model).double(), picture.double()))
    tensors = {"picture": picture}
    tensors.update({f"activation:{output}": tensor.float() for output, tensor in found.items()})
    not_in_place(model)
    features = getattr(model, "features", model)  # some heads do not accept the other size
    for k in range(reference_files.PICTURES):
        found = well_conditioned(features, other_side, deep_op, deep_index)
        tensors.update(zip((f"picture2:{k}", f"deep:{k}", f"gradient:{k}"), found))
    deep = [node.output[0] for node in graph.node if node.op_type == deep_op][deep_index]
    reference_files.save(folder / f"{name}.reference.onnx", tensors, deep)


if __name__ == "__main__":
    reference_files.export_all(__file__, "stamp", NETWORKS, export)
