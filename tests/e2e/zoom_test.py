"""Tests a zoom that feeds on itself: the sharpening leaves no mark on the picture."""

import unittest

import numpy
from bench import WithBench, raw_video

SIZE = (96, 64)
ZOOM = ("--set", f"input={{path: ~, noise: {{size: {SIZE[0]}x{SIZE[1]}, fps: 12, duration: 4s}}}}", "--set", "camera.zoom=1.3",
        "--set", "temporal={noise: 0.05, iterations: 0, flow: none}",
        "--set", "output.video={codec: ffv1, pixel_format: gbrp10}")


def last_frame(path):
    """The luma of the last frame, (H,W)."""
    return numpy.frombuffer(raw_video(path, "gray"), numpy.uint8).reshape(-1, SIZE[1], SIZE[0])[-1].astype(float)


def finest(picture, axis):
    """The mean size of second differences along an axis, by place on that axis."""
    return numpy.abs(numpy.diff(picture, n=2, axis=axis)).mean(axis=1 - axis)


class Sharpened(WithBench):
    def zoomed(self, amount):
        bench = self.bench()
        self.render(bench, *ZOOM, "--set", f"temporal.sharpen={amount}")
        return last_frame(bench.output)

    def test_the_axes_of_a_zoom_gain_nothing(self):
        # Rows and columns in the middle are read at whole coordinates in every frame, and lose nothing. A
        # sharpening that is the same everywhere makes a bright cross of them.
        soft, sharp = self.zoomed(0), self.zoomed(0.15)
        for axis in (0, 1):
            middle = SIZE[1 - axis] // 2 - 1
            before, after = (finest(picture, axis)[middle - 2:middle + 2].mean() for picture in (soft, sharp))
            self.assertLess(after, 1.2 * before)

    def test_detail_comes_back(self):
        soft, sharp = (finest(self.zoomed(amount), 1) for amount in (0, 0.15))
        self.assertGreater(numpy.median(sharp), 1.1 * numpy.median(soft))


if __name__ == "__main__":
    unittest.main(verbosity=2)
