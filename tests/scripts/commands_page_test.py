#!/usr/bin/env python3
"""docs/commands.md has every command and every option of the program, and no example of any page has another. Every
key of a job that a page names exists.

Usage: commands_page_test.py DREAMREEL. With DREAMREEL_UPDATE_DOCS=1, writes the tables of the page anew.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "commands.md"
BLOCK = re.compile(r"(?ms)^<!-- options of ([^>]+) -->\n(.*?)^<!-- end of options -->\n")
EVERY = "every command"


def tables():
    """What the program prints for the page: {name of a command: its table}."""
    printed = subprocess.run([DREAMREEL, "manual", "--markdown"], capture_output=True, text=True, check=True)
    return dict(BLOCK.findall(printed.stdout))


def known_options(tables):
    """{name of a command: its options}: those of its table, and those that its table refers to."""
    rows = {name: [set(re.findall(r"`(--?[a-zA-Z][\w-]*)", row)) for row in re.findall(r"(?m)^\|([^|]*)\|", table)]
            for name, table in tables.items()}
    known = {name: set().union(*rows[name]) for name in tables}
    for name, table in tables.items():
        for owner, options in re.findall(r"(?m)^As for \[([^]]*)\][^:]*: (.*)", table):
            for option in re.findall(r"`(--?[a-zA-Z][\w-]*)", options):
                known[name] |= next(row for row in rows[owner] if option in row)
    return known


def uses_of(text):
    """What a page shows of the command line: the words behind `dreamreel` in its shell fences and inline code."""
    fences = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
    shown = []
    for language, fence in fences.findall(text):
        for line in fence.replace("\\\n", " ").splitlines() if language in ("", "sh") else ():
            shown += re.findall(r"(?:^\s*(?:\$ )?|[|&(]\s*|\w=\S* )dreamreel ([^|&>)]*)", line)
    shown += re.findall(r"`(?:[A-Z_]+=\S+ )?dreamreel ([^`|>]+)", fences.sub("", text))
    return [words for words in map(split, shown) if words and re.match(r"[a-z-]", words[0])]


def split(line):
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # a quote that a pipe or a line break cut in two
        return line.split()


def faults_of(words, known):
    """The command and options of `words` that the program does not have. `known`: {command: its options}."""
    command = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in known), "")
    options = {word.split("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
    if not command and not words[0].startswith("-") and words[0] not in ("farm", "help"):
        return ["no command: " + words[0]]
    return sorted(options - known.get(command, set()) - known[EVERY])


def pages():
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("samples/*.md")]


def job_keys():
    """The keys of a job, with 0 for the number of a list item, and the sections that they lie in."""
    script = subprocess.run([DREAMREEL, "completion", "bash"], capture_output=True, text=True, check=True).stdout
    keys = {word.rstrip("=") for word in re.search(r"(?m)local keys='([^']*)'", script)[1].split()}
    return keys | {key[:dot.start()] for key in keys for dot in re.finditer(r"\.", key)}


def unknown_keys(text, known):
    """The keys that `text` sets with --set, or names in inline code with a dot, and that no job has."""
    sections = {key.split(".")[0] for key in known}
    named = {key for key in re.findall(r"`([a-z_]+(?:\.\w+)+)`", text) if key.split(".")[0] in sections}
    named |= set(re.findall(r"--set '?([a-z_]+(?:\.\w+)*)=", text))
    numbered = {key: re.sub(r"\.(\d+|N)(?=\.|$)", ".0", key) for key in named}
    return sorted(key for key, like in numbered.items()
                  if like not in known and like.removesuffix(".0") not in known
                  and not like.startswith(("output.video.options.", "outputs.0.video.options.")))  # the encoder's own options


class CommandsPage(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tables = tables()
        cls.known = known_options(cls.tables)

    def test_has_the_options_of_the_program(self):
        text = PAGE.read_text(encoding="utf-8")
        if os.environ.get("DREAMREEL_UPDATE_DOCS"):
            text = BLOCK.sub(lambda m: m[0].replace(m[2], "") if m[1] not in self.tables else
                             f"<!-- options of {m[1]} -->\n{self.tables[m[1]]}<!-- end of options -->\n", text)
            PAGE.write_text(text, encoding="utf-8")
        self.assertEqual(dict(BLOCK.findall(text)), self.tables,
                         "to write them anew: DREAMREEL_UPDATE_DOCS=1 " + " ".join(sys.argv))

    def test_has_a_section_for_each_command(self):
        text = PAGE.read_text(encoding="utf-8")
        for name in self.tables.keys() - {EVERY}:
            with self.subTest(name):
                self.assertRegex(text, rf"(?m)^### {name}$")

    def test_examples_of_all_pages_use_what_the_program_has(self):
        uses = 0
        for page in pages():
            for words in uses_of(page.read_text(encoding="utf-8")):
                uses += 1
                with self.subTest(f"{page.relative_to(ROOT)}: dreamreel {' '.join(words)}"):
                    self.assertEqual(faults_of(words, self.known), [])
        self.assertGreater(uses, 100)

    def test_wrong_examples_are_noticed(self):
        page = ("Use `dreamreel rendr x`.\n```sh\ndreamreel render a.yaml --sett b=1 # or\n"
                "dreamreel farm plan -o a --split 2\n```\n")
        self.assertEqual([faults_of(words, self.known) for words in uses_of(page)],
                         [["--sett"], [], ["no command: rendr"]])

    def test_keys_that_pages_name_exist(self):
        known = job_keys()
        self.assertGreater(len(known), 100)
        for page in pages():
            with self.subTest(page.relative_to(ROOT)):
                self.assertEqual(unknown_keys(page.read_text(encoding="utf-8"), known), [])
        self.assertEqual(unknown_keys("`dream.stepp` `dream.objectives.N.weight` --set sed=1 --set 'dream.step=1'", known),
                         ["dream.stepp", "sed"])


class Recipe(unittest.TestCase):
    def test_the_job_of_the_readme_is_right(self):
        job = re.search(r"(?ms)^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"))[1]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "pulse.yaml").write_text(job, encoding="utf-8")
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=1", "-f", "lavfi", "-i",
                            "sine=f=60:d=1", folder / "clip.mp4", "-map", "1", folder / "song.wav"], check=True)
            done = subprocess.run([DREAMREEL, "check", "pulse.yaml"], cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("bass", job)


if __name__ == "__main__":
    DREAMREEL = sys.argv.pop(1)
    unittest.main()
