"""Tests the messages of `cmake -B build` if something is missing: it names every part with its Debian package."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


class Configure(unittest.TestCase):
    def configure(self, *definitions):
        """Configures a build folder of its own. Returns the exit status, and the whole output in one line."""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ["cmake", "-S", SOURCE, "-B", folder, *(f"-D{definition}" for definition in definitions)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )
            said = re.sub(r"\s+", " ", done.stdout)
            self.assertEqual(done.returncode == 0, (Path(folder) / "build.ninja").exists()
                             or (Path(folder) / "Makefile").exists(), said)
            has_tests = (Path(folder) / "CTestTestfile.cmake").exists()
        return done.returncode, said, has_tests

    def test_leaves_out_the_tests_where_their_needs_are_missing(self):
        status, said, has_tests = self.configure("CMAKE_DISABLE_FIND_PACKAGE_GTest=ON", "DREAMREEL_ONNX_CASES=OFF")
        self.assertEqual(status, 0, said)
        self.assertFalse(has_tests)
        self.assertIn("libgtest-dev", said)
        self.assertIn("libonnx-testdata", said)
        self.assertIn("install_deps.sh --test", said)

    def test_fails_where_the_tests_were_asked_for(self):
        status, said, _ = self.configure("CMAKE_DISABLE_FIND_PACKAGE_GTest=ON", "DREAMREEL_TESTS=ON")
        self.assertNotEqual(status, 0)
        self.assertIn("libgtest-dev", said)

    def test_names_all_that_the_program_misses_at_once(self):
        missing = {"ONNX": "libonnx-dev", "yaml-cpp": "libyaml-cpp-dev", "CLI11": "libcli11-dev",
                   "OpenSSL": "libssl-dev", "nlohmann_json": "nlohmann-json3-dev"}
        status, said, _ = self.configure(*(f"CMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in missing),
                                         "DREAMREEL_ONEDNN_LIBRARY=OFF", "PKG_CONFIG_EXECUTABLE=/bin/false")
        self.assertNotEqual(status, 0)
        by_pkg_config = ["libavformat-dev", "libaubio-dev", "liblcms2-dev", "libhwy-dev", "libfmt-dev"]
        for package in [*missing.values(), "libdnnl-dev", *by_pkg_config]:
            self.assertIn(package, said)
        self.assertNotIn("libtorch-dev", said)
        self.assertIn("scripts/install_deps.sh installs them", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
