#!/usr/bin/env python3
"""scripts/check_format.sh finds what clang-format would change, and the long lines that clang-format leaves alone."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 110


def of_columns(begin, columns, filling="x", end=""):
    """A line that begins and ends like this."""
    return begin + filling * (columns - len(begin) - len(end)) + end + "\n"


class CheckFormat(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "check_format.sh", self.root / "scripts")
        shutil.copy(ROOT / ".clang-format", self.root)
        subprocess.run(["git", "init", "--quiet", self.root], check=True)

    def check(self, text, *options):
        """The exit code and the messages for one source."""
        (self.root / "a.cpp").write_text(text, encoding="utf-8")
        done = subprocess.run([self.root / "scripts" / "check_format.sh", *options], capture_output=True, text=True,
                              check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        return done.returncode, done.stderr

    def test_a_line_may_have_all_columns(self):
        comment, umlauts = of_columns("// ", COLUMNS), of_columns("// ", COLUMNS, "ü")
        text = of_columns('const char* const kText = "', COLUMNS, end='";')
        self.assertEqual(self.check(comment + umlauts + text), (0, "check_format: 1 files\n"))

    def test_one_column_more_is_told_with_its_place(self):
        lines = {"a comment": of_columns("// ", COLUMNS + 1),
                 "a comment in UTF-8": of_columns("// ", COLUMNS + 1, "ü"),
                 "a raw text": 'const char* const kText = R"(\n' + of_columns("", COLUMNS + 1) + ')";\n'}
        for name, line in lines.items():
            with self.subTest(name):
                code, errors = self.check("int a;\n" + line)
                self.assertEqual(code, 1, errors)
                self.assertRegex(errors, "(?m)^a.cpp:[23]:")
                self.assertIn("1 lines of more than 110 columns", errors)

    def test_what_clang_format_changes_is_told_and_mended(self):
        code, errors = self.check("int  a;\n")
        self.assertEqual(code, 1, errors)
        self.assertIn("a.cpp:1:", errors)
        self.assertEqual(self.check("int  a;\n", "--fix")[0], 0)
        self.assertEqual((self.root / "a.cpp").read_text(encoding="utf-8"), "int a;\n")

    def test_a_long_line_fails_when_the_rest_is_mended_too(self):
        self.assertEqual(self.check(of_columns("// ", COLUMNS + 1), "--fix")[0], 1)

    def test_an_unknown_option_is_refused(self):
        self.assertEqual(self.check("int a;\n", "--columns")[0], 64)


if __name__ == "__main__":
    unittest.main()
