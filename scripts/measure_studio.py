#!/usr/bin/env python3
"""Measures how quickly the studio answers, by its API (docs/studio.md) and by its page in Chromium.

usage: measure_studio.py DREAMREEL PAGE [--previews N] [--only PART ...] [--clip FILE]

DREAMREEL is the program. PAGE is the folder of the build that npm has filled (build/dev/studio_page), from which the
page's measures take playwright-core. Prints one table. The default network is needed (dreamreel fetch).

parts:
  preview    a change until the first octave and the whole preview are on the screen; frames of 640x360
  interrupt  a preview until the preview before it has ended
  drag       rendered frames on the screen each second while the playhead is dragged
  open       a click on a clip of ten minutes until its frame and its curves are on the screen
  memory     the studio's memory over N previews (default: 500)
"""

import argparse
import json
import os
import pathlib
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PARTS = ("preview", "interrupt", "drag", "open", "memory")
WIDTH, HEIGHT = 640, 360
PATIENCE = 120  # s that any one event may take
JOB = """input: {{path: {clip}}}
output: {{path: {output}}}
"""
QUICK = "dream: {octaves: 1, iterations: 1}\n"  # what is measured is not the dream


class Studio:
    """A running studio, and what its events say."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, "studio", str(folder)], stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL)
        self.address = self.process.stdout.readline().strip()
        self.base, _, self.token = self.address.partition("/?token=")
        self.events = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()
        self.events.get(timeout=PATIENCE)

    def request(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers))

    def post(self, path, body):
        with self.request(path, body) as answer:
            return json.load(answer)

    def listen(self):
        with self.request("/api/events") as lines:
            for line in lines:
                if line.startswith(b": here"):
                    self.events.put((time.monotonic(), {"event": "here"}))
                if line.startswith(b"data: "):
                    self.events.put((time.monotonic(), json.loads(line[6:])))

    def wait(self, is_wanted):
        """The time and the event of the first event that `is_wanted` takes; earlier ones are forgotten."""
        end = time.monotonic() + PATIENCE
        while True:
            heard, event = self.events.get(timeout=max(0.1, end - time.monotonic()))
            if is_wanted(event):
                return heard, event

    def preview(self, job, frame=0, **more):
        return self.post("/api/preview", {**job, "frame": frame, "side": WIDTH, **more})["preview"]

    def wait_for_preview(self, number, *states):
        return self.wait(lambda event: event.get("preview") == number and event["state"] in states)

    def memory(self):
        """Bytes of memory in use."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def end(self):
        self.process.terminate()
        self.process.wait()


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


def prepare(folder, clip, program, parts):
    """Writes clips and jobs into the folder."""
    scale = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT}"
    ffmpeg("-i", clip, "-frames:v", 48, "-vf", scale, "-an", folder / "clip.mp4")
    (folder / "preview.yaml").write_text(JOB.format(clip="clip.mp4", output="preview.mp4"))
    if "drag" in parts:
        (folder / "drag.yaml").write_text(JOB.format(clip="clip.mp4", output="drag.mp4") + QUICK)
        subprocess.run([program, "-q", "render", "--keep-work", folder / "drag.yaml"], check=True)
    if "open" in parts:
        ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={WIDTH}x{HEIGHT}:rate=25:duration=600", "-f", "lavfi", "-i",
               "sine=frequency=220:beep_factor=2:duration=600", "-preset", "ultrafast", "-shortest", folder / "long.mp4")


def job_of(folder, name):
    return {"file": name, "text": (folder / name).read_text()}


def interrupted(studio, folder):
    """Seconds from each of ten previews until the one before it has ended."""
    job = job_of(folder, "preview.yaml")
    gone = []
    endless = {"set": ["dream.iterations=1000"]}
    number = studio.preview(job, **endless)
    for frame in range(1, 11):
        studio.wait_for_preview(number, "growing")
        begin = time.monotonic()
        following = studio.preview(job, frame, **endless)
        gone.append(studio.wait_for_preview(number, "interrupted")[0] - begin)
        number = following
    studio.post("/api/cancel", {"number": number})
    return gone


def memory_over(studio, folder, count):
    """MiB in use after each twentieth part of the previews, with other settings and frames each time."""
    job = job_of(folder, "preview.yaml")
    used = []
    for i in range(count):
        settings = [f"seed={i}", f"dream.octaves={1 + i % 2}", "dream.iterations=1", f"dream.step={1 + i % 5}"]
        studio.wait_for_preview(studio.preview(job, i % 48, set=settings), "whole")
        if (i + 1) % max(1, count // 20) == 0:
            used.append(studio.memory() / 2**20)
    return used


def page_measures(address, page, parts):
    script = pathlib.Path(__file__).with_name("measure_studio_page.mjs")
    done = subprocess.run(["node", script, address, *parts], check=True, stdout=subprocess.PIPE, text=True,
                          env=os.environ | {"PAGE": str(page)})
    return json.loads(done.stdout)


def spread(seconds):
    return f"{statistics.median(seconds):.2f} s (up to {max(seconds):.2f} s of {len(seconds)})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--previews", type=int, default=500)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    root = pathlib.Path(__file__).resolve().parents[1]
    parser.add_argument("--clip", type=pathlib.Path, default=root / "samples/media/vtest.avi")
    asked = parser.parse_args()
    program, page = str(pathlib.Path(asked.program).resolve()), asked.page.resolve()
    rows = []
    with tempfile.TemporaryDirectory(prefix="dreamreel-measure-") as scratch:
        folder = pathlib.Path(scratch)
        prepare(folder, asked.clip.resolve(), program, asked.only)
        studio = Studio(program, folder)
        try:
            job = job_of(folder, "preview.yaml")
            studio.wait_for_preview(studio.preview(job), "whole", "failed")  # the network is loaded
            in_page = [part for part in asked.only if part in ("preview", "drag", "open")]
            measured = page_measures(studio.address, page, in_page) if in_page else {}
            if "preview" in asked.only:
                rows += [("first octave on the screen", spread(measured["first"])),
                         ("whole preview on the screen", spread(measured["whole"]))]
            if "interrupt" in asked.only:
                rows.append(("an interrupted preview gone", spread(interrupted(studio, folder))))
            if "drag" in asked.only:
                rows.append(("rendered frames while dragging", f"{measured['drag']:.1f} a second"))
            if "open" in asked.only:
                rows += [("a clip of ten minutes: its frame", f"{measured['open']:.2f} s"),
                         ("a clip of ten minutes: its curves", f"{measured['curves']:.2f} s")]
            if "memory" in asked.only:
                used = memory_over(studio, folder, asked.previews)
                rows.append((f"memory over {asked.previews} previews",
                             f"{used[0]:.0f} MiB after a twentieth, {used[-1]:.0f} at the end, {max(used):.0f} at most"))
        finally:
            studio.end()
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors", file=sys.stderr)
    print("| measure | result |\n| --- | --- |")
    for row in rows:
        print(f"| {row[0]} | {row[1]} |")


if __name__ == "__main__":
    main()
