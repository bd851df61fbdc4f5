#!/usr/bin/env python3
"""Prints a Markdown table of the parts of an ascent step, in ms of processor time.

Usage: step_parts.py [BENCH OPTION]...

Options go to `dreamreel bench`, e.g. --network oid --executor direct (default: one thread, so that no thread waits).
The program is run twice under `perf record`, with few steps and with many. The difference holds no start-up, and
divided by the steps between the two it is one step. A sample counts for the function that it lies in.

Needs perf (Debian: linux-perf), and a built dreamreel with its symbols (preset ci).

DREAMREEL  the engine              (default: build/ci/src/app/dreamreel-engine)
STEPS      steps of the longer run (default: 44, and a tenth in the shorter one)
"""
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERTZ = 997
# The first pattern that matches "library|function" decides the part.
PARTS = [
    ("Winograd's products", r"winograd::.*multiply"),
    ("Winograd's transforms", r"winograd::"),
    ("depthwise convolutions", r"depthwise"),
    ("max pools", r"max_pool"),
    ("average pools", r"average_pool"),
    ("activations", r"network::.*(mask_nonzero|relu|swish|sigmoid|activation)"),
    ("other passes over maps", r"dreamreel::network::"),
    ("oneDNN", r"^(\[JIT\]|\[unknown\]|//anon|anon|perf-\d+\.map|libdnnl)"),
    ("dreaming: pyramids, jitter, normalisation", r"dreamreel::"),
    ("LibTorch", r"^lib(torch|c10)"),
    ("kernel", r"^\[kernel|^\[guest\.kernel"),
]
REST = "all else"


def part_of(library, function):
    name = f"{library}|{function}"
    return next((part for part, pattern in PARTS if re.search(pattern, name)), REST)


def profile(steps, engine, options, folder):
    """Milliseconds of each part in the whole run."""
    data = folder / "perf.data"
    subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HERTZ), "-o", data, "--", engine, "bench", "--threads", "1",
                    "--steps", str(steps), *options], check=True, stdout=subprocess.DEVNULL)
    report = subprocess.run(["perf", "report", "-i", data, "--stdio", "-n", "-F", "sample,dso,symbol", "-t", "|"], check=True,
                            capture_output=True, text=True).stdout
    parts = collections.Counter()
    for line in report.splitlines():
        fields = [field.strip() for field in line.split("|", 2)]
        if len(fields) == 3 and fields[0].isdigit():
            parts[part_of(fields[1], fields[2])] += int(fields[0]) * 1000 / HERTZ
    return parts


def main():
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__)
        return
    engine = pathlib.Path(os.environ.get("DREAMREEL", ROOT / "build/ci/src/app/dreamreel-engine"))
    if not engine.exists():
        sys.exit(f"step_parts.py: {engine} is missing: build the preset ci, or set DREAMREEL to the engine")
    many = int(os.environ.get("STEPS", 44))
    few = max(many // 10, 1)
    if many <= few:
        sys.exit("step_parts.py: STEPS: expected 2 or more")
    with tempfile.TemporaryDirectory() as folder:
        short, long = (profile(steps, engine, sys.argv[1:], pathlib.Path(folder)) for steps in (few, many))
    print("| part | ms |\n| --- | --- |")
    for part in [part for part, _ in PARTS] + [REST]:
        print(f"| {part} | {(long[part] - short[part]) / (many - few):.1f} |")
    print(f"| the whole step | {(sum(long.values()) - sum(short.values())) / (many - few):.1f} |")


if __name__ == "__main__":
    main()
