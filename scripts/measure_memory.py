#!/usr/bin/env python3
"""Measures how well a dream survives what hides it, and how it holds together: the tables of docs/engineering/memory.md.

usage: measure_memory.py DREAMREEL FOLDER CASE...

  pairs     a bar passes in front of a photo: six photos, of which one is panned, one is zoomed into, and one is hidden
            for 60 frames
  pan       a photo seen by a camera that pans: how well the dream sticks
  walkers   people walking (vtest.avi): the warping errors
  minute    60 s of a shot that stands still, in front of which a bar passes every 4 s: mean, contrast and change
  cost      seconds a frame at 640x360, and the stages that take them

Makes clips in FOLDER and renders each with the keys KEYS and without them. Running it again is safe; finished renders are
kept. Needs ffmpeg, opencv-doc and python3-opencv.

PHOTOS   photos and vtest.avi            (default: the folder of Debian's opencv-doc)
THREADS  threads of a render             (default: 1)
KEYS     what is compared with defaults  (default: {memory: 96, deepen: 4, calm: 0.75, warmup: 8})
SIZE     of pairs, pan and minute        (default: 240x160)
CLIP     SIZE and FRAMES of walkers      (default: "384x288 120")
PAIRS    which of the pairs, from 0      (default: "0 1 2 3 4 5 6")
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import time

import cv2
import numpy

PHOTOS = pathlib.Path(os.environ.get("PHOTOS", "/usr/share/doc/opencv-doc/examples/data"))
KEYS = os.environ.get("KEYS", "{memory: 96, deepen: 4, calm: 0.75, warmup: 8}")
THREADS = os.environ.get("THREADS", "1")
CLIP_SIZE, CLIP_FRAMES = os.environ.get("CLIP", "384x288 120").split()
PAIRS = [int(place) for place in os.environ.get("PAIRS", "0 1 2 3 4 5 6").split()]
SMALL = tuple(int(side) for side in os.environ.get("SIZE", "240x160").split("x"))
FIRST, PASSING = 6, 24  # the frame in which a bar comes in; the frames until it is gone
JOB = """input: {{path: "{clip}"{more_input}}}
output: {{path: "{output}", audio: none, video: {{codec: ffv1, pixel_format: gbrp16le}}}}
dream: {{objectives: [{{layer: mixed3}}, {{layer: mixed5}}]}}
temporal: {temporal}
"""


class Bench:
    """Renders clips into a folder and reads them again."""

    def __init__(self, dreamreel, folder):
        self.dreamreel, self.folder = dreamreel, folder
        folder.mkdir(parents=True, exist_ok=True)

    def render(self, clip, name, temporal, more_input="", profile=None):
        """Renders `clip` unless that has been done. Returns the output and the processor time in seconds."""
        output, note = self.folder / f"{name}.mkv", self.folder / f"{name}.seconds"
        if not note.exists():
            job = self.folder / f"{name}.yaml"
            job.write_text(JOB.format(clip=clip, output=output, temporal=temporal, more_input=more_input))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [self.dreamreel, "render", job, "--threads", THREADS, "-y", "-q"]
            subprocess.run(command + (["--profile", profile] if profile else []), check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            note.write_text(str(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
        return output, float(note.read_text())

    def measure(self, output, clip, more=()):
        out = subprocess.run([self.dreamreel, "measure", output, "--source", clip, "--json", *more],
                             stdout=subprocess.PIPE, check=True).stdout
        return json.loads(out)


def write_clip(path, frames, size, rate=24):
    """Encodes pictures (H,W,3) of BGR without loss, unless the clip exists."""
    if path.exists():
        return path
    aside = path.with_suffix(".aside.mkv")
    encoder = subprocess.Popen(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24",
                                "-s", "%dx%d" % size, "-r", str(rate), "-i", "-", "-c:v", "ffv1", str(aside)],
                               stdin=subprocess.PIPE)
    for frame in frames:
        encoder.stdin.write(frame.tobytes())
    encoder.stdin.close()
    if encoder.wait() != 0:
        sys.exit(f"measure_memory: ffmpeg could not write {path}")
    return aside.rename(path)


def frames_of(path, size):
    """The frames of a clip one by one, (H,W,3) float32 in [0,1]."""
    width, height = size
    decoder = subprocess.Popen(["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                               stdout=subprocess.PIPE)
    while len(data := decoder.stdout.read(3 * width * height)) == 3 * width * height:
        yield numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3).astype(numpy.float32) / 255
    decoder.wait()


def dream_of(output, clip, size):
    """What the dream added to each frame."""
    return [after - before for after, before in zip(frames_of(output, size), frames_of(clip, size))]


def likeness(a, b):
    """The correlation of two pictures."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / numpy.sqrt((a * a).sum() * (b * b).sum() + 1e-12))


def strength(a):
    return float(numpy.sqrt(numpy.square(a).mean()))


def photo(name):
    picture = cv2.imread(str(PHOTOS / name))
    if picture is None:
        sys.exit(f"measure_memory: {PHOTOS / name} is missing; install opencv-doc or set PHOTOS")
    return picture


class Camera:
    """A photo seen by a camera that pans by `pan` px and zooms in by the factor `zoom` each frame."""

    def __init__(self, picture, size, frames, pan=(0.0, 0.0), zoom=1.0):
        self.size, self.pan, self.zoom = size, pan, zoom
        self.grown = zoom ** frames  # so that the photo has detail for the last frame
        if (pan, zoom) == ((0.0, 0.0), 1.0):
            self.picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            return
        width, height = ((side + abs(step) * frames) * self.grown for side, step in zip(size, pan))
        scale = max(width / picture.shape[1], height / picture.shape[0])
        self.picture = cv2.resize(picture, None, fx=scale, fy=scale,
                                  interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)

    def photo_from_frame(self, t):
        """The affine map (3,3) from a frame's pixels to the photo's, whose centres have whole coordinates."""
        scale = self.grown / self.zoom ** t
        left, top = ((side - 1) / 2 * (self.grown - scale) + step * t * scale
                     for side, step in zip(self.size, self.pan))
        return numpy.array([[scale, 0, left], [0, scale, top], [0, 0, 1]])

    def view(self, t):
        return cv2.warpAffine(self.picture, self.photo_from_frame(t)[:2], self.size,
                              flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)

    def moved(self, picture, t, to):
        """A picture at frame t as frame `to` would show it, and where frame t shows the place (H,W)."""
        there = (numpy.linalg.inv(self.photo_from_frame(t)) @ self.photo_from_frame(to))[:2]
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        shown = numpy.zeros(self.size[::-1], numpy.float32)
        shown[8:-8, 8:-8] = 1
        picture, shown = (cv2.warpAffine(one, there, self.size, flags=flags) for one in (picture, shown))
        return picture, shown > 0.999


class Bar:
    """A strip of another photo that passes from left to right, and stays in the middle for `stays` frames."""

    def __init__(self, picture, size, stays=0):
        self.width, height = size
        self.bar = self.width * 3 // 16
        self.speed = (self.width + 2 * self.bar) / PASSING
        self.picture = cv2.resize(picture, (self.bar, height), interpolation=cv2.INTER_AREA)
        self.stays, self.frames = stays, FIRST + PASSING + stays + 18
        self.gone = FIRST + PASSING + stays  # the first frame without the bar

    def left(self, t):
        way, middle = t - FIRST, PASSING // 2 - 1
        way -= min(max(0, way - middle), self.stays)
        return round(-self.bar + self.speed * way)

    def over(self, picture, t):
        left = self.left(t)
        begin, end = max(left, 0), min(left + self.bar, self.width)
        if begin < end:
            picture = picture.copy()
            picture[:, begin:end] = self.picture[:, begin - left:end - left]
        return picture


def survival(dream, camera, bar):
    """The likeness of the dream to the dream before the bar, 2 frames after it and at the end; and the strength of the
    dream in strips that the last two frames uncovered, as a share of the strength there before the bar. A twelfth of the
    width at both sides is left out."""
    before, likenesses, shares = FIRST - 1, [], []
    first, last = bar.width // 12, bar.width - bar.width // 12
    columns = numpy.zeros(dream[0].shape[:2], bool)
    columns[:, first:last] = True
    for t in (bar.gone + 1, bar.frames - 1):
        expected, shown = camera.moved(dream[before], before, t)
        likenesses.append(likeness(expected[shown & columns], dream[t][shown & columns]))
    for t in range(FIRST, bar.gone):
        begin, end = bar.left(t - 2), bar.left(t)
        if first < begin < end < last:
            expected, _ = camera.moved(dream[before], before, t)
            shares.append(strength(dream[t][:, begin:end]) / strength(expected[:, begin:end]))
    return (*likenesses, float(numpy.mean(shares)))


def cases_of_pairs():
    """Name, photo, photo of the bar, the camera's motion, frames that the bar stays."""
    return [("aloe, zoomed into by 0.5 % a frame", "aloeL.jpg", "butterfly.jpg", {"zoom": 1.005}, 0),
            ("building, the bar stays for 60 frames", "building.jpg", "fruits.jpg", {}, 60),
            ("fruits, panned by 2 px a frame", "fruits.jpg", "butterfly.jpg", {"pan": (2.0, 0.0)}, 0),
            ("fruits", "fruits.jpg", "butterfly.jpg", {}, 0), ("aloe", "aloeL.jpg", "butterfly.jpg", {}, 0),
            ("home", "home.jpg", "baboon.jpg", {}, 0), ("baboon", "baboon.jpg", "building.jpg", {}, 0)]


def pairs(bench):
    print("| photo | with the keys | defaults | with the keys, no bar |\n| --- | --- | --- | --- |")
    for place, (name, back, front, motion, stays) in enumerate(cases_of_pairs()):
        if place not in PAIRS:
            continue
        bar = Bar(photo(front), SMALL, stays)
        camera = Camera(photo(back), SMALL, bar.frames, **motion)
        views = [camera.view(t) for t in range(bar.frames)]
        clips = {"bar": write_clip(bench.folder / f"pair{place}.mkv",
                                   (bar.over(view, t) for t, view in enumerate(views)), SMALL),
                 "plain": write_clip(bench.folder / f"pair{place}_plain.mkv", views, SMALL)}
        cells = []
        for kind, text in (("bar", KEYS), ("bar", "{}"), ("plain", KEYS)):
            output, _ = bench.render(clips[kind], f"pair{place}_{kind}_{'keys' if text == KEYS else 'defaults'}", text)
            after, end, depth = survival(dream_of(output, clips[kind], SMALL), camera, bar)
            cells.append(f"{after:.2f}, {end:.2f}" + (f"; {depth:.2f}" if kind == "bar" else ""))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def sticking(dream, camera, over):
    found = []
    for t in range(8, len(dream) - over, 4):
        expected, shown = camera.moved(dream[t], t, t + over)
        found.append(likeness(expected[shown], dream[t + over][shown]))
    return float(numpy.mean(found))


def pan(bench):
    print("| keys | over 1 frame | over 8 | over 24 | strength at frame 4, 24, 47 |\n| --- | --- | --- | --- | --- |")
    camera = Camera(photo("fruits.jpg"), SMALL, 48, pan=(3.3, 1.1))
    clip = write_clip(bench.folder / "pan.mkv", (camera.view(t) for t in range(48)), SMALL)
    for place, keys in enumerate(("{}", "{memory: 96, deepen: 4, calm: 0.5}", KEYS)):
        output, _ = bench.render(clip, f"pan_{place}", keys)
        dream = dream_of(output, clip, SMALL)
        cells = [f"{sticking(dream, camera, over):.3f}" for over in (1, 8, 24)]
        print(f"| `{keys}` | {' | '.join(cells)} | {', '.join(f'{strength(dream[t]):.3f}' for t in (4, 24, 47))} |",
              flush=True)


def walkers(bench):
    print("| keys | warping error | over 8 | over 24 | memory | depth | processor time |\n" + "| --- " * 7 + "|")
    scale, end = f"scale={CLIP_SIZE.replace('x', ':')}", f"{CLIP_FRAMES}f"
    for place, keys in enumerate(("{}", KEYS)):
        output, seconds = bench.render(PHOTOS / "vtest.avi", f"walkers_{place}", keys,
                                       f', trim: [~, {end}], filter: "{scale}"')
        found = bench.measure(output, PHOTOS / "vtest.avi", ("--filter", scale, "--trim-end", end))
        (bench.folder / f"walkers_{place}.json").write_text(json.dumps(found))
        names = ("warping_error", "warping_error_8", "warping_error_24")
        cells = [f"{found[name]:.6f}" for name in names]
        cells += ["" if found[name] is None else f"{found[name]:.2f}" for name in ("memory", "depth")]
        print(f"| `{keys}` | {' | '.join(cells)} | {seconds:.0f} s |", flush=True)


def standing(seconds, rate, bar):
    """A shot that stands still, with the grain of a camera, in front of which a bar passes every 4 s."""
    still, random = Camera(photo("fruits.jpg"), SMALL, 1).view(0), numpy.random.default_rng(1)
    for t in range(seconds * rate):
        grain = random.normal(0, 1.5, still.shape)
        yield (bar.over(still, t % (4 * rate)) + grain).round().clip(0, 255).astype(numpy.uint8)


def minute(bench):
    """Looks at three frames of every 4 s, none of which the bar hides."""
    print("| keys | mean | contrast | strength | likeness over 4 s, 8 s, 20 s |\n" + "| --- " * 5 + "|")
    rate, bar = 12, Bar(photo("butterfly.jpg"), SMALL)
    clip = write_clip(bench.folder / "minute.mkv", standing(60, rate, bar), SMALL, rate)
    looked_at = [start + more for start in range(0, 60 * rate, 4 * rate) for more in (4, 34, 44)]
    for place, keys in enumerate((KEYS, "{}")):
        output, _ = bench.render(clip, f"minute_{place}", keys)
        means, contrasts, dreams = [], [], {}
        for t, (after, before) in enumerate(zip(frames_of(output, SMALL), frames_of(clip, SMALL))):
            if t in looked_at:
                means.append(after.mean())
                contrasts.append(after.std())
                dreams[t] = after - before
        settled = 3  # of the frames looked at: the dream has grown
        spread = [f"{max(abs(value / values[settled] - 1) for value in values[settled:]) * 100:.1f} %"
                  for values in (means, contrasts)]
        strengths = [f"{strength(dreams[looked_at[i]]):.3f}" for i in (settled, 22, 44)]
        alike = []
        for gap in (4 * rate, 8 * rate, 20 * rate):
            later = [(dreams[t], dreams[t + gap]) for t in looked_at[settled:] if t + gap in dreams]
            alike.append(f"{numpy.mean([likeness(*two) for two in later]):.2f}")
        print(f"| `{keys}` | {' | '.join(spread)} | {', '.join(strengths)} | {', '.join(alike)} |", flush=True)


def stages_of(trace):
    """Milliseconds of each stage, by the name of its spans. The spans of a thread may lie in each other."""
    stages = {}
    for event in json.loads(trace.read_text())["traceEvents"]:
        if event.get("ph") == "X":
            stages[event["name"]] = stages.get(event["name"], 0) + event["dur"] / 1000
    return stages


def cost(bench):
    """A clip of 640x360 in which a bar passes, rendered with each of the keys."""
    size = 640, 360
    bar = Bar(photo("butterfly.jpg"), size)
    camera = Camera(photo("fruits.jpg"), size, bar.frames, pan=(1.4, 0.6))
    clip = write_clip(bench.folder / "cost.mkv", (bar.over(camera.view(t), t) for t in range(bar.frames)), size)
    sets = ("{}", "{memory: 96}", "{memory: 96, deepen: 4}", "{memory: 96, deepen: 4, calm: 0.75}")
    for place, keys in enumerate(sets):
        trace = bench.folder / f"cost_{place}.json"
        began = time.monotonic()
        _, seconds = bench.render(clip, f"cost_{place}", keys, profile=trace)
        print(f"{keys}: {seconds / bar.frames:.3f} s of processor time a frame, {time.monotonic() - began:.0f} s in all")
        for name, spent in sorted(stages_of(trace).items(), key=lambda item: -item[1])[:12]:
            print(f"  {name}: {spent / bar.frames:.1f} ms a frame", flush=True)


def main():
    cases = {"pairs": pairs, "pan": pan, "walkers": walkers, "minute": minute, "cost": cost}
    if len(sys.argv) < 4 or any(case not in cases for case in sys.argv[3:]):
        sys.exit(__doc__)
    bench = Bench(sys.argv[1], pathlib.Path(sys.argv[2]).absolute())
    for case in sys.argv[3:]:
        print(f"\n{case}")
        cases[case](bench)


if __name__ == "__main__":
    main()
