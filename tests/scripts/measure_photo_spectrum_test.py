#!/usr/bin/env python3
"""Tests scripts/measure_photo_spectrum.py: on pictures of known strengths, and the table in the source.

usage: measure_photo_spectrum_test.py [PHOTOS]

PHOTOS is the folder with opencv-doc's photographs, where the package's files are installed.
"""
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "measure_photo_spectrum.py"
SPEC = importlib.util.spec_from_file_location("measure_photo_spectrum", SCRIPT)
measure = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(measure)

PHOTOS = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else None


def picture_of(height, width, strengths):
    """A picture of random phases, whose waves have these strengths in the three colour directions at every frequency."""
    random = np.random.default_rng(3)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = np.inf
    planes = []
    for strength in strengths:
        waves = np.fft.rfft2(random.standard_normal((height, width)))
        waves *= strength * np.sqrt(height * width) / frequency / np.abs(waves)
        planes.append(np.fft.irfft2(waves, (height, width)) / measure.DAMPING)
    return 1 / (1 + np.exp(-np.einsum("ij,jhw->hwi", measure.DIRECTIONS, np.array(planes))))


class MeasurePhotoSpectrum(unittest.TestCase):
    def test_finds_the_strengths_at_any_size_and_shape(self):
        wanted = np.array([0.4, 0.3, 0.2])
        for height, width in ((256, 384), (401, 320)):
            found = measure.strengths(picture_of(height, width, wanted))
            known = found[:, 6:]  # the window mixes neighbours, and large waves have few
            self.assertFalse(np.isnan(known).any())
            np.testing.assert_allclose(known, np.repeat(wanted[:, None], known.shape[1], 1), rtol=0.2)

    def test_a_small_picture_says_nothing_of_waves_that_it_cannot_have(self):
        found = measure.strengths(picture_of(40, 64, (0.4, 0.3, 0.2)))
        np.testing.assert_array_equal(np.isnan(found[0]), np.array(measure.STEPS) > measure.FINEST * 64)

    def test_a_missing_photograph_is_named(self):
        done = subprocess.run([sys.executable, SCRIPT, "no/such.jpg"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 69)
        self.assertIn("no/such.jpg", done.stderr)

    def test_the_source_has_the_colours_and_the_number_of_steps(self):
        shaping = (ROOT / "src/dream/shaping.cpp").read_text(encoding="utf-8")
        numbers = re.search(r"at::tensor\(\{([^}]*)\}, at::kDouble\)\.view\(\{3, 3\}\)", shaping).group(1)
        np.testing.assert_allclose([float(n) for n in numbers.split(",")], measure.ROOT.ravel())
        source = (ROOT / "src/dream/photo_spectrum.cpp").read_text(encoding="utf-8")
        self.assertIn(f"kSteps = {len(measure.STEPS)};", source)

    @unittest.skipIf(PHOTOS is None, "this system has not installed opencv-doc's photographs")
    def test_the_table_in_the_source_is_what_the_script_prints(self):
        done = subprocess.run([sys.executable, SCRIPT, PHOTOS], capture_output=True, text=True, check=True)
        source = (ROOT / "src/dream/photo_spectrum.cpp").read_text(encoding="utf-8")
        table = source.split("// measured\n")[1].split("};\n\n")[0]
        numbers = [[float(n) for n in re.findall(r"[0-9.]+", row)] for row in table.splitlines()]
        printed = [[float(n) for n in re.findall(r"[0-9.]+", row)] for row in done.stdout.splitlines()]
        np.testing.assert_allclose(numbers, printed, atol=0.011)  # JPEG decoders round differently


if __name__ == "__main__":
    unittest.main()
