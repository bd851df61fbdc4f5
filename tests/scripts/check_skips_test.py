#!/usr/bin/env python3
"""Tests that scripts/check_skips.py tells expected skips from others."""
import importlib.util
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("check_skips", ROOT / "scripts" / "check_skips.py")
check_skips = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(check_skips)

JUNIT = """<testsuite tests="4">
  <testcase name="ran" status="run"><system-out>needs avx512_bf16: but ran</system-out></testcase>
  <testcase name="fast" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <system-out>a_test.cpp:3: Skipped\nneeds avx512_bf16: the fused executor</system-out></testcase>
  {more}
</testsuite>"""
SILENT = '<testcase name="silent" status="notrun"><skipped message=""/><system-out>no reason</system-out></testcase>'


class CheckSkips(unittest.TestCase):
    def faults(self, flags, more=""):
        with tempfile.TemporaryDirectory() as folder:
            junit = pathlib.Path(folder, "junit.xml")
            junit.write_text(JUNIT.format(more=more), encoding="utf-8")
            return check_skips.reasons_not_due(junit, flags)

    def test_a_skip_is_due_where_the_processor_lacks_what_it_names(self):
        self.assertEqual(self.faults({"avx2"}), [])

    def test_a_skip_is_not_due_where_the_processor_has_it(self):
        faults = self.faults({"avx2", "avx512_bf16"})
        self.assertEqual(len(faults), 1)
        self.assertIn("fast: skipped for avx512_bf16", faults[0])

    def test_a_limit_excuses_what_it_hides(self):
        under = ('<testcase name="under" status="notrun"><skipped message=""/>'
                 "<system-out>needs {}, under ONEDNN_MAX_CPU_ISA={}: bf16</system-out></testcase>")
        flags = {"avx2", "avx512bw"}
        self.assertEqual(self.faults(flags, under.format("avx512_bf16", "AVX2")), [])
        self.assertEqual(self.faults(flags, under.format("avx512bw", "AVX2")), [])
        self.assertEqual(self.faults(flags, under.format("avx2", "SSE41")), [])
        self.assertIn("skipped for avx2", self.faults(flags, under.format("avx2", "AVX512_CORE"))[0])
        self.assertIn("skipped for avx512bw", self.faults(flags, under.format("avx512bw", "AVX512_CORE"))[0])

    def test_a_skip_without_a_reason_is_never_due(self):
        self.assertIn("silent: skipped without a reason", self.faults(set(), SILENT)[0])

    def test_flags_are_read_from_the_processors_own_list(self):
        with tempfile.TemporaryDirectory() as folder:
            cpuinfo = pathlib.Path(folder, "cpuinfo")
            cpuinfo.write_text("processor: 0\nflags\t\t: fpu avx2 avx512_bf16\n\nprocessor: 1\nflags: x\n", encoding="utf-8")
            self.assertEqual(check_skips.processor_flags(cpuinfo), {"fpu", "avx2", "avx512_bf16"})


if __name__ == "__main__":
    unittest.main()
