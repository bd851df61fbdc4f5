#!/usr/bin/env python3
"""Tests that scripts/step_parts.py sums up perf's counts, and subtracts the start-up."""
import contextlib
import importlib.util
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("step_parts", ROOT / "scripts" / "step_parts.py")
step_parts = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(step_parts)

REPORT = """# Samples
{products}|dreamreel-engine|[.] dreamreel::network::winograd::N_AVX3::multiply<12l, 2l>
{products}|[JIT] tid 7|[.] jit_avx512_core_bf16_1x1_conv_kernel
50|ld-linux-x86-64.so.2|[.] do_lookup_x
"""


class StepParts(unittest.TestCase):
    def test_names_the_parts(self):
        for library, function, part in (
                ("dreamreel-engine", "[.] dreamreel::network::winograd::N_AVX2::take_tile<float>",
                 "Winograd's transforms"),
                ("dreamreel-engine", "[.] dreamreel::network::rows::N_AVX3::max_pool_gradient<unsigned short>", "max pools"),
                ("libdnnl.so.2.6", "[.] reorder", "oneDNN"), ("[unknown]", "[.] 0x7f", "oneDNN"),
                ("libtorch_cpu.so.1.13.0", "[.] at::add", "LibTorch"), ("libc.so.6", "[.] memmove", "all else")):
            self.assertEqual(step_parts.part_of(library, function), part)

    def test_start_up_is_no_part_of_a_step(self):
        def run(command, **_):
            if command[1] == "record":
                self.steps = int(command[command.index("--steps") + 1])
                return None
            # One sample in a step for the products and for oneDNN, and 50 samples of the start.
            return subprocess.CompletedProcess(command, 0, REPORT.format(products=self.steps))

        out = io.StringIO()
        with tempfile.NamedTemporaryFile() as engine, mock.patch.object(step_parts.subprocess, "run", run), \
                mock.patch.dict(os.environ, DREAMREEL=engine.name, STEPS="20"), \
                mock.patch.object(sys, "argv", ["step_parts.py"]), contextlib.redirect_stdout(out):
            step_parts.main()
        self.assertIn("| Winograd's products | 1.0 |", out.getvalue())
        self.assertIn("| oneDNN | 1.0 |", out.getvalue())
        self.assertIn("| all else | 0.0 |", out.getvalue())
        self.assertIn("| the whole step | 2.0 |", out.getvalue())


if __name__ == "__main__":
    unittest.main()
