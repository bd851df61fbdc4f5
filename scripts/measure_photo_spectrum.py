#!/usr/bin/python3
"""Measures how strong the waves of photographs are: the table in src/dream/photo_spectrum.cpp.

usage: measure_photo_spectrum.py [FOLDER | PHOTO...]

Prints the table. FOLDER holds the photographs of Debian's opencv-doc (default: where the package puts them).

A photograph is treated as `parameterization: fourier` treats a picture: logit, the colour directions of ImageNet, times 4,
Fourier transform. A wave of frequency f (cycles per pixel) is multiplied by f / sqrt(width * height). So the numbers depend
on neither the size nor the shape of a picture, and where waves are as strong as 1/f they are constant. The table has the root
of the mean square at k waves along the longer side, for the brightness and two colour directions, averaged over the
photographs. A Hann window keeps the borders out, which are not part of the scene.

Needs ffmpeg and Debian's python3-numpy.
"""
import json
import math
import pathlib
import subprocess
import sys

import numpy as np

EXAMPLES = pathlib.Path("/usr/share/doc/opencv-doc/examples/data")
PHOTOS = ("aero1.jpg", "aloeL.jpg", "apple.jpg", "baboon.jpg", "board.jpg", "building.jpg", "butterfly.jpg", "fruits.jpg", "home.jpg",
          "leuvenA.jpg", "messi5.jpg", "orange.jpg", "rubberwhale1.png", "smarties.png", "squirrel_cls.jpg", "stuff.jpg")

# The numbers of src/dream/shaping.cpp (colour_directions) and canvas.cpp.
ROOT = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
DIRECTIONS = ROOT / np.sqrt((ROOT**2).sum(0)).max()
DAMPING = 4

EDGE = 0.02          # burnt and black areas count as this near to 1 and 0: farther, they would outweigh all else
FINEST = 0.4         # cycles per pixel; what is finer is the camera's and JPEG's rather than the scene's
STEPS = [2 ** (i / 2) for i in range(15)]  # k: 1 to 128, half an octave apart


def read_photo(path):
    """(H,W,3) float64 in [0,1]."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "json", path]
    stream = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)["streams"][0]
    decode = ["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    data = subprocess.run(decode, capture_output=True, check=True).stdout
    return np.frombuffer(data, np.uint8).reshape(stream["height"], stream["width"], 3) / 255


def strengths(picture):
    """(3, len(STEPS)): root of the mean square at each step, NaN where the picture has no such waves."""
    height, width, _ = picture.shape
    clipped = np.clip(picture, EDGE, 1 - EDGE)
    logits = np.log(clipped / (1 - clipped))
    plain = DAMPING * np.einsum("ij,hwj->ihw", np.linalg.inv(DIRECTIONS), logits)
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    plain = (plain - (plain * window).sum((1, 2), keepdims=True) / window.sum()) * window / np.sqrt((window**2).mean())
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    waves = np.abs(np.fft.fft2(plain)) * frequency / math.sqrt(width * height)
    along = frequency * max(width, height)
    found = np.full((3, len(STEPS)), np.nan)
    for i, step in enumerate(STEPS):
        band = (along >= step / 2**0.25) & (along < step * 2**0.25) & (frequency > 0) & (frequency <= FINEST)
        if band.any() and step <= FINEST * max(width, height):
            found[:, i] = np.sqrt((waves[:, band] ** 2).mean(1))
    return found


def table(pictures):
    return np.nanmean([strengths(picture) for picture in pictures], axis=0)


def as_text(numbers):
    return "\n".join("    {" + ", ".join(f"{number:.2f}" for number in row) + "}," for row in numbers)


def main(arguments):
    paths = [pathlib.Path(argument) for argument in arguments] or [EXAMPLES]
    if len(paths) == 1 and paths[0].is_dir():
        paths = [paths[0] / name for name in PHOTOS]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        print(f"measure_photo_spectrum: expected photographs, but there is no {', '.join(missing)}; install opencv-doc "
              "(scripts/install_deps.sh)", file=sys.stderr)
        return 69
    print(as_text(table(read_photo(path) for path in paths)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
