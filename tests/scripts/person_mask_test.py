"""Tests masks from: person on footage with a known truth: persons cut out of stills, moved over moving backgrounds.

    person_mask_test.py MATTES FOOTAGE [CASE...]

MATTES is the executable of mattes.cpp, FOOTAGE a folder with opencv-doc's examples. The network `selfie` must have
been fetched. A person's own matte is found once, on the still, because the network sees the whole picture there. The
largest solid part of this matte is the truth in every scene with the person.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

LEAST_OVERLAP = 0.85  # intersection over union of mattes cut at a half, the mean over the frames
FRAMES, HEIGHT, WIDTH = 24, 288, 384

# The persons to cut out: a frame of a video, the size in the scene, and windows.
PERSONS = {
    "sitting": ("Megamind.avi", 140, (400, 293), 1),
    "close": ("Megamind.avi", 245, (400, 293), 1),
}
BACKGROUNDS = ("home.jpg", "fruits.jpg")


def run(command, data=None):
    return subprocess.run([str(part) for part in command], input=data, check=True, stdout=subprocess.PIPE).stdout


def picture(path, number, size=None):
    """(height, width, 3) in [0, 1]"""
    scale = ["-vf", f"select=gte(n\\,{number})" + (f",scale={size[0]}:{size[1]}:flags=bicubic" if size else "")]
    ppm = run(["ffmpeg", "-v", "error", "-i", path, *scale, "-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm", "-"])
    head, width_height, depth, data = ppm.split(b"\n", 3)
    width, height = (int(side) for side in width_height.split())
    assert head == b"P6" and depth == b"255"
    return np.frombuffer(data, np.uint8).reshape(height, width, 3).astype(np.float32) / 255


def write_clip(path, frames):
    height, width = frames.shape[1:3]
    run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "24", "-i", "-",
         "-c:v", "ffv1", "-pix_fmt", "bgr0", path], (frames * 255).round().astype(np.uint8).tobytes())


def mattes(executable, clip, windows):
    """The mattes, (frames, 2, height, width): as rendered, and of every frame alone."""
    line, data = run([executable, "selfie", clip, windows]).split(b"\n", 1)
    frames, height, width = (int(number) for number in line.split())
    return np.frombuffer(data, np.float32).reshape(frames, 2, height, width)


def largest_part(inside):
    """The connected part of a mask with the most pixels."""
    rest, best = inside.copy(), np.zeros_like(inside)
    while rest.any():
        part = np.zeros_like(rest)
        part[np.unravel_index(rest.argmax(), rest.shape)] = True
        size = 0
        while part.sum() > size:
            size = part.sum()
            for _ in range(8):
                grown = np.pad(part, 1)
                part = rest & (grown[1:-1, 1:-1] | grown[2:, 1:-1] | grown[:-2, 1:-1] | grown[1:-1, 2:] | grown[1:-1, :-2])
        if part.sum() > best.sum():
            best = part
        rest &= ~part
    return best


def cut_out(matte):
    """A solid person with a soft edge of a few pixels."""
    solid = np.pad(largest_part(matte > 0.6).astype(float), 1, mode="edge")
    return sum(solid[1 + y:solid.shape[0] - 1 + y, 1 + x:solid.shape[1] - 1 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)) / 9


def shifted(image, dx, dy, height, width):
    """A window of `image` that begins at (dx, dy), bilinear; 0 outside."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    x, y = x + dx, y + dy
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    result = 0
    for row in (0, 1):
        for column in (0, 1):
            inside = (left + column >= 0) & (left + column < image.shape[1]) & (top + row >= 0) & (top + row < image.shape[0])
            value = image[np.clip(top + row, 0, image.shape[0] - 1), np.clip(left + column, 0, image.shape[1] - 1)]
            weight = np.where(row, y - top, 1 - y + top) * np.where(column, x - left, 1 - x + left) * inside
            result = result + value * weight[..., None]
    return result


def place(number):
    """The place of the person in a frame: px right and down."""
    return 1.7 * number - 18, 3 * np.sin(number / 5)


def scene(person, truth, background):
    """The frames (frames, height, width, 3), and the truth (frames, height, width)."""
    frames, mattes_of = [], []
    for number in range(FRAMES):
        right, down = place(number)
        layer = shifted(np.dstack([person * truth[..., None], truth]), -right, -down - (HEIGHT - person.shape[0]),
                        HEIGHT, WIDTH)
        behind = shifted(background, 40 - 1.3 * number, 10 + 0.6 * number, HEIGHT, WIDTH)
        alpha = layer[..., 3:]
        frames.append(layer[..., :3] + behind * (1 - alpha))
        mattes_of.append(alpha[..., 0])
    return np.array(frames).clip(0, 1), np.array(mattes_of)


def overlap(matte, truth):
    a, b = matte > 0.5, truth > 0.5
    return (a & b).sum() / (a | b).sum()


def flicker(maps, truths):
    """The mean change along the person's own motion, in the pixels around the edge of the truth."""
    changes = []
    for number in range(1, len(maps)):
        right, down = np.subtract(place(number), place(number - 1))
        moved = shifted(maps[number - 1][..., None], -right, -down, HEIGHT, WIDTH)[..., 0]
        edge = (truths[number] > 0.02) & (truths[number] < 0.98)
        for _ in range(3):
            edge = edge | np.roll(edge, 1, 0) | np.roll(edge, -1, 0) | np.roll(edge, 1, 1) | np.roll(edge, -1, 1)
        inner = np.zeros_like(edge)
        inner[8:-8, 8:-8] = edge[8:-8, 8:-8]
        changes.append(np.abs(maps[number] - moved)[inner].mean())
    return np.mean(changes)


def measure(executable, footage, name, folder):
    file, number, size, windows = PERSONS[name]
    person = picture(footage / file, number, size)
    write_clip(folder / "still.mkv", person[None])
    truth = cut_out(mattes(executable, folder / "still.mkv", windows)[0, 1])
    is_good = True
    for background in BACKGROUNDS:
        frames, truths = scene(person, truth, picture(footage / background, 0, (512, 400)))
        write_clip(folder / "scene.mkv", frames)
        found = mattes(executable, folder / "scene.mkv", windows)
        overlaps = [overlap(found[i, 0], truths[i]) for i in range(FRAMES)]
        rendered, alone, own = (flicker(maps, truths) for maps in (found[:, 0], found[:, 1], truths))
        print(f"{name} over {background}: overlap {np.mean(overlaps):.3f}, at least {min(overlaps):.3f}; flicker of the edge "
              f"{rendered:.4f}, of every frame alone {alone:.4f}, of the truth {own:.4f}", flush=True)
        is_good = is_good and np.mean(overlaps) >= LEAST_OVERLAP and rendered <= alone
    return is_good


def main():
    executable, footage = sys.argv[1], Path(sys.argv[2])
    names = sys.argv[3:] or list(PERSONS)
    with tempfile.TemporaryDirectory() as folder:
        results = [measure(executable, footage, name, Path(folder)) for name in names]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
