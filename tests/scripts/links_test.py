#!/usr/bin/env python3
"""Each link within the documentation, and each one in the program's own text, leads to a file and a heading.
The table of dependencies has every package that is installed."""
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def without_code(text):
    """The text without what its fences hold."""
    return re.sub(r"(?ms)^```.*?^```", "", text)


def anchors_of(text):
    """The anchors that GitHub makes of the headings."""
    anchors = set()
    for heading in re.findall(r"(?m)^#+ (.*)$", without_code(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchors.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return anchors | set(re.findall(r'(?:id|name)="([^"]+)"', text))


def dead_links(text, page):
    """The links of a text that stands on `page` and lead nowhere."""
    dead = []
    for link in LINK.findall(without_code(text)):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            dead.append(link)
        elif anchor and anchor not in anchors_of(target.read_text(encoding="utf-8")):
            dead.append(link)
    return dead


class Links(unittest.TestCase):
    def test_every_link_of_the_pages_leads_somewhere(self):
        pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
        self.assertGreater(len(pages), 10)
        for page in pages:
            with self.subTest(page.relative_to(ROOT)):
                self.assertEqual(dead_links(page.read_text(encoding="utf-8"), page), [])

    def test_no_page_holds_the_marks_of_a_merge(self):
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
            with self.subTest(page.relative_to(ROOT)):
                self.assertNotRegex(page.read_text(encoding="utf-8"), r"(?m)^(<{7} |>{7} )")

    def test_what_the_schema_says_leads_into_its_page(self):
        page = ROOT / "docs" / "job.md"
        for source in sorted((ROOT / "src" / "job").glob("*.cpp")):
            with self.subTest(source.name):
                self.assertEqual(dead_links(source.read_text(encoding="utf-8"), page), [])

    def test_a_missing_heading_is_noticed(self):
        page = ROOT / "docs" / "job.md"
        self.assertEqual(dead_links("[a](#no-such-heading) [b](nothing.md) [c](#the-job-file)", page),
                         ["#no-such-heading", "nothing.md"])

    def test_every_package_that_is_installed_has_its_reason(self):
        listed = subprocess.run([ROOT / "scripts" / "install_deps.sh", "--test", "--fuzz", "--list"],
                                capture_output=True, text=True, check=True).stdout.split()
        self.assertGreater(len(listed), 30)
        rows = re.findall(r"(?m)^\|([^|]*)\|", (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8"))
        named = {word for row in rows for word in re.split(r"[\s,]+", row)}
        self.assertEqual([package for package in listed if package not in named], [])


if __name__ == "__main__":
    unittest.main()
