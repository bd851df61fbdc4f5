"""A job whose last frame leads into its first: the seam cannot be seen, and is the same however it was rendered."""

import subprocess
import unittest

import numpy
from bench import WithBench, frame_hashes, md5s, raw_video, wait_for

SHOTS = (20, 7, 15)  # with a crossfade of 8 frames: 8 run in, 34 are shown, with cuts at 12 and 19
LOOP = ("--set", "output.loop.crossfade=8f")
ZOOM = ("--set", "input={path: ~, noise: {size: 64x48, fps: 24, duration: 30f}}",
        "--set", "camera={zoom: 1.6, rotate: 20}", "--set", "temporal.noise=0.01")
# The seam is one step among others, and those of so small a dream differ by half from frame to frame.
ORDINARY = 1.25
LOSSLESS = ("--set", "output.video={codec: ffv1, pixel_format: gbrp10}")


def frames_of(path, width=64, height=48):
    """(N,H,W,3) of the decoded frames, 8 bits, signed."""
    return numpy.frombuffer(raw_video(path, "rgb24"), numpy.uint8).reshape(-1, height, width, 3).astype(numpy.int16)


def seam_and_steps(path):
    """The mean absolute difference of the last and the first frame, and those of all neighbours."""
    frames = frames_of(path)
    steps = [numpy.abs(a - b).mean() for a, b in zip(frames, frames[1:])]
    return numpy.abs(frames[-1] - frames[0]).mean(), steps


def sound_seconds(path):
    """Where the sound of a file ends, by its packets."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a", "-show_entries",
                           "packet=pts_time,duration_time", "-of", "csv=p=0", str(path)], stdout=subprocess.PIPE, check=True)
    pts, duration = done.stdout.decode().split()[-1].split(",")[:2]
    return float(pts) + float(duration)


class Seam(WithBench):
    def expect_no_jump(self, bench, *arguments):
        self.render(bench, *LOSSLESS, *arguments)
        jump, steps = seam_and_steps(bench.output)
        self.assertGreater(jump, 2 * numpy.median(steps), "what is to be closed")
        self.render(bench, *LOSSLESS, *LOOP, *arguments)
        seam, steps = seam_and_steps(bench.output)
        self.assertLessEqual(seam, ORDINARY * numpy.median(steps))
        return len(steps) + 1

    def test_of_a_zoom(self):
        self.assertEqual(self.expect_no_jump(self.bench(), *ZOOM), 30)

    def test_of_a_clip(self):
        bench = self.bench(frames=(40, 1, 1))
        self.assertEqual(self.expect_no_jump(bench, "--set", "input.trim=[~, 40f]"), 32)

    def test_the_last_frame_is_the_last_of_the_run_in(self):
        bench = self.bench(frames=SHOTS)
        for arguments in (ZOOM, ("--set", "colour.match=first"), ("--set", "temporal.carry=image")):
            self.render(bench, "--set", "output.video={codec: ffv1, pixel_format: gbrp16}", *LOOP, *arguments,
                        "--keep-work", "--restart")
            run_in = bench / "out.mkv.work/frames/-00001.png"
            self.assertEqual(frames_of(run_in).tolist(), frames_of(bench.output)[-1:].tolist(), arguments)

    def test_curves_that_close_stay_closed(self):
        bench = self.bench()
        self.render(bench, *LOSSLESS, *LOOP, *ZOOM, "--set", "camera.rotate=60*sin(2*PI*p)", "--set",
                    "dream.opacity=0.6+0.4*cos(2*PI*p)")
        seam, steps = seam_and_steps(bench.output)
        self.assertLessEqual(seam, 1.2 * max(steps[:3] + steps[-3:]))

    def test_the_sound_is_that_of_the_frames(self):
        bench = self.bench(frames=(40, 1, 1))
        self.render(bench, *LOOP, "--set", "input.trim=[~, 40f]")
        self.assertAlmostEqual(sound_seconds(bench.output), 32 / 24, delta=0.11)  # flac: cut at packets
        self.assertEqual(len(frames_of(bench.output)), 32)

    def test_every_container(self):
        bench = self.bench()
        for name, codec in (("out.gif", "gif"), ("out.apng", "apng"), ("out.webm", "vp9")):
            self.render(bench, *ZOOM, *LOOP, "-o", bench / name)
            done = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries",
                                   "stream=codec_name,nb_read_packets", "-of", "csv=p=0", str(bench / name)],
                                  stdout=subprocess.PIPE, check=True)
            self.assertEqual(done.stdout.decode().strip(), f"{codec},30")
        self.render(bench, *ZOOM, *LOOP, "-o", bench / "out.webp")
        self.assertEqual((bench / "out.webp").read_bytes().count(b"ANMF"), 30)


class Same(WithBench):
    """However it was rendered."""

    def test_after_kills_in_the_run_in_and_in_the_crossfade(self):
        bench = self.bench(frames=SHOTS, iterations=20)
        for arguments, last in ((LOOP, 30), ((*LOOP, *ZOOM), 26)):
            whole = bench / "whole.mkv"
            self.render(bench, *arguments, "-o", whole)
            kills = 0
            for frame in ("-00003", f"{last - 20:06}", f"{last:06}"):
                process = bench.start("render", bench.job, "--threads", "1", *arguments)
                self.assertTrue(wait_for(lambda: (bench / f"out.mkv.work/frames/{frame}.png").exists()
                                         or process.poll() is not None))
                process.kill()
                kills += process.wait() != 0
            self.assertGreater(kills, 0)
            self.render(bench, *arguments)
            self.assertEqual(md5s(bench.output), md5s(whole))
            self.assertEqual(bench.leftovers(), [])
            bench.output.unlink()

    def test_after_a_frame_of_the_run_in_was_lost(self):
        bench = self.bench(frames=SHOTS)
        self.render(bench, *LOOP, "--keep-work")
        expected = md5s(bench.output)
        work = bench / "out.mkv.work"
        (work / "frames/-00004.png").unlink()
        (work / "parts/000019.seg").unlink()
        self.render(bench, *LOOP)
        self.assertEqual(md5s(bench.output), expected)

    def test_in_an_excerpt(self):
        bench = self.bench(frames=SHOTS)
        self.render(bench, *LOOP, *LOSSLESS, "-o", bench / "whole.mkv")
        whole = frame_hashes(bench / "whole.mkv")
        self.assertEqual(len(whole), 34)
        for begin, end in ((5, 12), (12, 19), (20, 34)):
            self.render(bench, *LOOP, *LOSSLESS, "--frames", f"{begin}..{end}", "--restart")
            self.assertEqual(frame_hashes(bench.output), whole[begin:end])

    def test_from_a_farm(self):
        bench = self.bench(frames=SHOTS)
        self.render(bench, *LOOP, "-o", bench / "whole.mkv")
        plan = bench / "plan.json"
        self.assertEqual(bench.run("farm", "plan", bench.job, "-o", plan, *LOOP)[0], 0)
        for index in (2, 1, 0):
            code, _, errors = bench.run("farm", "chunk", "--plan", plan, "--index", index, "--threads", "1")
            self.assertEqual(code, 0, errors)
        self.assertEqual(bench.run("farm", "join", "--plan", plan)[0], 0)
        self.assertEqual(md5s(bench.output), md5s(bench / "whole.mkv"))


class Refused(WithBench):
    def test_a_crossfade_that_does_not_fit(self):
        bench = self.bench()
        for value, words in (("8f", "from 2 frames to a third of the length, which is 7 frames, got 8f (8 frames)"),
                             ("10ms", "got 0.01s (0 frames)")):
            code, _, errors = bench.render("--set", f"output.loop.crossfade={value}")
            self.assertEqual(code, 78, errors)
            self.assertIn(words, errors)
        code, _, errors = bench.render("--set", "output.loop=true", "--set", "input.trim=[~, 5f]")
        self.assertEqual(code, 78, errors)
        self.assertIn("output.loop: expected at least 6 frames", errors)
        code, _, errors = bench.render("--set", "output.loop=[1]")
        self.assertEqual(code, 78, errors)
        self.assertIn("output.loop: expected true, false or a map", errors)

    def test_check_says_how_long_it_gets(self):
        bench = self.bench(frames=SHOTS)
        _, out, _ = bench.run("check", bench.job, *LOOP)
        self.assertIn("# 34 frames", out)
        self.assertIn("# a loop: 8 more frames are dreamed before frame 0", out)
        self.assertIn("loop: {crossfade: 8f}", out)
        _, out, _ = bench.run("check", bench.job, "--set", "output.loop=true")
        self.assertIn("loop: true", out)
        self.assertIn("# 28 frames", out)  # a third of the length is less than a second


if __name__ == "__main__":
    unittest.main(verbosity=2)
