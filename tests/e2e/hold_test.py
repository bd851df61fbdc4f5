"""Tests temporal.hold: a drawing that is shown for several frames is dreamed once, and every way of rendering
gives the same.
"""

import shutil
import subprocess
import unittest

import numpy
from bench import WithBench, frame_hashes, md5s, part_of, raw_video

LOSSLESS = ("--set", "output.video={codec: ffv1, pixel_format: gbrp16}")
HOLD = ("--set", "temporal.hold=true")


def on_twos(bench, frames=(8, 5, 9), repeat=2, codec=("-c:v", "ffv1", "-pix_fmt", "gbrp")):
    """The bench's clip with a jumping box in it. Every frame comes `repeat` times, still at 24 frames a second."""
    pictures = numpy.frombuffer(raw_video(bench / "clip.mkv", "rgb24"), numpy.uint8).reshape(sum(frames), -1)
    height = round((pictures.shape[1] / 4) ** 0.5)  # 4:3
    pictures = pictures.reshape(len(pictures), height, -1, 3).copy()
    for i, picture in enumerate(pictures):
        left = 5 * i % (picture.shape[1] - 8)
        picture[16:24, left:left + 8] = 255 * (1 - picture[16:24, left:left + 8] // 128)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
                    f"{pictures.shape[2]}x{height}", "-r", "24", "-i", "-", *codec, str(bench / "clip.mkv")],
                   input=numpy.repeat(pictures, repeat, axis=0).tobytes(), check=True)


def runs(hashes):
    """The lengths of the runs of equal frames."""
    lengths = []
    for i, one in enumerate(hashes):
        if i and one == hashes[i - 1]:
            lengths[-1] += 1
        else:
            lengths.append(1)
    return lengths


class Held(WithBench):
    def test_every_drawing_is_dreamed_once(self):
        bench = self.bench()
        on_twos(bench)
        self.render(bench, *LOSSLESS)
        self.assertEqual(runs(frame_hashes(bench.output)), [1] * 44)
        self.render(bench, *LOSSLESS, *HOLD)
        self.assertEqual(runs(frame_hashes(bench.output)), [2] * 22)

    def test_on_threes_behind_lossy_compression(self):
        bench = self.bench(frames=(6, 5, 6), size="128x96")
        on_twos(bench, frames=(6, 5, 6), repeat=3, codec=("-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"))
        # Repeated frames are not the same to the bit.
        self.assertGreater(len(set(frame_hashes(bench / "clip.mkv"))), 17)
        self.render(bench, *LOSSLESS, *HOLD)
        self.assertEqual(runs(frame_hashes(bench.output)), [3] * 17)

    def test_a_slow_pan_and_a_slow_fade_are_not_held_for_long(self):
        # A tenth of a pixel and a level a frame.
        for motion in ("scale=1280:960,crop=640:480:n:0,scale=64:48:flags=area", "fade=in:0:255"):
            bench = self.bench()
            subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "mandelbrot=size=640x480:rate=24",
                            "-vf", f"trim=end_frame=1,loop=loop=23:size=1,setpts=N/24/TB,format=gbrp16,{motion},format=gbrp16",
                            "-c:v", "ffv1", str(bench / "clip.mkv")], check=True)
            self.render(bench, *LOSSLESS, *HOLD)
            lengths = runs(frame_hashes(bench.output))
            self.assertEqual(sum(lengths), 24)
            self.assertLessEqual(max(lengths), 4, motion)

    def test_a_camera_that_moves_keeps_the_dream_going(self):
        bench = self.bench()
        on_twos(bench)
        self.render(bench, *LOSSLESS, *HOLD, "--set", "camera.rotate={0f: {value: 0, ease: hold}, 16f: 20}")
        self.assertEqual(runs(frame_hashes(bench.output))[:9], [2] * 8 + [1])
        self.assertEqual(set(runs(frame_hashes(bench.output))[8:]), {1})

    def test_opacity_is_that_of_the_frame(self):
        bench = self.bench(frames=(4, 1, 1))
        on_twos(bench, frames=(4, 1, 1))
        cut = ("--set", "input.trim=[~, 8f]")
        self.render(bench, *LOSSLESS, *HOLD, *cut)
        plain = numpy.frombuffer(raw_video(bench.output, "rgb48le"), numpy.uint16).reshape(8, -1).astype(float)
        source = numpy.frombuffer(raw_video(bench / "clip.mkv", "rgb24"), numpy.uint8).reshape(12, -1)[:8] * 257.0
        self.render(bench, *LOSSLESS, *HOLD, *cut, "--set", "dream.opacity=1-n/8")
        faded = numpy.frombuffer(raw_video(bench.output, "rgb48le"), numpy.uint16).reshape(8, -1).astype(float)
        for frame in range(8):
            expected = plain[frame] + (source[frame] - plain[frame]) * frame / 8
            # Levels of 65535; quantised twice.
            self.assertLessEqual(numpy.abs(faded[frame] - expected).max(), 2, frame)

    def test_noise_has_no_drawings_to_hold(self):
        bench = self.bench()
        zoom = ("--set", "input={path: ~, noise: {size: 64x48, fps: 24, duration: 6f}}")
        self.render(bench, *LOSSLESS, *zoom)
        expected = frame_hashes(bench.output)
        self.render(bench, *LOSSLESS, *zoom, *HOLD)
        self.assertEqual(frame_hashes(bench.output), expected)
        self.assertEqual(runs(expected), [1] * 6)


class Same(WithBench):
    """Every way of rendering must give the same frames."""

    def test_after_a_kill_within_and_between_drawings(self):
        bench = self.bench(frames=(30, 3, 3))
        on_twos(bench, frames=(30, 3, 3), repeat=3)
        for arguments in (HOLD, (*HOLD, "--set", "colour.match=first", "--set", "dream.opacity=0.7"),
                          (*HOLD, "--set", "temporal.every=2")):
            self.render(bench, *arguments, "-o", bench / "whole.mkv")
            self.expect_same_after_kills(bench, (21, 22, 23), md5s(bench / "whole.mkv"), *arguments)

    def test_a_fade_that_is_held_in_parts_goes_on_from_the_same_drawing(self):
        # Every frame differs a little from the one before. Only a comparison with the dreamed frame shows
        # which frames are held.
        bench = self.bench()
        subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "mandelbrot=size=64x48:rate=24",
                        "-vf", "trim=end_frame=1,loop=loop=59:size=1,setpts=N/24/TB,format=gbrp16,fade=in:0:600,format=gbrp16",
                        "-c:v", "ffv1", str(bench / "clip.mkv")], check=True)
        self.render(bench, *LOSSLESS, *HOLD, "-o", bench / "whole.mkv")
        lengths = runs(frame_hashes(bench / "whole.mkv"))
        self.assertGreater(max(lengths), 2)
        self.assertGreater(len(lengths), 5)
        self.expect_same_after_kills(bench, range(20, 25), md5s(bench / "whole.mkv"), *LOSSLESS, *HOLD)

    def test_after_parts_were_lost(self):
        bench = self.bench(frames=(62, 2, 2))
        on_twos(bench, frames=(62, 2, 2), repeat=7)  # 7 does not divide 120, so the segment ends within a drawing
        self.render(bench, *HOLD, "--keep-work")
        expected = md5s(bench.output)
        for lost in (("000000",), ("000120",), ("000240", "000360")):
            for name in lost:
                (bench / f"out.mkv.work/parts/{name}.seg").unlink()
            self.render(bench, *HOLD, "--keep-work")
            self.assertEqual(md5s(bench.output), expected, lost)

    def test_from_a_farm_and_in_excerpts(self):
        bench = self.bench(frames=(12, 3, 8))
        on_twos(bench, frames=(12, 3, 8))
        for more in ((), ("--set", "temporal.every=3")):
            arguments = (*LOSSLESS, *HOLD, *more)
            self.expect_same_from_a_farm(bench, *arguments)
        self.render(bench, *LOSSLESS, *HOLD, "-o", bench / "whole.mkv", "--restart")
        whole = frame_hashes(bench / "whole.mkv")
        for begin, end in ((5, 14), (8, 9), (33, 46)):
            self.render(bench, *LOSSLESS, *HOLD, "--frames", f"{begin}..{end}", "--restart")
            self.assertEqual(frame_hashes(part_of(bench.output, begin, end)), whole[begin:end])

    def test_in_a_loop(self):
        bench = self.bench(frames=(30, 1, 1))
        on_twos(bench, frames=(30, 1, 1))
        arguments = (*LOSSLESS, *HOLD, "--set", "output.loop.crossfade=8f", "--set", "input.trim=[~, 60f]")
        self.render(bench, *arguments, "--keep-work")
        expected = md5s(bench.output)
        lengths = runs(frame_hashes(bench.output))
        self.assertEqual(lengths[:22], [2] * 22)
        self.assertEqual(lengths[22:], [1] * 8)  # the crossfade, whose twins are all dreamed
        last = raw_video(bench.output, "rgb48le")[-64 * 48 * 6:]
        self.assertEqual(last, raw_video(bench / "out.mkv.work/frames/-00001.png", "rgb48le"))
        bench.output.unlink()
        shutil.rmtree(bench / "out.mkv.work")
        self.expect_same_after_kills(bench, (21,), expected, *arguments)


if __name__ == "__main__":
    unittest.main(verbosity=2)
