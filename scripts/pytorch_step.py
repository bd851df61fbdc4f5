#!/usr/bin/env python3
"""Times one DeepDream step as PyTorch scripts run it: eager, float32, contiguous, batch norms apart, autograd.

usage: pytorch_step.py NETWORK.onnx LAYERS WxH STEPS THREADS [--scale S --mean M]

The graph is read from the same ONNX file that dreamreel runs and executed node by node with torch.nn.functional,
so both sides compute the same thing. Prints two numbers in milliseconds: the median step by the clock, and the median
of the processor time of all threads in a step.

Each node runs as the function that torch.nn.functional has for it, with one exception: a linear Resize with asymmetric
coordinates runs with half-pixel coordinates, which takes the same time.
"""
import argparse
import statistics
import time

import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

WARM_UP_STEPS = 3


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def symmetric(pads):
    top, left, bottom, right = pads
    if (top, left) != (bottom, right):
        raise SystemExit("pytorch_step: asymmetric pads are not supported by this script")
    return top, left


class Graph:
    """The nodes that the wanted layers need. A call runs them in order on torch tensors."""

    def __init__(self, path, layers):
        model = onnx.load(path)
        # Copies, because onnx's arrays are read-only views.
        self.weights = {w.name: torch.from_numpy(numpy.array(numpy_helper.to_array(w)))
                        for w in model.graph.initializer}
        self.input = next(i.name for i in model.graph.input if i.name not in self.weights)
        produced = {n.output[0]: n for n in model.graph.node}
        self.layers = [next(n.output[0] for n in model.graph.node if layer in (n.name, n.output[0])) for layer in layers]
        needed, stack = set(), list(self.layers)
        while stack:
            node = produced.get(stack.pop())
            if node is not None and node.output[0] not in needed:
                needed.add(node.output[0])
                stack.extend(node.input)
        self.nodes = [(n.op_type, list(n.input), n.output[0], attributes(n))
                      for n in model.graph.node if n.output[0] in needed]

    def __call__(self, picture):
        values = {**self.weights, self.input: picture}
        for op, inputs, output, a in self.nodes:
            args = [values[i] for i in inputs if i]
            values[output] = getattr(self, op)(a, *args)
        return [values[layer] for layer in self.layers]

    @staticmethod
    def Conv(a, x, weight, bias=None):
        top, left, bottom, right = a.get("pads", [0] * 4)
        if (top, left) != (bottom, right):  # TensorFlow's padding, which conv2d() cannot do
            x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
        return F.conv2d(x, weight, bias, a.get("strides", 1), (top, left), a.get("dilations", 1), a.get("group", 1))

    @staticmethod
    def BatchNormalization(a, x, scale, bias, mean, variance):
        return F.batch_norm(x, mean, variance, scale, bias, False, 0.0, a.get("epsilon", 1e-5))

    @staticmethod
    def Relu(_, x):
        return F.relu(x)

    @staticmethod
    def LeakyRelu(a, x):
        return F.leaky_relu(x, a.get("alpha", 0.01))

    @staticmethod
    def Clip(_, x, low, high):
        return F.hardtanh(x, low.item(), high.item())  # relu6() calls this

    @staticmethod
    def HardSwish(_, x):
        return F.hardswish(x)

    @staticmethod
    def HardSigmoid(a, x):
        if abs(a.get("alpha", 0.2) - 1 / 6) < 1e-3:
            return F.hardsigmoid(x)
        return (a.get("alpha", 0.2) * x + a.get("beta", 0.5)).clamp(0, 1)

    @staticmethod
    def Sigmoid(_, x):
        return torch.sigmoid(x)

    @staticmethod
    def Add(_, x, y):
        return x + y

    @staticmethod
    def Mul(_, x, y):
        return x * y

    @staticmethod
    def GlobalAveragePool(_, x):
        return F.adaptive_avg_pool2d(x, 1)

    @staticmethod
    def Shape(_, x):
        return torch.tensor(x.shape)

    @staticmethod
    def Slice(_, x, begins, ends):
        if x.dim() != 1:
            raise SystemExit("pytorch_step: only shapes are sliced by this script")
        return x[begins.item():ends.item()]

    @staticmethod
    def Resize(a, x, *rest):
        if a.get("mode") != b"linear" or rest[-1].dtype != torch.int64:
            raise SystemExit("pytorch_step: only linear resizing to given sizes is supported by this script")
        return F.interpolate(x, rest[-1][2:].tolist(), mode="bilinear", align_corners=False)

    @staticmethod
    def MaxPool(a, x):
        return F.max_pool2d(x, a["kernel_shape"], a.get("strides", 1), symmetric(a.get("pads", [0] * 4)),
                            ceil_mode=bool(a.get("ceil_mode", 0)))

    @staticmethod
    def AveragePool(a, x):
        return F.avg_pool2d(x, a["kernel_shape"], a.get("strides", 1), symmetric(a.get("pads", [0] * 4)),
                            bool(a.get("ceil_mode", 0)), bool(a.get("count_include_pad", 0)))

    @staticmethod
    def Concat(a, *xs):
        return torch.cat(xs, a["axis"])


def step(graph, picture, args):
    leaf = picture.clone().requires_grad_(True)
    loss = sum(0.5 * activation.square().mean() for activation in graph(leaf * args.scale - args.mean))
    gradient, = torch.autograd.grad(loss, leaf)
    return (picture + 1.5 / 255 * gradient / gradient.abs().mean()).clamp(0, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network")
    parser.add_argument("layers")
    parser.add_argument("size")
    parser.add_argument("steps", type=int)
    parser.add_argument("threads", type=int)
    parser.add_argument("--scale", type=float, default=2.0)
    parser.add_argument("--mean", type=float, default=1.0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    width, height = map(int, args.size.split("x"))
    graph = Graph(args.network, args.layers.split(","))
    picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    clock, processor = [], []
    for index in range(WARM_UP_STEPS + args.steps):
        start, busy = time.perf_counter(), time.process_time()
        picture = step(graph, picture, args)
        if index >= WARM_UP_STEPS:
            clock.append((time.perf_counter() - start) * 1e3)
            processor.append((time.process_time() - busy) * 1e3)
    print(f"{statistics.median(clock):.2f} {statistics.median(processor):.2f}")


if __name__ == "__main__":
    main()
