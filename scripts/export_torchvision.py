#!/usr/bin/python3
"""Export a network of torchvision.models as ONNX, with its card and its class names.

Writes FILE (which ends in .onnx), and beside it the card STEM.yaml and STEM_labels.txt with the names of the classes.
A job can then say `network: {path: FILE}`. If the folder is listed in DREAMREEL_CARDS, `network: STEM` is enough.
Takes classification networks (resnet50, densenet121, mobilenet_v2, ...; `--list` prints them all) and segmentation
networks (deeplabv3_resnet50, fcn_resnet50, lraspp_mobilenet_v3_large).

Needs Debian's python3-torch, python3-torchvision and python3-onnx.
"""

import argparse
import contextlib
import hashlib
import os
import sys
import warnings
from pathlib import Path

OPSET = 13
MOST_BYTES = 2**31  # protobuf's limit for a message
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LICENCE = "BSD-3-Clause"  # torchvision's; trained weights may carry terms of their own


class ExportError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"export_torchvision: {message}", file=sys.stderr)
        sys.exit(os.EX_USAGE)


def parse_arguments(argv):
    parser = Parser(
        prog="export_torchvision.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="exit codes: 0 done; 64 usage, or a network that cannot be exported; 66 no such weights, or not this "
               "network's;\n69 no torchvision, or the weights cannot be downloaded; 74 cannot write")
    parser.add_argument("name", nargs="?", metavar="NAME", help="as torchvision.models calls it, e.g. resnet50")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write, ending in .onnx")
    parser.add_argument("--weights", default="pretrained", metavar="WEIGHTS",
                        help="`pretrained` (default): torchvision's best, downloaded into torch's cache; `random`: "
                             "untrained; or a file with a state dict (.pth)")
    parser.add_argument("--seed", type=int, default=0, help="of random weights (default 0)")
    parser.add_argument("--size", type=int, metavar="PIXELS",
                        help="side of the picture that the head is made for (default: what the network was trained at)")
    parser.add_argument("--list", action="store_true", help="print the names of the networks and stop")
    parser.add_argument("--imagenet-labels", type=Path, metavar="FILE",
                        help="write only the names of ImageNet's 1000 classes, one a line, and stop")
    arguments = parser.parse_args(argv)
    if not arguments.list and not arguments.imagenet_labels:
        if not arguments.name or not arguments.output:
            parser.error("expected NAME and -o FILE (see --help)")
        if arguments.output.suffix != ".onnx":
            parser.error(f"-o: expected a file ending in .onnx, got {arguments.output}")
        if arguments.size is not None and not 1 <= arguments.size <= 4096:
            parser.error(f"--size: expected 1 to 4096, got {arguments.size}")
    return arguments


def import_torchvision():
    try:
        import torchvision.models as models
    except ImportError as error:
        raise ExportError(os.EX_UNAVAILABLE, f"{error}: install python3-torchvision") from error
    return models


def import_onnx():
    try:
        import onnx
    except ImportError as error:
        raise ExportError(os.EX_UNAVAILABLE, f"{error}: install python3-onnx") from error
    return onnx


def exportable(models):
    """Names in torchvision's registry of all networks that take one picture."""
    names = []
    for name in models.list_models():
        module = models.get_model_builder(name).__module__
        if module.startswith("torchvision.models.segmentation") or module.count(".") == 2:
            names.append(name)
    return sorted(names)


def find_builder(models, name):
    names = exportable(models)
    if name in names:
        return models.get_model_builder(name)
    import difflib

    near = difflib.get_close_matches(name, names, 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; --list prints what there is"
    raise ExportError(os.EX_USAGE, f"torchvision has no classification or segmentation network '{name}'{hint}")


def build(models, arguments):
    """The network, and torchvision's best weights for it, which describe its input."""
    import torch

    builder = find_builder(models, arguments.name)
    trained = models.get_model_weights(arguments.name).DEFAULT
    segments = builder.__module__.startswith("torchvision.models.segmentation")
    options = {"weights_backbone": None} if segments else {}
    if arguments.name in ("googlenet", "inception_v3"):
        options |= {"init_weights": False}  # initialising the weights takes minutes
    torch.manual_seed(arguments.seed)
    if arguments.weights == "pretrained":
        try:
            return builder(weights=trained, progress=sys.stderr.isatty()), trained
        except OSError as error:  # urllib's errors are OSErrors
            raise ExportError(os.EX_UNAVAILABLE, f"cannot download the weights of {arguments.name}: {error}; give a "
                              "file with --weights, or take --weights random") from error
    model = builder(weights=None, **options)
    if arguments.weights != "random":
        load_weights(model, Path(arguments.weights))
    return model, trained


def load_weights(model, path):
    import torch

    try:
        state = torch.load(path, map_location="cpu")
    except OSError as error:
        raise ExportError(os.EX_NOINPUT, f"--weights: {error}; expected pretrained, random or a file") from error
    except Exception as error:  # unpickling another file may raise anything
        raise ExportError(os.EX_NOINPUT, f"--weights: {path} is no file of torch.save: {error}") from error
    try:
        model.load_state_dict(state.get("state_dict", state) if isinstance(state, dict) else state)
    except Exception as error:
        first = str(error).strip().splitlines()
        raise ExportError(os.EX_NOINPUT, f"--weights: {path} does not fit the network: {' '.join(first[:2])}") from error


def input_of(trained):
    """Mean, standard deviation and side of the input that the trained weights expect."""
    transforms = trained.transforms() if trained else None
    mean = tuple(getattr(transforms, "mean", IMAGENET_MEAN))
    std = tuple(getattr(transforms, "std", IMAGENET_STD))
    size = getattr(transforms, "crop_size", None) or getattr(transforms, "resize_size", None) or [224]
    return mean, std, size[0]


def one_output(model):
    """Segmentation networks return a dictionary, whose first entry is the result."""
    import torch

    class First(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, picture):
            return next(iter(self.inner(picture).values()))

    return First(model)


def runs_elsewhere(model, size):
    """Whether the network runs at another size. A vision transformer does not, and its file should say so."""
    import torch

    try:
        with torch.no_grad():
            model(torch.zeros(1, 3, size + 64, size + 96))
    except Exception:  # assertions, shapes that do not fit
        return False
    return True


def allow_swin_v2(model):
    """Swin v2 clears the bias of its keys with zero_(), which torch's exporter does not know."""
    import torch

    def zero(graph, tensor):
        return graph.op("Mul", tensor, graph.op("Constant", value_t=torch.zeros(1)))

    torch.onnx.register_custom_op_symbolic("aten::zero", zero, 9)
    for module in model.modules():
        if type(module).__name__ == "ShiftedWindowAttentionV2" and module.qkv.bias is not None:
            third = module.qkv.bias.numel() // 3
            module.qkv.bias.data[third:2 * third].zero_()


def export(model, path, size):
    """Exports for any picture size if the network allows it, else for the size of its head."""
    import torch

    held = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    if held >= MOST_BYTES:
        raise ExportError(os.EX_USAGE, f"its weights take {held / 2**30:.1f} GiB, and an ONNX file holds less than 2 GiB")
    model.eval()
    allow_swin_v2(model)
    picture = torch.zeros(1, 3, size, size)
    with torch.no_grad():
        result = model(picture)
    if isinstance(result, dict):
        model = one_output(model)
    elif not isinstance(result, torch.Tensor):
        raise ExportError(os.EX_USAGE, f"expected a network with one result, this one gives {type(result).__name__}")
    failure = None
    of_any_size = {"picture": {0: "N", 2: "H", 3: "W"}}
    of_one_size = {"picture": {0: "N"}}
    for axes in (of_any_size, of_one_size) if runs_elsewhere(model, size) else (of_one_size,):
        try:
            # The exporter prints its own diagnostics to stdout.
            # Without gradients, torch computes attention by a function that it cannot export.
            with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr), torch.enable_grad():
                warnings.simplefilter("ignore")
                torch.onnx.export(model, picture, str(path), opset_version=OPSET, input_names=["picture"],
                                  output_names=["result"], dynamic_axes=axes)
            return "H" in str(axes)
        except OSError as error:
            raise ExportError(os.EX_IOERR, f"cannot write {path}: {error}") from error
        except Exception as error:  # the exporter raises many kinds of errors
            failure = str(error).strip().splitlines()[0]
    raise ExportError(os.EX_USAGE, f"torch cannot export this network to ONNX: {failure}")


def recommended_layers(path, size):
    """The last layer with at least 1/8 of the picture's size, and the last one with at least 1/16."""
    import onnx

    model = onnx.load(str(path))
    for i, side in ((0, 1), (2, size), (3, size)):
        model.graph.input[0].type.tensor_type.shape.dim[i].dim_value = side
    model = onnx.shape_inference.infer_shapes(model)
    heights = {}
    for value in model.graph.value_info:
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if len(dims) == 4 and dims[2] > 1 and dims[2] == dims[3]:
            heights[value.name] = dims[2]
    last = {}
    for node in model.graph.node:
        height = heights.get(node.output[0]) if node.output else None
        if height and node.op_type in ("Relu", "Concat", "Add", "Clip", "Mul", "HardSwish"):
            last[round((size / height) ** 0.5 * 2)] = node.name or node.output[0]
    return [last[key] for key in (round(8 ** 0.5 * 2), round(16 ** 0.5 * 2)) if key in last]


def card_text(arguments, trained, mean, std, layers, has_labels):
    path = arguments.output
    weights = {"pretrained": f"torchvision's {trained}", "random": f"untrained (seed {arguments.seed})"}.get(
        arguments.weights, f"weights of {Path(arguments.weights).name}")
    data = path.read_bytes()
    numbers = lambda values: ", ".join(f"{value:g}" for value in values)  # noqa: E731
    text = (f"# Written by export_torchvision.py.\nname: {path.stem}\n"
            f"description: torchvision {arguments.name}, {weights}\nlicence: {LICENCE}\n"
            f"file: {path.name}\nsha256: {hashlib.sha256(data).hexdigest()}\nbytes: {len(data)}\n"
            f"input: {{order: rgb, scale: 1, mean: [{numbers(mean)}], std: [{numbers(std)}]}}\n")
    if has_labels:
        text += f"labels: {path.stem}_labels.txt\n"
    if layers:
        text += "recommended: {layers: [" + ", ".join(f'"{layer}"' for layer in layers) + "]}\n"
    return text


def write_labels(path, names):
    """Writes one class a line. A comma would split a name in two, so it becomes a semicolon."""
    path.write_text("".join(name.replace(",", ";") + "\n" for name in names), encoding="utf-8")


def imagenet_names():
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    return _IMAGENET_CATEGORIES


def run(arguments):
    models = import_torchvision()
    if arguments.list:
        print("\n".join(exportable(models)))
        return
    if arguments.imagenet_labels:
        write_labels(arguments.imagenet_labels, imagenet_names())
        return
    onnx = import_onnx()
    model, trained = build(models, arguments)
    mean, std, trained_size = input_of(trained)
    size = arguments.size or trained_size
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    part = arguments.output.with_name(f".{arguments.output.name}.part")
    try:
        any_size = export(model, part, size)
        onnx.checker.check_model(str(part), full_check=True)
        os.replace(part, arguments.output)
    finally:
        part.unlink(missing_ok=True)
    names = (trained.meta.get("categories") if trained else None) or []
    layers = recommended_layers(arguments.output, size)
    card = arguments.output.with_suffix(".yaml")
    if names:
        write_labels(arguments.output.with_name(f"{arguments.output.stem}_labels.txt"), names)
    card.write_text(card_text(arguments, trained, mean, std, layers, bool(names)), encoding="utf-8")
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, "
          + ("any picture size" if any_size else f"layers before the head at any picture size, the head at {size}")
          + (f", {len(names)} classes" if names else ""))


def main(argv):
    arguments = parse_arguments(argv)
    try:
        run(arguments)
    except ExportError as error:
        print(f"export_torchvision: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"export_torchvision: {error}", file=sys.stderr)
        return os.EX_IOERR
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
