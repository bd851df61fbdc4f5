#!/usr/bin/env python3
"""Tests attempts of a stranger's job or clip: the real executable answers quickly, in little memory, and does
nothing else.
"""
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest
import zlib

DREAMREEL = os.environ["DREAMREEL"]
TRAP = os.environ["DREAMREEL_TRAP"]  # a library whose constructor writes the file $DREAMREEL_TRAP_FILE
# Factor for limits of time and memory; above 1 with a sanitizer.
PATIENCE = int(os.environ.get("DREAMREEL_TEST_PATIENCE") or 1)
MOST_KIB = (200 << 10) * PATIENCE
SECONDS = 60 * PATIENCE  # for a busy machine; a refusal takes two at most


class Run:
    """One run, with a peak of memory of its own."""

    def __init__(self, arguments, folder, environment=None):
        process = subprocess.Popen([DREAMREEL, *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True,
                                   env={**os.environ, **(environment or {})}, preexec_fn=limit_time)
        self.text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        self.code, self.kib = process.returncode, usage.ru_maxrss


def limit_time():
    import resource  # processor time, because waiting on a busy machine does not count
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def png(width, height):
    """A whole black-and-white picture of one colour, in a few bytes for each thousand pixels."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    content = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) +
            chunk(b"IDAT", content) + chunk(b"IEND", b""))


class TrustTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.made = self.folder / "made"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=24:d=0.25",
                        self.folder / "clip.mp4"], check=True)

    def run_job(self, *overrides, command="check", flags=(), environment=None):
        job = self.folder / "job.yaml"
        job.write_text("input: {path: clip.mp4}\noutput: {path: out.mp4}\n"
                       "dream: {objectives: [{layer: mixed3}]}\n")
        sets = [word for override in overrides for word in ("--set", override)]
        return Run([command, job, *sets, *flags], self.folder, environment)

    def expect_refused(self, run, code, *words):
        self.assertEqual(run.code, code, run.text)
        for word in words:
            self.assertIn(word, run.text)
        self.assertLess(run.kib, MOST_KIB)
        self.assertFalse(self.made.exists(), "something was written")
        left = {path.name for path in self.folder.iterdir()} - {"clip.mp4", "job.yaml", "list.mp4", "huge.png", "other.ts"}
        self.assertEqual(left, set())

    def test_a_filter_runs_no_code(self):
        run = self.run_job(f"input.filter=ladspa=file={TRAP}:plugin=x", environment={"DREAMREEL_TRAP_FILE": str(self.made)})
        self.expect_refused(run, 78, "ladspa", "--trust-ffmpeg", "docs/trust.md")

    def test_the_trap_works_where_ffmpeg_is_trusted(self):
        for flags, more in ((["--trust-ffmpeg"], {}), ([], {"DREAMREEL_TRUST": "ffmpeg"})):
            self.made.unlink(missing_ok=True)
            self.run_job(f"input.filter=ladspa=file={TRAP}:plugin=x", flags=flags,
                         environment={"DREAMREEL_TRAP_FILE": str(self.made), **more})
            self.assertTrue(self.made.exists())

    def test_a_filter_writes_no_file(self):
        self.expect_refused(self.run_job(f"input.filter=metadata=print:file={self.made}"), 78, "metadata")
        self.expect_refused(self.run_job(f"input.filter=curves=psfile={self.made}"), 78, "psfile")

    def test_filters_end_and_are_small(self):
        self.expect_refused(self.run_job("input.filter='loop=-1:1'"), 78, "loop=-1")
        self.expect_refused(self.run_job("input.filter='fps=1e6'"), 78, "at most 1000")
        self.expect_refused(self.run_job("input.filter='scale=30000:30000'"), 78, "16000x16000")

    def test_an_encoder_writes_no_other_file(self):
        for option in (f"{{x264-params: 'stats={self.made}:pass=1'}}", f"{{stats: {self.made}, flags: +pass1}}",
                       "{flags: +pass1}"):
            self.expect_refused(self.run_job(f"output.video.options={option}", command="render"), 78, "output.video.options")

    def test_a_list_called_mp4_opens_no_other_file(self):
        (self.folder / "other.ts").write_bytes((self.folder / "clip.mp4").read_bytes())
        (self.folder / "list.mp4").write_text("ffconcat version 1.0\nfile 'clip.mp4'\n")
        self.expect_refused(self.run_job("input.path=list.mp4"), 66, "concat", "--trust-ffmpeg")
        self.expect_refused(Run(["info", self.folder / "list.mp4"], self.folder), 66, "concat")

    def test_an_address_is_refused(self):
        self.expect_refused(self.run_job("input.path=http://127.0.0.1:9/clip.mp4"), 78, "http", "files of this machine alone")

    def test_a_huge_still_is_not_decoded(self):
        (self.folder / "huge.png").write_bytes(png(30000, 30000))
        for override in ("input.path=huge.png", "dream.mask={path: huge.png}"):
            self.expect_refused(self.run_job(override, command="render"), 66, "30000x30000", "16000x16000")

    def test_the_flag_is_taken_everywhere(self):
        for command in (["measure"], ["farm", "chunk"], ["farm", "emit"]):
            self.assertIn("--trust-ffmpeg", Run([*command, "--help"], self.folder).text, command)


if __name__ == "__main__":
    unittest.main(verbosity=2)
