#!/usr/bin/env python3
"""clang-tidy on every source, with the checks of .clang-tidy.

Usage: tidy.py BUILD [SOURCE]...

BUILD is the folder of the preset `tidy`: its compile_commands.json lists the sources and their flags. Without SOURCE
every source is read. Exit code 1: clang-tidy found something, which is printed.

Nearly all of clang-tidy's time goes into the headers of LibTorch and of the standard library, which it reads again for
every source: 20 s, of which the source itself takes less than 1 s. So the sources of one folder are pasted into one
text and read together. Names of two sources may clash there; the later one is then read with the next batch. A finding
counts only if clang-tidy repeats it for the source alone, since a neighbour may have caused it.

A clean source is remembered in BUILD/tidied, together with a checksum of everything that was read for it, so running
tidy.py again is quick. JOBS says how many clang-tidy run at once (default: one for each processor).
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Longer batches save little, and the last one would keep the other processors waiting.
LINES_OF_A_BATCH = 4000
# clang lacks some of GCC's warnings. libav's AV_TIME_BASE_Q and similar macros are compound literals of C99.
FLAGS = ["-Wno-unknown-warning-option", "-Wno-c99-extensions", "-include", str(ROOT / "cmake" / "tidy_prelude.h")]
# A macro definition makes clang-tidy forget the headers seen so far, so the next source may include them
# again.
NEXT_SOURCE = "#define DREAMREEL_NEXT_SOURCE\n#undef DREAMREEL_NEXT_SOURCE\n"
FINDING = re.compile(r"^(?=/\S+:\d+:\d+: (?:fatal error|error|warning):)", re.MULTILINE)

Group = collections.namedtuple("Group", "folder flags")
Batch = collections.namedtuple("Batch", "group sources")


def flags_of(command):
    """The flags of a command for GCC that clang accepts, without the source and the object."""
    words = iter(shlex.split(command)[1:])
    flags = []
    for word in words:
        if word in ("-o", "-c"):
            next(words)
        elif word != "-fpch-preprocess":
            flags.append(word)
    return tuple(flags)


def sources_by_group(commands, root, wanted):
    """The sources under root by folder and flags. Each source occurs once."""
    groups, seen = collections.defaultdict(list), set()
    for entry in commands:
        source = pathlib.Path(entry["file"])
        generated = pathlib.Path(entry["directory"]) in source.parents
        if source in seen or generated or root not in source.parents or (wanted and source not in wanted):
            continue
        seen.add(source)
        groups[Group(source.parent, flags_of(entry["command"]))].append(source)
    return groups


def batches_of(group, sources):
    """Splits sources into batches with about the same number of lines."""
    lines = {source: source.read_bytes().count(b"\n") for source in sources}
    count = -(-sum(lines.values()) // LINES_OF_A_BATCH)
    batches = [[] for _ in range(max(count, 1))]
    for source in sorted(sources, key=lambda s: (-lines[s], s)):
        min(batches, key=lambda b: sum(lines[s] for s in b)).append(source)
    return [Batch(group, batch) for batch in batches if batch]


def paste(sources, text):
    """Writes the text of all sources; returns the source of each line."""
    source_of_line = [None]
    with open(text, "w", encoding="utf-8") as out:
        for source in sources:
            content = source.read_text(encoding="utf-8") + "\n" + NEXT_SOURCE
            out.write(content)
            source_of_line += [source] * content.count("\n")
    return source_of_line


def may_have_an_unused_name(source):
    """Whether a using-declaration or a namespace alias introduces a name that the source uses nowhere else. In a
    batch, clang-tidy would miss this, because a neighbour may use the name."""
    code = re.sub(r"//.*", "", source.read_text(encoding="utf-8"))
    names = re.findall(r"^\s*using [\w:]+::(\w+);", code, re.MULTILINE)
    names += re.findall(r"^\s*namespace (\w+) = ", code, re.MULTILINE)
    return any(len(re.findall(rf"\b{name}\b", code)) == 1 for name in names)


def blocks_of(output):
    """One text for each finding, including its notes."""
    return [block for block in FINDING.split(output) if FINDING.match(block)]


def line_in(block, text, in_notes=False):
    """The line of `text` that a finding is about, or that its notes name first; None if it is about another file."""
    find = re.search if in_notes else re.match
    found = find(rf"^{re.escape(str(text))}:(\d+):", block, re.MULTILINE)
    return int(found[1]) if found else None


class Tidy:
    def __init__(self, build):
        self.folder = build / "tidied"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
        self.checksums = {}
        self.printing = threading.Lock()
        self.findings = set()
        self.number = 0

    def checksum(self, files, flags):
        """The checksum of everything that the result for a source depends on."""
        whole = hashlib.sha256(self.version + repr((FLAGS, flags)).encode())
        for file in [str(ROOT / ".clang-tidy"), *files]:
            if file not in self.checksums:
                try:
                    self.checksums[file] = hashlib.sha256(pathlib.Path(file).read_bytes()).digest()
                except OSError:
                    self.checksums[file] = b"gone"
            whole.update(file.encode() + self.checksums[file])
        return whole.hexdigest()

    def record(self, source):
        return self.folder / (hashlib.sha256(str(source).encode()).hexdigest()[:32] + ".json")

    def is_clean(self, source, flags):
        try:
            known = json.loads(self.record(source).read_text(encoding="utf-8"))
            return known["checksum"] == self.checksum(known["files"], flags)
        except (OSError, ValueError, KeyError):
            return False

    def remember(self, source, flags, files):
        files = [str(source), *files]
        known = {"files": files, "checksum": self.checksum(files, flags)}
        self.record(source).write_text(json.dumps(known), encoding="utf-8")

    def say(self, text):
        with self.printing:
            print(text, flush=True)

    def read(self, batch):
        """Reads a batch. If sources clash, splits it and reads the parts."""
        with self.printing:
            self.number += 1
            text = self.folder / f"batch_{self.number}.cpp"
        later = []
        source_of_line = paste(batch.sources, text)
        clashing, files = self.clashes(batch, text, source_of_line)
        if clashing:
            later = [Batch(batch.group, [s for s in batch.sources if s in clashing])]
            later.insert(0, Batch(batch.group, [s for s in batch.sources if s not in clashing]))
        else:
            self.tidy(batch, text, source_of_line, files)
        text.unlink()
        for rest in later:
            self.read(rest)

    def clashes(self, batch, text, source_of_line):
        """The sources that cannot be read together with earlier ones, and the files that all sources include."""
        listed = text.with_suffix(".d")
        command = ["clang++-14", *batch.group.flags, *FLAGS, "-iquote", str(batch.group.folder), "-w", "-fsyntax-only",
                   "-ferror-limit=0", "-MD", "-MF", str(listed), str(text)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        clashing = set()
        if done.returncode != 0 and len(batch.sources) > 1:
            lines = [line_in(block, text, in_notes=True) for block in blocks_of(done.stderr)]
            clashing = {source_of_line[line] for line in lines if line} - {batch.sources[0]}
            clashing = clashing or set(batch.sources[len(batch.sources) // 2:])
        files = []
        if listed.exists():
            words = listed.read_text(encoding="utf-8").replace("\\\n", " ").split()
            files = [word for word in words[1:] if word != str(text)]
            listed.unlink()
        return clashing, files

    def tidy(self, batch, text, source_of_line, files):
        suspects, in_headers = set(filter(may_have_an_unused_name, batch.sources)), []
        for block in blocks_of(self.clang_tidy(text, batch.group)):
            line = line_in(block, text)
            if line is None:
                in_headers.append(block)
            else:
                suspects.add(source_of_line[line])
        self.report(in_headers)
        for source in batch.sources:
            alone = blocks_of(self.clang_tidy(source, batch.group)) if source in suspects else []
            self.report(alone)
            if not alone and not in_headers:
                self.remember(source, batch.group.flags, files)
        self.say(f"tidy: {len(batch.sources)} sources of {batch.group.folder.relative_to(ROOT)}")

    def report(self, blocks):
        """Prints each finding once. Many batches read the same header."""
        for block in blocks:
            if block not in self.findings:
                self.findings.add(block)
                self.say(block)

    @staticmethod
    def clang_tidy(source, group):
        """The findings of clang-tidy; "" if there are none."""
        command = ["clang-tidy", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", "--warnings-as-errors=*", str(source),
                   "--", *group.flags, *FLAGS, "-iquote", str(group.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
        if not blocks_of(done.stdout):
            return f"{source}:1:1: error: clang-tidy ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    tidy = Tidy(build)
    groups = sources_by_group(commands, ROOT, {pathlib.Path(source).resolve() for source in sys.argv[2:]})
    batches = []
    for group, sources in groups.items():
        batches += batches_of(group, [source for source in sources if not tidy.is_clean(source, group.flags)])
    count = sum(len(sources) for sources in groups.values())
    tidy.say(f"tidy: {count} sources, of which {sum(len(b.sources) for b in batches)} changed, in {len(batches)} batches")
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        list(pool.map(tidy.read, sorted(batches, key=lambda b: -len(b.sources))))
    return 1 if tidy.findings else 0


if __name__ == "__main__":
    sys.exit(main())
