#!/usr/bin/env python3
"""Dreams a whole clip as a careful PyTorch script would: the same job as dreamreel's defaults, one thing after another.

usage: pytorch_clip.py NETWORK.onnx LAYERS CLIP FRAMES OUTPUT.mp4 THREADS

Decodes and encodes with the ffmpeg program, finds the motion with OpenCV's DIS (medium preset) both ways, carries the
dream along in one bicubic resampling where the motion can be trusted, and climbs octave by octave: eager float32,
contiguous. Octaves 4, scale 1.4, 10 steps in the first frame and 3 in all others, step 1.5 (half where a dream is
carried), jitter 32, blend 0.9. Prints the seconds of the whole and of its ascent as "WHOLE ASCENT". Needs
python3-torch, python3-onnx and python3-opencv.
"""
import argparse
import subprocess
import time

import cv2
import numpy
import torch
import torch.nn.functional as F

from pytorch_step import Graph

OCTAVES, OCTAVE_SCALE, FIRST_STEPS, STEPS, JITTER, BLEND = 4, 1.4, 10, 3, 32, 0.9
STEP, CARRIED = 1.5 / 255, 0.5


def decode(clip, frames):
    """Yields the frames one after another: (H,W,3) uint8, RGB."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0"]
    width, height = map(int, subprocess.check_output(probe + [clip], text=True).strip().split(",")[:2])
    raw = subprocess.Popen(["ffmpeg", "-v", "error", "-i", clip, "-frames:v", str(frames), "-f", "rawvideo", "-pix_fmt",
                            "rgb24", "-"], stdout=subprocess.PIPE)
    while picture := raw.stdout.read(width * height * 3):
        yield numpy.frombuffer(picture, numpy.uint8).reshape(height, width, 3)


def encoder(output, width, height):
    return subprocess.Popen(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
                             f"{width}x{height}", "-r", "24", "-i", "-", "-pix_fmt", "yuv420p", "-crf", "16", output],
                            stdin=subprocess.PIPE)


def tensor(picture):
    return torch.from_numpy(picture.transpose(2, 0, 1).astype(numpy.float32) / 255)[None]


def sample(field, positions, mode):
    """Samples `field`, (1,C,H,W), at `positions`, (2,H,W) in pixels."""
    _, _, height, width = field.shape
    grid = torch.stack([(positions[0] * 2 + 1) / width - 1, (positions[1] * 2 + 1) / height - 1], -1)[None]
    return F.grid_sample(field, grid, mode=mode, padding_mode="reflection", align_corners=False)


def blur(image):
    return torch.from_numpy(cv2.GaussianBlur(image.numpy(), (0, 0), 1.0))


def reliability(backward, forward):
    """Where the motion can be trusted (Sundaram et al. 2010): consistency, motion boundaries, the picture's border."""
    height, width = backward.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    there = torch.stack([x + backward[0], y + backward[1]])
    back = sample(forward[None], there, "bilinear")[0]
    length = (backward ** 2).sum(0)
    trusted = ((backward + back) ** 2).sum(0) <= 0.01 * (length + (back ** 2).sum(0)) + 0.5
    trusted &= (there[0] >= 0) & (there[0] <= width - 1) & (there[1] >= 0) & (there[1] <= height - 1)
    dy, dx = torch.gradient(backward, dim=(1, 2))
    trusted &= (dx ** 2 + dy ** 2).sum(0) <= 0.01 * length + 0.002
    return blur(trusted.float())[None, None], there


def resize(picture, size):
    return F.interpolate(picture, size, mode="bicubic", align_corners=False, antialias=True)


def ascend(graph, start, steps, step, generator):
    height, width = start.shape[2:]
    detail = None
    for octave in reversed(range(OCTAVES)):
        size = [round(side / OCTAVE_SCALE ** octave) for side in (height, width)]
        base = resize(start, size).clamp(0, 1) if octave else start
        picture = base if detail is None else (base + resize(detail, size)).clamp(0, 1)
        for _ in range(steps):
            shift = torch.randint(-JITTER, JITTER + 1, (2,), generator=generator).tolist()
            leaf = picture.roll(shift, (2, 3)).requires_grad_(True)
            loss = sum(0.5 * activation.square().mean() for activation in graph(leaf * 2 - 1))
            gradient, = torch.autograd.grad(loss, leaf)
            gradient = gradient.roll([-offset for offset in shift], (2, 3))
            picture = (picture + step * gradient / gradient.abs().mean()).clamp(0, 1)
        detail = picture - base
    return picture


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("network", "layers", "clip"):
        parser.add_argument(name)
    parser.add_argument("frames", type=int)
    parser.add_argument("output")
    parser.add_argument("threads", type=int)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    started, climbing = time.perf_counter(), 0.0
    graph = Graph(args.network, args.layers.split(","))
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    generator = torch.Generator().manual_seed(0)
    sink = last_grey = last_source = last_dream = None
    for picture in decode(args.clip, args.frames):
        source, grey = tensor(picture), cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        start, steps, step = source, FIRST_STEPS, STEP
        if last_dream is not None:
            backward = torch.from_numpy(flow.calc(grey, last_grey, None).transpose(2, 0, 1).copy())
            forward = torch.from_numpy(flow.calc(last_grey, grey, None).transpose(2, 0, 1).copy())
            trusted, there = reliability(backward, forward)
            added = sample(last_dream, there, "bicubic") - sample(last_source, there, "bicubic")
            start, steps, step = (source + BLEND * trusted * added).clamp(0, 1), STEPS, STEP * CARRIED
        before = time.perf_counter()
        dream = ascend(graph, start, steps, step, generator)
        climbing += time.perf_counter() - before
        dream = (dream * 65535).round() / 65535
        if sink is None:
            sink = encoder(args.output, picture.shape[1], picture.shape[0])
        sink.stdin.write((dream[0] * 255).round().byte().permute(1, 2, 0).contiguous().numpy().tobytes())
        last_grey, last_source, last_dream = grey, source, dream
    sink.stdin.close()
    sink.wait()
    print(f"{time.perf_counter() - started:.2f} {climbing:.2f}")


if __name__ == "__main__":
    main()
