#!/usr/bin/env python3
"""Measures how visible the seam is that `farm plan --max-frames 120 --warmup K` cuts into a long shot.

usage: measure_seam.py DREAMREEL CLIP FOLDER [K ...]

Renders 200 frames of CLIP into FOLDER: once as a whole, and once in two chunks for each K (default: 0 6 12 24 48).
Running it again is safe; finished renders are kept. For each K, prints the step from frame 119 to 120 (the mean absolute
difference, of 255), beside the step of the whole render at that place and its median step. Also prints how close the
frames after the seam are to the frames of the whole render.
"""

import pathlib
import subprocess
import sys

import numpy

SEAM, FRAMES, WIDTH, HEIGHT = 120, 200, 256, 192
JOB = """input: {{path: "{clip}", trim: [~, {frames}f], filter: "scale={width}:{height}"}}
output: {{path: "{output}", audio: none, video: {{codec: ffv1, pixel_format: gbrp10le}}}}
dream: {{objectives: [{{layer: mixed3}}, {{layer: mixed5}}]}}
"""


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, stdout=subprocess.DEVNULL)


def rendered(dreamreel, clip, output, plan_options):
    """Renders a job and returns its frames (N,H,W,3). `plan_options` of None render it whole, others in chunks."""
    if not output.exists():
        job, plan = output.with_suffix(".yaml"), output.with_suffix(".json")
        job.write_text(JOB.format(clip=clip, output=output, frames=FRAMES, width=WIDTH, height=HEIGHT))
        if plan_options is None:
            run(dreamreel, "render", job, "--threads", 1)
        else:
            run(dreamreel, "farm", "plan", job, "-o", plan, *plan_options)
            for index in (0, 1):
                run(dreamreel, "farm", "chunk", "--plan", plan, "--index", index, "--threads", 1)
            run(dreamreel, "farm", "join", "--plan", plan)
    pixels = subprocess.run(["ffmpeg", "-v", "error", "-i", str(output), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                            stdout=subprocess.PIPE, check=True).stdout
    return numpy.frombuffer(pixels, numpy.uint8).reshape(-1, HEIGHT, WIDTH, 3).astype(numpy.float32)


def psnr(a, b):
    return 10 * numpy.log10(255**2 / numpy.square(a - b).mean())


def step(frames, index):
    return numpy.abs(frames[index] - frames[index - 1]).mean()


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    dreamreel, clip, folder = sys.argv[1], pathlib.Path(sys.argv[2]).absolute(), pathlib.Path(sys.argv[3]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    whole = rendered(dreamreel, clip, folder / "whole.mkv", None)
    median = numpy.median([step(whole, index) for index in range(1, len(whole))])
    print(f"whole: step at the seam {step(whole, SEAM):.2f}, median step {median:.2f}")
    for warmup in sys.argv[4:] or (0, 6, 12, 24, 48):
        cut = rendered(dreamreel, clip, folder / f"warmup{warmup}.mkv", ("--max-frames", SEAM, "--warmup", warmup))
        near = ", ".join(f"{SEAM + after}: {psnr(cut[SEAM + after], whole[SEAM + after]):.1f} dB"
                         for after in (0, 12, 24, 48, 79))
        print(f"--warmup {warmup}: step at the seam {step(cut, SEAM):.2f}; against the whole, frame {near}", flush=True)


if __name__ == "__main__":
    main()
