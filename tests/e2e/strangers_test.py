"""Tests input from strangers: names that could forge a line, names that are not UTF-8, endless numbers,
endless files.
"""

import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import unittest
import zlib

import onnx
from bench import PATIENCE, Bench, WithBench, md5s, tiny_network

FORGED = "a\nopenjd_progress: 100\nPROGRESS: 100%\ndreamreel: frame 9/9\r\x1b[2J\x1b]0;owned\x07b"
MOST_CPU_SECONDS = 2 * PATIENCE
MOST_MEMORY_MIB = 200 * PATIENCE  # beside the memory that the program takes to start


def limit_time():
    resource.setrlimit(resource.RLIMIT_CPU, (60 * PATIENCE, 60 * PATIENCE))


def png_with_text(path, text):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"dreamreel_job\0" + text) +
                     chunk(b"IDAT", zlib.compress(bytes(7))) + chunk(b"IEND", b""))


class Names(WithBench):
    def expect_harmless(self, text, lines=()):
        """Expects nothing that steers a terminal, and no line but ours."""
        text = text.replace("\t", " ")
        for character in text:
            self.assertTrue(character == "\n" or character.isprintable(), repr(text))
        for line in text.splitlines():
            self.assertFalse(line.startswith(("openjd_progress: 100\\", "dreamreel: frame 9/9", "PROGRESS: 100%\\")), line)
            if lines:
                self.assertTrue(line.startswith(lines), line)

    def test_no_name_forges_progress(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        output = bench / (FORGED + ".mkv")
        for form, lines in (("plain", ("dreamreel: ",)), ("openjd", ("openjd_progress: ", "openjd_status: ")),
                            ("afanasy", ("ACTIVITY: ", "FRAME: ", "PROGRESS: ", "@IMAGE@")), ("json", ("{",))):
            code, out, errors = bench.render("--progress", form, "-o", output, "--restart")
            self.assertEqual(code, 0, errors)
            self.expect_harmless(errors, ("dreamreel: ",))
            self.expect_harmless(out, lines)
            for line in out.splitlines() if form == "openjd" else ():
                if line.startswith("openjd_progress: "):
                    float(line.removeprefix("openjd_progress: "))
            for line in out.splitlines() if form == "json" else ():
                json.loads(line)

    def test_no_name_forges_a_message(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        for arguments in (("render", bench.job, "--set", "input.path=" + json.dumps(FORGED)),
                          ("render", bench / FORGED), ("info", bench / FORGED), ("layers", bench / FORGED),
                          ("check", bench.job, "--set", "dream.objectives=[{layer: " + json.dumps(FORGED) + "}]"),
                          ("check", bench.job, "--set", "device=" + json.dumps(FORGED)),
                          ("check", bench.job, "--set", FORGED + "=1"), ("render", bench.job, "--progress", FORGED),
                          ("farm", "status", "--plan", bench / FORGED)):
            code, out, errors = bench.run(*arguments)
            self.assertNotEqual(code, 0)
            self.expect_harmless(out + errors)

    def test_farm(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        plan = bench / "plan.json"
        self.assertEqual(bench.run("farm", "plan", bench.job, "-o", plan, "--output", bench / (FORGED + ".mkv"))[0], 0)
        for scheduler in ("commands", "slurm", "openjd"):
            code, _, errors = bench.run("farm", "emit", scheduler, "--plan", plan, "-o", bench / "scripts")
            self.assertEqual(code, 78, errors)
            self.assertIn("holds a line break or another control character", errors)
            self.expect_harmless(errors, ("dreamreel: error: ",))
        self.assertFalse((bench / "scripts").exists())
        work = bench / "work"
        work.mkdir()
        (work / "chunk-0.lock").write_text(FORGED)
        code, out, errors = bench.run("farm", "status", "--plan", plan, "--work", work)
        self.assertEqual(code, 0, errors)
        self.expect_harmless(out)

    def test_info(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        picture = bench / "a.png"
        png_with_text(picture, b"seed: 1\x1b[2J\nopenjd: 1\n\xfc\n")
        code, out, errors = bench.run("info", picture)
        self.assertEqual((code, out), (0, "seed: 1\\x1b[2J\nopenjd: 1\n\\xfc\n"), errors)
        png_with_text(picture, b"#" * (5 << 20))
        code, _, errors = bench.run("info", picture)
        self.assertEqual(code, 65)
        self.assertIn("no job is larger than 4 MiB", errors)

    def test_layers_of_a_network(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        model = onnx.load(bench / "tiny.onnx")
        model.graph.node[0].name = model.graph.node[0].output[0] = model.graph.node[1].input[0] = FORGED
        onnx.save(model, bench / "odd.onnx")
        code, out, errors = bench.run("layers", bench / "odd.onnx")
        self.assertEqual((code, out), (66, ""), errors)
        self.assertIn("has control characters", errors)
        self.expect_harmless(errors, ("dreamreel: error: ",))


class NotUtf8(WithBench):
    def test_every_way_keeps_the_name(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        clip = os.path.join(os.fsencode(bench.folder), b"\xfcbung: #1.mkv")
        shutil.copy(bench / "clip.mkv", clip)
        output = os.path.join(os.fsencode(bench.folder), b"\xf6ut.mkv")
        plan = bench / "plan.json"
        common = ("--set", b"input.path='" + clip + b"'")
        self.run_bytes(bench, "render", bench.job, "--threads", "1", "-o", output, *common)
        expected = md5s(pathlib.Path(os.fsdecode(output)))
        os.remove(output)
        self.run_bytes(bench, "farm", "plan", bench.job, "-o", plan, "--output", output, *common)
        for index in range(3):
            self.run_bytes(bench, "farm", "chunk", "--plan", plan, "--index", str(index), "--threads", "1")
        self.run_bytes(bench, "farm", "status", "--plan", plan)
        self.run_bytes(bench, "farm", "emit", "commands", "--plan", plan, "-o", bench / "scripts")
        self.assertIn(output, (bench / "scripts/commands").read_bytes())
        self.run_bytes(bench, "farm", "join", "--plan", plan)
        self.assertEqual(md5s(pathlib.Path(os.fsdecode(output))), expected)
        done = self.run_bytes(bench, "info", output)
        (bench / "again.yaml").write_bytes(done.stdout)
        self.run_bytes(bench, "check", bench / "again.yaml")

    def run_bytes(self, bench, *arguments):
        command = bench.command()[:1] + [word if isinstance(word, bytes) else str(word) for word in arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done


class NoTemporaryFolder(WithBench):
    def test_a_farm_needs_none(self):
        bench = self.bench(frames=(2, 1, 1), iterations=1)
        plan = bench / "plan.json"
        self.assertEqual(bench.run("farm", "plan", bench.job, "-o", plan, "--split", "1")[0], 0)
        environment = {**os.environ, "TMPDIR": "/scratch/none/123"}
        for arguments in (("status",), ("chunk", "--index", "0", "--threads", "1"), ("chunk", "--index", "0"), ("join",),
                          ("emit", "commands", "-o", bench / "scripts")):
            code, _, errors = bench.run("farm", *arguments, "--plan", plan, env=environment)
            self.assertEqual(code, 0, errors)
        code, _, errors = bench.run("bench", "--pipeline", "--network", bench / "tiny.onnx", "--layers", "relu2",
                                    env=environment)
        self.assertEqual(code, 74, errors)
        self.assertIn("set TMPDIR to one that is there", errors)


class Endless(WithBench):
    """Each of these inputs once kept `check` busy for ever, or took all memory."""

    def measured(self, *arguments):
        """Returns (exit code, stderr, CPU seconds, peak MiB)."""
        with subprocess.Popen(self.bench_.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE,
                              preexec_fn=limit_time) as process:
            errors = process.stderr.read().decode()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, errors, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def setUp(self):
        self.bench_ = self.bench(frames=(2, 1, 1), iterations=1)
        code, errors, self.base_seconds, self.base_mib = self.measured("check", self.bench_.job, "--threads", "1")
        self.assertEqual(code, 0, errors)

    def expect_quick(self, code, *arguments):
        got, errors, seconds, mib = self.measured(*arguments)
        self.assertEqual(got, code, errors)
        # A slow processor takes longer for the same work, and shows it in the check of a small job.
        self.assertLess(seconds, self.base_seconds + max(MOST_CPU_SECONDS, 6 * self.base_seconds), arguments)
        self.assertLess(mib, self.base_mib + MOST_MEMORY_MIB, arguments)
        return errors

    def check(self, code, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        return self.expect_quick(code, "check", self.bench_.job, "--threads", "1", *words)

    def noise(self, keys):
        return ("input.path=~", "input.noise={size: 64x48, " + keys + "}")

    def test_frames(self):
        errors = self.check(78, *self.noise("duration: 1000000000s, fps: 1000000"))
        self.assertIn("input.noise.duration: expected at most 10000000 frames", errors)
        self.check(0, *self.noise("duration: 10000000f"))
        self.check(0, *self.noise("duration: 10000000f"), "dream.step=1+sin(t)", "camera.zoom=1+0.1*sin(t)",
                   "output.loop=true", "temporal.every=2")
        self.expect_quick(64, "check", self.bench_.job, "--threads", "1", "--curves", self.bench_ / "c.csv", "--set",
                          "input.path=~", "--set", "input.noise={size: 64x48, duration: 10000000f}")

    def test_channels(self):
        for channels in ("[0..999999]", "[0..999999, 0..999999]", "[[0, 999999]]"):
            self.check(78, "dream.objectives=[{layer: relu2, kind: channels, channels: " + channels + "}]")
            self.check(78, "network.ablate=[{layer: relu1, channels: " + channels + "}]")

    def test_names(self):
        for name in ("a" * 100_000, "%" * 100_000, "a%d" * 30_000):
            self.expect_quick(66, "render", self.bench_.job, "--set", "input.path=" + json.dumps(name), "-o",
                              self.bench_ / "o.mkv")
            self.assertNotEqual(self.expect_quick(66, "info", name), "")

    def test_files_that_never_end(self):
        pipe = self.bench_ / "pipe"
        os.mkfifo(pipe)
        for path in ("/dev/zero", str(pipe)):
            self.expect_quick(66, "check", path)
            self.check(66, "input.path=" + path)
            self.check(66, "input.audio=" + path, "dream.step=1+bass")
            self.check(66, "dream.mask={path: " + path + "}")
            self.check(66, "dream.objectives=[{layer: relu2, kind: guide, image: " + path + "}]")
            self.expect_quick(66, "info", path)
            self.expect_quick(66, "farm", "status", "--plan", path)
        network = self.bench_ / "pipe.onnx"
        os.mkfifo(network)
        self.check(69, "network.path=" + str(network))

    def test_jobs(self):
        job = self.bench_ / "big.yaml"
        for text in ("[" * 1_000_000, "{a: " * 1_000_000, "- " * 2_000_000, "a: &a [" + "x," * 150_000 + "]\n",
                     "".join(f"z{i}: 1\n" for i in range(90_000)), "? " * 1_000_000, "&a " * 1_000_000, "a: |\n" + " x\n" * 1_000_000,
                     "\"" + "\\n" * 2_000_000, "[" + "a: b, " * 90_000 + "]"):
            job.write_text(text)
            self.expect_quick(78, "check", job)

    def test_plans(self):
        plan = self.bench_ / "plan.json"
        for text in ("[" * 20_000_000, "[" + "[]," * 5_000_000 + "1]", "{" + '"a":1,' * 3_000_000 + '"b":1}', "1" * 20_000_000):
            plan.write_text(text)
            self.assertIn("no plan of this program", self.expect_quick(65, "farm", "status", "--plan", plan))


if __name__ == "__main__":
    unittest.main()
