"""Tests a job whose last frame leads into its first. The seam must not be visible, and every way of rendering
gives the same.
"""

import shutil
import subprocess
import unittest

import numpy
from bench import WithBench, frame_hashes, levels_of, md5s, part_of, raw_video, stripes, write_clip

SHOTS = (20, 7, 15)  # with a crossfade of 8 frames: 8 run in, 34 are shown, with cuts at 12 and 19
LOOP = ("--set", "output.loop.crossfade=8f")
CHOSEN = ("--set", "output.loop=true")  # of 42 frames, 11 to 14 run in
ZOOM = ("--set", "input={path: ~, noise: {size: 64x48, fps: 24, duration: 30f}}",
        "--set", "camera={zoom: 1.6, rotate: 20}", "--set", "temporal.noise=0.01")
ONE_STEP_AMONG_OTHERS = 1.05  # the seam's step differs from its neighbours by some hundredths
LEVELS = 2  # of 65535; the frames are quantised, and so are the expected ones
LOSSLESS16 = ("--set", "output.video={codec: ffv1, pixel_format: gbrp16}")
LOSSLESS = ("--set", "output.video={codec: ffv1, pixel_format: gbrp10}")


def frames_of(path, width=64, height=48):
    """The decoded frames, (N,H,W,3), 8 bits, signed."""
    return numpy.frombuffer(raw_video(path, "rgb24"), numpy.uint8).reshape(-1, height, width, 3).astype(numpy.int16)


def seam_and_steps(path):
    """The mean absolute difference of the last and the first frame, and the differences of all neighbours."""
    frames = frames_of(path)
    steps = [numpy.abs(a - b).mean() for a, b in zip(frames, frames[1:])]
    return numpy.abs(frames[-1] - frames[0]).mean(), steps


def sound_seconds(path):
    """The end of a file's sound in seconds, by its packets."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a", "-show_entries",
                           "packet=pts_time,duration_time", "-of", "csv=p=0", str(path)], stdout=subprocess.PIPE, check=True)
    pts, duration = done.stdout.decode().split()[-1].split(",")[:2]
    return float(pts) + float(duration)


def uneven(path, frames):
    """A zoom in which every third step is twice the others, as after a change of the frame rate."""
    subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "mandelbrot=size=64x48:rate=24", "-vf",
                    f"select='not(eq(mod(n\\,4)\\,1))',setpts=N/24/TB,trim=end_frame={frames},format=gbrp", "-c:v", "ffv1",
                    "-pix_fmt", "gbrp", str(path)], check=True)


def steps_of(frames):
    """The mean absolute differences of neighbours."""
    return [numpy.abs(a - b).mean() for a, b in zip(frames, frames[1:])]


class Seam(WithBench):
    def test_of_a_zoom(self):
        bench = self.bench()
        self.render(bench, *LOSSLESS, *ZOOM)
        jump, steps = seam_and_steps(bench.output)
        self.assertGreater(jump, 2 * numpy.median(steps), "what is to be closed")
        self.render(bench, *LOSSLESS, *LOOP, *ZOOM, "--keep-work")
        seam, steps = seam_and_steps(bench.output)
        self.assertEqual(len(steps), 29)
        # A dream out of noise settles, and its steps get smaller with its age. So the seam is compared with
        # the steps around it.
        run_in = [frames_of(bench / f"out.mkv.work/frames/-{frame:05}.png")[0] for frame in range(8, 0, -1)]
        self.assertLessEqual(seam, ONE_STEP_AMONG_OTHERS * numpy.median(steps_of(run_in) + steps[:7]))

    def test_of_a_clip(self):
        bench = self.bench()
        uneven(bench / "clip.mkv", 40)
        self.render(bench, *LOSSLESS)
        jump, steps = seam_and_steps(bench.output)
        self.assertGreater(jump, 2 * numpy.median(steps), "what is to be closed")
        self.render(bench, *LOSSLESS, "--set", "output.loop.crossfade=13f")
        seam, steps = seam_and_steps(bench.output)
        self.assertGreater(seam, numpy.median(steps), "what the usual length leaves")
        self.render(bench, *LOSSLESS, *CHOSEN)
        seam, steps = seam_and_steps(bench.output)
        self.assertLessEqual(seam, numpy.median(steps))

    def test_the_last_frame_is_the_last_of_the_run_in(self):
        bench = self.bench(frames=SHOTS)
        carried = ("--set", "temporal.noise=0.2", "--set", "temporal.noise_motion=carried")
        for arguments in (ZOOM, (*ZOOM, *carried), ("--set", "colour.match=first"),
                          ("--set", "temporal.carry=image")):
            self.render(bench, *LOSSLESS16, *LOOP, *arguments, "--keep-work", "--restart")
            run_in = bench / "out.mkv.work/frames/-00001.png"
            self.assertEqual(frames_of(run_in).tolist(), frames_of(bench.output)[-1:].tolist(), arguments)

    def test_the_end_goes_through_a_cut_in_the_run_in(self):
        bench = self.bench(frames=(5, 20, 15))
        source = levels_of(bench / "clip.mkv", "rgb24")
        self.render(bench, *LOSSLESS16, *LOOP, "--set", "dream.iterations=0", "--set", "temporal.iterations=0")
        frames = levels_of(bench.output)
        self.assertEqual(len(frames), 32)
        for frame in range(32):
            share = max(0, frame - 24) / 7
            weight = share * share * (3 - 2 * share)
            expected = source[frame + 8] * (1 - weight) + source[max(0, frame - 24)] * weight
            self.assertLessEqual(numpy.abs(frames[frame] - expected).max(), LEVELS, frame)
        self.assertGreater(steps_of(source[:8])[4], 3 * steps_of(source[:8])[3], "the cut")
        self.render(bench, *LOSSLESS16, *LOOP, "--keep-work", "--restart")
        run_in = bench / "out.mkv.work/frames/-00001.png"
        self.assertEqual(levels_of(run_in).tolist(), levels_of(bench.output)[-1:].tolist())

    def test_of_a_draft(self):
        bench = self.bench(frames=SHOTS)
        for arguments, last in ((LOOP, 34), (ZOOM + LOOP, 30)):
            self.render(bench, "--draft", *LOSSLESS16, *arguments, "--keep-work", "--restart")
            run_in = frames_of(bench / "out_draft.mkv.work/frames/-00001.png", 32, 24)
            frames = frames_of(bench / "out_draft.mkv", 32, 24)
            self.assertEqual(len(frames), last)
            self.assertEqual(run_in.tolist(), frames[-1:].tolist(), arguments)

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


class Length(WithBench):
    """The length of the run-in, if the job does not give it."""

    def shown(self, bench, *arguments):
        code, out, errors = bench.run("check", bench.job, *CHOSEN, *arguments)
        self.assertEqual(code, 0, errors)
        return int(out.split("# a loop: ")[1].split()[0]), int(out.split("\n# ")[1].split()[0])

    def test_is_that_of_the_smallest_step(self):
        bench = self.bench(frames=SHOTS)
        steps = steps_of(frames_of(bench / "clip.mkv"))
        smallest = min(range(11, 15), key=lambda length: steps[length - 1])
        self.assertNotEqual(smallest, 14, "the usual one")
        self.assertEqual(self.shown(bench), (smallest, 42 - smallest))
        self.render(bench, *CHOSEN)
        self.assertEqual(len(frames_of(bench.output)), 42 - smallest)

    def test_is_the_usual_where_nothing_moves(self):
        bench = self.bench()
        write_clip(bench / "clip.mkv", numpy.full((42, 48, 64, 3), 90))
        self.assertEqual(self.shown(bench), (14, 28))

    def test_does_not_depend_on_the_size_of_the_frames(self):
        # Of 36 frames, 9 to 12 may run in. In the step to frame 10, only single pixels change, which a scaled
        # picture hides. In the step to frame 11, all pixels change a little.
        random = numpy.random.default_rng(5)
        checker = numpy.indices((288, 384)).sum(axis=0)[..., None] % 2 * 2 - 1
        frames, blocks = [], None
        for number in range(36):
            if number not in (10, 11):
                blocks = numpy.kron(random.integers(-12, 13, (3, 4)), numpy.ones((96, 96)))[..., None]
            grey = 120 + blocks + (8 if number < 10 else -8) * checker + (2 if number >= 11 else 0)
            frames.append(numpy.repeat(grey, 3, axis=2))
        bench = self.bench()
        write_clip(bench / "clip.mkv", numpy.stack(frames))
        self.assertEqual(self.shown(bench, "--set", "input.filter=scale=192:144"), (10, 26))
        self.assertEqual(self.shown(bench), (11, 25))
        for scaled in (("--draft",), ("--motion",), ("--draft", "--motion")):
            self.assertEqual(self.shown(bench, *scaled), (11, 25), scaled)
        self.render(bench, "--draft", *CHOSEN)
        self.assertEqual(len(frames_of(bench / "out_draft.mkv", 192, 144)), 25)


class Masked(WithBench):
    """A mask from a file, whose frames go with the clip's frames, including the run-in."""

    def setUp(self):
        self.made = self.bench(frames=SHOTS, iterations=10)
        masks = stripes(42)
        write_clip(self.made / "mask.mkv", masks)
        self.inside = masks > 0
        self.source = levels_of(self.made / "clip.mkv", "rgb24")

    def expect_resumed_as(self, expected, *arguments):
        shutil.rmtree(self.made / "out.mkv.work", ignore_errors=True)
        self.made.output.unlink()
        for frame in ("-00003", "000029"):
            self.made.kill_at(f"frames/{frame}.png", *arguments)
        errors = self.render(self.made, *arguments)
        self.assertIn("resumed at frame", errors)
        self.assertEqual(md5s(self.made.output), expected)

    def test_the_whole_dream(self):
        arguments = (*LOSSLESS16, *LOOP, "--set", f"dream.mask={{path: {self.made / 'mask.mkv'}}}")
        self.render(self.made, *arguments, "--keep-work")
        expected = md5s(self.made.output)
        frames = levels_of(self.made.output)
        for frame in range(26):  # before the crossfade
            inside, source = self.inside[frame + 8], self.source[frame + 8]
            self.assertEqual(frames[frame][~inside].tolist(), source[~inside].tolist(), frame)
            self.assertGreater(numpy.abs(frames[frame] - source)[inside].mean(), 500 * LEVELS, frame)
        run_in = levels_of(self.made / "out.mkv.work/frames/-00001.png")[0]
        last = numpy.where(self.inside[7], run_in, self.source[7])
        self.assertLessEqual(numpy.abs(frames[-1] - last).max(), LEVELS)
        self.expect_resumed_as(expected, *arguments)

    def test_an_objective(self):
        masked = f"dream.objectives=[{{layer: relu2, mask: {{path: {self.made / 'mask.mkv'}}}}}]"
        arguments = (*LOSSLESS16, *LOOP, "--set", masked)
        self.render(self.made, *arguments, "--set", "temporal.blend=0")  # nothing of the earlier dream stays in place
        frames = levels_of(self.made.output)
        for frame in range(26):
            # The neurons' view, which also goes round the edges of the rolled picture.
            reach = numpy.any([numpy.roll(self.inside[frame + 8], by, axis=1) for by in range(-16, 17)], axis=0)
            source = self.source[frame + 8]
            self.assertEqual(frames[frame][~reach].tolist(), source[~reach].tolist(), frame)
            self.assertGreater(numpy.abs(frames[frame] - source)[self.inside[frame + 8]].mean(), 500 * LEVELS, frame)
        self.render(self.made, *arguments, "--keep-work", "--restart")
        run_in = self.made / "out.mkv.work/frames/-00001.png"
        self.assertEqual(levels_of(run_in).tolist(), levels_of(self.made.output)[-1:].tolist())
        self.expect_resumed_as(md5s(self.made.output), *arguments)


class Same(WithBench):
    """Every way of rendering must give the same frames."""

    def test_after_kills_in_the_run_in_and_in_the_crossfade(self):
        bench = self.bench(frames=SHOTS)
        for arguments, last in ((LOOP, 30), ((*LOOP, *ZOOM), 26)):
            whole = bench / "whole.mkv"
            self.render(bench, *arguments, "-o", whole)
            for frame in ("-00003", f"{last - 20:06}", f"{last:06}"):
                bench.kill_at(f"frames/{frame}.png", *arguments)
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
        for looped in (LOOP, CHOSEN):
            self.render(bench, *looped, *LOSSLESS, "-o", bench / "whole.mkv")
            whole = frame_hashes(bench / "whole.mkv")
            end = len(whole)
            for begin, end in ((5, 9), (9, 16), (end - 14, end)):
                self.render(bench, *looped, *LOSSLESS, "--frames", f"{begin}..{end}", "--restart")
                self.assertEqual(frame_hashes(part_of(bench.output, begin, end)), whole[begin:end])

    def test_from_a_farm(self):
        bench = self.bench(frames=SHOTS)
        for looped in (LOOP, CHOSEN):
            self.expect_same_from_a_farm(bench, *looped)


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
        _, out, _ = bench.run("check", bench.job, *CHOSEN)
        self.assertIn("loop: true", out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
