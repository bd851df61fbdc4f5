"""temporal.memory and temporal.deepen: what a bar hid comes back, and the same however it was rendered."""

import json
import unittest

import numpy
from bench import WithBench, levels_of, md5s, write_clip

WIDTH, HEIGHT, BAR, STEP = 192, 96, 36, 12
LOSSLESS = ("--set", "output.video={codec: ffv1, pixel_format: gbrp16}")


def remembering(memory=96, deepen=4):
    return "--set", f"temporal.memory={memory}", "--set", f"temporal.deepen={deepen}"


def waves(random, height, width):
    y, x = numpy.mgrid[:height, :width]
    picture = numpy.zeros((height, width, 3))
    for channel in range(3):
        for _ in range(12):
            across, down = random.uniform(-0.7, 0.7, 2)
            picture[..., channel] += numpy.sin(across * x + down * y + random.uniform(0, 6.3))
    return (128 + picture * 26).clip(0, 255)


def passing_bar(frames, width=WIDTH, height=HEIGHT, bar=BAR, step=STEP):
    """A still picture of waves, over which a bar of other waves passes from frame 6 on, again and again. It jerks, so that
    it hides some places longer than others."""
    random = numpy.random.default_rng(5)
    back, front = waves(random, height, width), waves(random, height, width)
    clip = numpy.repeat(back[None], frames, axis=0)
    for number, frame in enumerate(clip):
        way = max(0, number - 5) * step - (step // 2 if 12 < number % 40 < 16 else 0)
        left = way % (2 * width) - bar
        begin, end = max(left, 0), min(left + bar, width)
        if begin < end:
            frame[:, begin:end] = front[:, begin - left:end - left]
    return clip


class Remembered(WithBench):
    def clip(self, frames=34, **options):
        bench = self.bench(frames=(2, 2, 2), iterations=2)  # of its own clip, nothing is used
        write_clip(bench / "clip.mkv", passing_bar(frames, **options))
        return bench

    def measured(self, bench, *arguments):
        self.render(bench, *arguments, *LOSSLESS)
        code, out, errors = bench.run("measure", bench.output, "--source", bench / "clip.mkv", "--json", "--threads", "1",
                                      "--plot", bench / "measure.html")
        self.assertEqual(code, 0, errors)
        self.assertIn("warping error over 24 frames", (bench / "measure.html").read_text())
        return json.loads(out)

    def test_what_was_hidden_comes_back(self):
        bench = self.clip()
        wiped, kept = self.measured(bench), self.measured(bench, *remembering())
        self.assertGreater(kept["memory"], wiped["memory"] + 0.2)
        self.assertGreater(kept["memory"], 0.8)
        self.assertGreater(kept["depth"], 0.85)
        self.assertLess(wiped["depth"], 0.7)
        self.assertLess(kept["warping_error"], 1.3 * wiped["warping_error"])

    def test_a_faint_dream_is_not_deeper_in_new_places(self):
        """The steps of temporal.deepen follow dream.strength."""
        measured = self.measured(self.clip(), *remembering(memory=0), "--set", "dream.strength=0.1")
        self.assertLess(measured["depth"], 1.1)

    def test_the_same_after_kills(self):
        for more, last in (((), "frames/000018.png"), (("--set", "temporal.every=2"), "frames/000019.png")):
            bench = self.clip(frames=26)
            more = (*remembering(memory=10), *more)
            expected = self.unbroken(bench, *more)
            bench.kill_at(last, *more)
            code, _, errors = bench.render(*more)
            self.assertEqual(code, 0, errors)
            self.assertIn("resumed at frame", errors)
            self.assertEqual(md5s(bench.output), expected)

    def test_the_same_across_segments(self):
        """The second segment leans on frames of the first one, whose part is whole."""
        bench = self.clip(frames=132, width=64, height=48, bar=24, step=8)
        expected = self.unbroken(bench, *remembering())
        bench.kill_at("frames/000122.png", *remembering())
        kept = sorted(int(file.stem) for file in bench.folder.rglob("frames/*.png"))
        self.assertLess(kept[0], 100)
        self.assertLess(len(kept), 12)
        code, _, errors = bench.render(*remembering())
        self.assertEqual(code, 0, errors)
        self.assertIn("resumed at frame", errors)
        self.assertEqual(md5s(bench.output), expected)
        self.assertEqual(bench.leftovers(), [])

    def test_the_same_where_an_edit_renders_only_some_frames(self):
        bench = self.clip(frames=32)
        edited = (*remembering(), "--set", "dream.step={0f: 1.5, 23f: 1.5, 24f: 1}")
        expected = self.unbroken(bench, *edited)
        self.render(bench, *remembering(), "--set", "dream.step={0f: 1.5, 23f: 1.5, 24f: 1.5}", "--keep-work",
                    "--keep-dreams")
        errors = self.render(bench, *edited, "--keep-work", "--keep-dreams")
        self.assertIn("resumed at frame 24", errors)
        self.assertEqual(md5s(bench.output), expected)

    def test_a_calm_dream_changes_more_slowly_and_is_as_strong(self):
        bench = self.clip(frames=30, bar=0)

        def dream(calm):
            self.render(bench, *LOSSLESS, "--set", f"temporal.calm={calm}", "--set", "temporal.warmup=24")
            shape = {"width": WIDTH, "height": HEIGHT}
            return levels_of(bench.output, **shape) - levels_of(bench / "clip.mkv", "rgb24", **shape)

        def change(added):
            return numpy.abs(added[29] - added[28]).mean()

        def strength(added):
            return numpy.sqrt(numpy.square(added[29]).mean())

        alive, calmer, still = dream(0), dream(0.75), dream(1)
        self.assertGreater(change(alive), 2 * change(calmer))
        self.assertGreater(change(calmer), 0)
        self.assertEqual(numpy.abs(still[29] - still[0]).max(), 0)
        # Measured: 0.97 and 0.95. The warm-up leaves out a few percent, which only an alive dream still gains.
        self.assertAlmostEqual(strength(calmer) / strength(alive), 1, delta=0.1)
        self.assertAlmostEqual(strength(still) / strength(alive), 1, delta=0.1)

    def test_maps_are_drawn(self):
        bench = self.clip(frames=12)
        code, _, errors = bench.render("--show", "maps")
        self.assertEqual(code, 0, errors)
        self.assertTrue((bench / "out_maps.mkv").exists())
        self.assertFalse(bench.output.exists())
        code, _, errors = bench.render("--show", "maps", "--motion")
        self.assertEqual(code, 64, errors)


if __name__ == "__main__":
    unittest.main()
