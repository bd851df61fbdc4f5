#!/usr/bin/env python3
"""Tests that scripts/tidy.py reads sources together, and finds the same as in each source alone."""
import contextlib
import importlib.util
import io
import json
import pathlib
import shutil
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("tidy", ROOT / "scripts" / "tidy.py")
tidy = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tidy)

CLEAN = "namespace {\nint twice(int x) {\n  return x + x;\n}\n}  // namespace\nint %s(int x) {\n  return twice(x);\n}\n"
NULL = "int* none() {\n  return 0;\n}\n"  # modernize-use-nullptr


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "src").mkdir()
        (self.root / "build").mkdir()
        shutil.copy(ROOT / ".clang-tidy", self.root)

    def write(self, **texts):
        for name, text in texts.items():
            (self.root / "src" / name.replace("_", ".")).write_text(text, encoding="utf-8")
        sources = sorted((self.root / "src").glob("*.cpp"))
        (self.root / "build" / "compile_commands.json").write_text(json.dumps([
            {"directory": str(self.root / "build"), "file": str(source),
             "command": f"c++ -std=c++20 -fpch-preprocess -o {source.stem}.o -c {source}"} for source in sources]))

    def run_tidy(self, *sources):
        out = io.StringIO()
        with mock.patch.object(tidy, "ROOT", self.root), mock.patch.object(tidy, "FLAGS", []), \
                mock.patch.object(sys, "argv", ["tidy.py", str(self.root / "build"), *sources]), \
                mock.patch.dict("os.environ", JOBS="1"), contextlib.redirect_stdout(out):
            code = tidy.main()
        return code, out.getvalue()

    def test_sources_whose_names_clash_are_read_too(self):
        self.write(a_cpp=CLEAN % "a", b_cpp=CLEAN % "b" + NULL, c_cpp=CLEAN % "c")
        code, out = self.run_tidy()
        self.assertEqual(code, 1)
        self.assertIn(f"{self.root}/src/b.cpp:10:10: error", out)
        self.assertEqual(out.count(": error"), 1, out)
        self.write(b_cpp=CLEAN % "b")
        code, out = self.run_tidy()
        self.assertEqual(code, 0, out)
        self.assertIn("3 sources, of which 1 changed", out)
        self.assertIn("of which 0 changed", self.run_tidy()[1])

    def test_a_header_is_read_again_where_it_is_included(self):
        self.write(one_h="#pragma once\nint one();\n", a_cpp='#include "one.h"\nint a() { return one(); }\n', b_cpp=CLEAN % "b")
        self.assertEqual(self.run_tidy()[0], 0)
        (self.root / "src" / "one.h").write_text("#pragma once\nint* one() { return 0; }\n", encoding="utf-8")
        code, out = self.run_tidy()
        self.assertEqual(code, 1)
        self.assertIn("one.h:2:", out)
        self.assertEqual(self.run_tidy()[0], 1)  # a finding is not forgotten

    def test_neighbours_may_include_one_header_and_a_source_may_not_do_so_twice(self):
        self.write(one_h="#pragma once\nint one();\n", a_cpp='#include "one.h"\nint a() { return one(); }\n',
                   b_cpp='#include "one.h"\nint b() { return one(); }\n')
        self.assertEqual(self.run_tidy(), (0, mock.ANY))
        self.write(b_cpp='#include "one.h"\n#include "one.h"\nint b() { return one(); }\n')
        code, out = self.run_tidy()
        self.assertEqual(code, 1)
        self.assertIn("b.cpp:2:1: error: duplicate include", out)

    def test_a_using_that_only_a_neighbour_needs_is_found(self):
        self.write(one_h="#pragma once\nnamespace one {\nint two();\n}\n",
                   a_cpp='#include "one.h"\nusing one::two;\nint a() { return two(); }\n',
                   b_cpp='#include "one.h"\nusing one::two;\nint b() { return 1; }\n')
        code, out = self.run_tidy()
        self.assertEqual(code, 1)
        self.assertIn("b.cpp:2:12: error", out)
        self.assertEqual(out.count(": error"), 1, out)

    def test_what_does_not_compile_is_told(self):
        self.write(a_cpp="int a() { return missing(); }\n", b_cpp=CLEAN % "b")
        code, out = self.run_tidy()
        self.assertEqual(code, 1)
        self.assertIn("a.cpp:1:18: error", out)

    def test_one_source_may_be_asked_for(self):
        self.write(a_cpp=NULL, b_cpp=CLEAN % "b")
        self.assertEqual(self.run_tidy(str(self.root / "src" / "b.cpp"))[0], 0)


if __name__ == "__main__":
    unittest.main()
