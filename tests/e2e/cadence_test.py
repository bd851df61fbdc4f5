"""Tests temporal.every: which frames are dreamed, how the others are filled in, and that every way of
rendering gives the same.
"""

import shutil
import subprocess
import unittest

import numpy
from bench import WithBench, frame_hashes, levels_of, md5s, part_of, stripes, write_clip

LOSSLESS = ("--set", "output.video={codec: ffv1, pixel_format: gbrp16}")
SHOTS = (126, 14, 34)  # segments end at 120, 126, 140 and 174
LEVELS = 2  # of 65535; the frames are quantised, and so are the expected ones
MILLISECONDS = 0.5 / (8 / 24 * 1000)  # Matroska rounds times to milliseconds: half of one, in a fade of 8 frames


def every(number):
    return ("--set", f"temporal.every={number}")


def zoom(frames):
    return ("--set", f"input={{path: ~, noise: {{size: 64x48, fps: 24, duration: {frames}f}}}}",
            "--set", "camera={zoom: 1.6, rotate: 20}")


class Filled(WithBench):
    def dreamed_frames(self, bench, *arguments):
        """The numbers of the frames that equal those of a render in which every frame is dreamed."""
        self.render(bench, *LOSSLESS, "--set", "temporal.blend=0", *arguments)
        all_dreamed = frame_hashes(bench.output)
        found = {}
        for number in (2, 3, 8):
            self.render(bench, *LOSSLESS, "--set", "temporal.blend=0", *arguments, *every(number))
            hashes = frame_hashes(bench.output)
            self.assertEqual(len(hashes), len(all_dreamed))
            found[number] = [i for i, (a, b) in enumerate(zip(all_dreamed, hashes)) if a == b]
        return found

    def test_one_frame_in_so_many_is_dreamed_and_the_last_of_each_shot(self):
        self.assertEqual(self.dreamed_frames(self.bench(frames=(8, 5, 9))), {
            2: [0, 2, 4, 6, 7, 8, 10, 12, 13, 15, 17, 19, 21],
            3: [0, 3, 6, 7, 8, 11, 12, 13, 16, 19, 21],
            8: [0, 7, 8, 12, 13, 21]})

    def test_where_nothing_moves_the_others_are_what_lies_between_in_time(self):
        bench = self.bench()
        subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "mandelbrot=size=64x48:rate=24",
                        "-vf", "trim=end_frame=1,loop=loop=9:size=1,setpts=N/24/TB,format=gbrp", "-c:v", "ffv1",
                        str(bench / "clip.mkv")], check=True)
        self.render(bench, *LOSSLESS, *every(3))
        frames = levels_of(bench.output)
        self.assertEqual(len(frames), 10)
        for before in (0, 3, 6):
            a, b = frames[before], frames[before + 3]
            self.assertGreater(numpy.abs(a - b).mean(), 50 * LEVELS)
            for step in (1, 2):
                between = a + (b - a) * step / 3
                self.assertLessEqual(numpy.abs(frames[before + step] - between).mean(), LEVELS)

    def test_opacity_is_that_of_the_frame(self):
        bench = self.bench(frames=(9, 1, 1))
        source = levels_of(bench / "clip.mkv", "rgb24")[:9]
        cut = ("--set", "input.trim=[~, 9f]")
        self.render(bench, *LOSSLESS, *cut, *every(4))
        plain = levels_of(bench.output)
        self.render(bench, *LOSSLESS, *cut, *every(4), "--set", "dream.opacity={0f: 1, 8f: 0}")
        faded = levels_of(bench.output)
        for frame in range(9):
            expected = plain[frame] + (source[frame] - plain[frame]) * frame / 8
            reach = numpy.abs(source[frame] - plain[frame]).max()
            self.assertLessEqual(numpy.abs(faded[frame] - expected).max(), LEVELS + MILLISECONDS * reach, frame)

    def test_the_mask_is_that_of_the_frame(self):
        bench = self.bench(frames=(8, 5, 9))
        source = levels_of(bench / "clip.mkv", "rgb24")
        masks = stripes(22)
        write_clip(bench / "mask.mkv", masks)
        self.render(bench, *LOSSLESS, *every(2))
        plain = levels_of(bench.output)
        self.render(bench, *LOSSLESS, *every(2), "--set", "dream.opacity={0f: 1, 16f: 0.2}",
                    # The dream underneath is the same.
                    "--set", f"dream.mask={{path: {bench / 'mask.mkv'}, confine: false}}")
        masked = levels_of(bench.output)
        self.assertEqual(len(masked), 22)
        for frame in range(22):
            added = (plain[frame] - source[frame]) * (masks[frame] > 0)
            expected = source[frame] + added * max(0.2, 1 - 0.05 * frame)
            self.assertGreater(numpy.abs(added).max(), 1000 * LEVELS)
            self.assertLessEqual(numpy.abs(masked[frame] - expected).max(), LEVELS + MILLISECONDS * numpy.abs(added).max(),
                                 frame)

    def test_an_excerpt_has_the_frames_of_the_whole(self):
        bench = self.bench(frames=(20, 7, 15))
        self.render(bench, *LOSSLESS, *every(4))
        whole = frame_hashes(bench.output)
        # The excerpt's own last frame is dreamed. So the frames between the last common dreamed frame and it
        # differ.
        for begin, end, same in ((5, 15, 13), (22, 27, 27), (30, 42, 42)):
            self.render(bench, *LOSSLESS, *every(4), "--frames", f"{begin}..{end}", "--restart")
            self.assertEqual(frame_hashes(part_of(bench.output, begin, end))[:same - begin], whole[begin:same])


class Same(WithBench):
    """Every way of rendering must give the same frames."""

    def test_after_a_kill_at_every_place_of_a_gap(self):
        bench = self.bench(frames=(50, 5, 9))
        write_clip(bench / "mask.mkv", stripes(64))
        masked = ("--set", f"dream.mask={{path: {bench / 'mask.mkv'}}}", "--set", "dream.opacity={0f: 1, 60f: 0.2}")
        for arguments in (every(4), (*every(4), *zoom(50)), (*every(4), "--set", "dream.opacity=0.7"), (*every(2), *masked)):
            whole = bench / "whole.mkv"
            self.render(bench, *arguments, "-o", whole)
            # Frame 20 is dreamed, the others are filled in.
            self.expect_same_after_kills(bench, (20, 21, 22, 23), md5s(whole), *arguments)

    def test_after_a_kill_at_the_border_of_a_segment(self):
        bench = self.bench(frames=SHOTS)
        # Dreamed are 112 and 120, 119 and 126, 115 and 120. So the gaps end before, at and behind the border.
        for number in (8, 7, 5):
            whole = bench / "whole.mkv"
            self.render(bench, *every(number), "-o", whole)
            bench.kill_at("parts/000000.seg", *every(number))
            self.render(bench, *every(number))
            self.assertEqual(md5s(bench.output), md5s(whole), number)
            bench.output.unlink()

    def test_after_parts_were_lost(self):
        bench = self.bench(frames=SHOTS)
        for arguments in (every(8), every(7), (*every(8), *zoom(140))):
            self.render(bench, *arguments, "--keep-work", "--restart")
            expected = md5s(bench.output)
            parts = bench / "out.mkv.work/parts"
            for lost in (("000000",), ("000120",), ("000000", "000120")):
                for name in lost:
                    (parts / f"{name}.seg").unlink()
                self.render(bench, *arguments, "--keep-work")
                self.assertEqual(md5s(bench.output), expected, lost)

    def test_without_the_frame_that_a_segment_goes_on_from(self):
        bench = self.bench(frames=SHOTS)
        self.render(bench, *every(8), "--keep-work")
        expected = md5s(bench.output)
        work = bench / "out.mkv.work"
        (work / "parts/000120.seg").unlink()
        (work / "frames/000112.png").unlink()
        errors = self.render(bench, *every(8))
        self.assertIn("frame 112, which the dream goes on from, is not there; frames 0.. are rendered again", errors)
        self.assertEqual(md5s(bench.output), expected)

    def test_from_a_farm(self):
        bench = self.bench(frames=SHOTS)
        for arguments in (every(8), (*every(3), "--set", "output.loop.crossfade=8f")):
            self.expect_same_from_a_farm(bench, *arguments)

    def test_in_a_loop(self):
        bench = self.bench(frames=(60, 1, 1))
        for more in (("--set", "input.trim=[~, 60f]"), zoom(52)):
            arguments = (*LOSSLESS, *every(4), "--set", "output.loop.crossfade=8f", *more)
            self.render(bench, *arguments, "--keep-work", "--restart")
            expected = md5s(bench.output)
            run_in = bench / "out.mkv.work/frames/-00001.png"
            self.assertEqual(levels_of(run_in).tolist(), levels_of(bench.output)[-1:].tolist())
            bench.output.unlink()
            shutil.rmtree(bench / "out.mkv.work")
            self.expect_same_after_kills(bench, (22,), expected, *arguments)


class Said(WithBench):
    def test_check_counts_the_dreamed_frames(self):
        bench = self.bench(frames=(8, 5, 9))
        _, out, _ = bench.run("check", bench.job, *every(3))
        self.assertIn("# 22 frames", out)
        self.assertIn("# 11 of them are dreamed, the others filled in", out)
        self.assertIn("every: 3", out)
        _, out, _ = bench.run("check", bench.job)
        self.assertNotIn("filled in", out)

    def test_what_is_not_from_1_to_8_is_refused(self):
        bench = self.bench()
        for value in ("0", "9", "2.5", "{0s: 2}"):
            code, _, errors = bench.render("--set", f"temporal.every={value}")
            self.assertEqual(code, 78, errors)
            self.assertIn("temporal.every: expected a whole number from 1 to 8, got", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
