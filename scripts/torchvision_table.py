#!/usr/bin/python3
"""Checks which classifiers of torchvision load and dream, and lists their layers: the table in docs/networks.md.

Exports each classifier with random weights (scripts/export_torchvision.py), lists its layers, and dreams one step on
noise: of its deepest layer with positions, and of a class. Does so at the size that the file is made for, and at another
size. Prints a Markdown table. The exported networks are removed again; a large one takes gigabytes and minutes. Without
NAMES, checks all classifiers. `--families` checks the smallest of each family.

Needs Debian's python3-torch, python3-torchvision and python3-onnx, and a build of dreamreel.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
OTHER_SIZE = (320, 180)
FAMILIES = ("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3",
            "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf", "resnet18",
            "resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_0", "swin_t", "swin_v2_t", "vgg11", "vgg11_bn", "vit_b_32",
            "wide_resnet50_2")


def classifiers():
    import torchvision.models as models

    return [name for name in models.list_models() if models.get_model_builder(name).__module__.count(".") == 2]


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "(said nothing)"


def run(*command):
    """Runs a command. Returns its output and "", or None and the reason why it failed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return (done.stdout, "") if done.returncode == 0 else (None, last_line(done.stderr))


def dream(dreamreel, network, layer, size, folder):
    """Dreams one step. Returns "", or the reason why it failed."""
    job = folder / "job.yaml"
    width, height = size
    objectives = f"[{{layer: {json.dumps(layer)}}}, {{layer: classes, class: 1}}]"
    job.write_text(f"input: {{noise: {{size: {width}x{height}, fps: 1, duration: 1s}}}}\n"
                   f"output: {{path: {folder / 'out.%06d.png'}}}\nnetwork: {network}\n"
                   f"dream: {{octaves: 1, iterations: 1, balance: true, objectives: {objectives}}}\n", encoding="utf-8")
    return run(dreamreel, "render", job, "--progress", "plain", "--overwrite")[1]


def row(dreamreel, name, folder):
    network = folder / f"{name}.onnx"
    exported, why = run(sys.executable, SCRIPTS / "export_torchvision.py", name, "-o", network, "--weights", "random")
    if exported is None:
        return f"| `{name}` | not exported: {why} | | |"
    listed, why = run(dreamreel, "layers", network, "--json")
    if listed is None:
        return f"| `{name}` | not listed: {why} | | |"
    layers = json.loads(listed)
    usable = [layer for layer in layers if layer["usable"]]
    sizes = {tuple(layer["only_size"]) for layer in usable if layer["only_size"]}
    opened = [layer for layer in usable if not layer["only_size"]]
    seen = "any size"
    if sizes:
        seen = f"{len(usable) - len(opened)} in windows of {'x'.join(map(str, min(sizes)))}, {len(opened)} at any size"
    deepest = [layer["name"] for layer in usable if layer["scale"] > 0][-1]
    own = min(sizes) if sizes else (224, 224)
    results = [dream(dreamreel, network, deepest, size, folder) for size in (own, OTHER_SIZE)]
    dreams = ["yes" if not failure else f"no: {failure}" for failure in results]
    return f"| `{name}` | {len(usable)} of {len(layers)} | {seen} | {' / '.join(dreams) if len(set(dreams)) > 1 else dreams[0]} |"


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="as torchvision.models calls it (default: all)")
    parser.add_argument("--families", action="store_true", help="the smallest network of each family")
    parser.add_argument("--dreamreel", type=Path, default=Path("build/ci/src/app/dreamreel"), help="the program to try")
    arguments = parser.parse_args(argv)
    names = arguments.names or (FAMILIES if arguments.families else classifiers())
    unknown = sorted(set(names) - set(classifiers()))
    if unknown:
        parser.error(f"torchvision has no classifier {', '.join(unknown)}")
    print(f"| network | usable layers | runs at | dreams at its own size and at {'x'.join(map(str, OTHER_SIZE))} |\n| --- | --- | --- | --- |",
          flush=True)
    failed = False
    for name in names:
        with tempfile.TemporaryDirectory(prefix="dreamreel-torchvision-") as folder:
            text = row(arguments.dreamreel.resolve(), name, Path(folder))
        failed = failed or not text.rstrip(" |").endswith("yes")
        print(text, flush=True)
    return 1 if failed else os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
