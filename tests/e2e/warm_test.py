"""A run that was forked from a waiting engine is the same as one that was started: what it prints, writes and ends with."""

import os
import signal
import subprocess
import unittest

from bench import WARM, WithBench, at_file, md5s


class Warm(WithBench):
    def started(self, bench, *arguments, env=None):
        done = subprocess.run(bench.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, check=False, env=env)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def forked(self, bench, *arguments, env=None):
        self.assertTrue(WARM.takes(bench.command(*arguments), env))
        return bench.run(*arguments, env=env)

    def test_prints_the_same_and_ends_with_the_same(self):
        bench = self.bench()
        for arguments in (["--version"], ["render", "--nonsense"], ["check", bench / "none.yaml"],
                          ["layers", bench / "tiny.onnx"], ["check", bench.job, "--set", "dream.step=no"]):
            self.assertEqual(self.forked(bench, *arguments), self.started(bench, *arguments), arguments)

    def test_renders_the_same(self):
        bench = self.bench()
        codes = []
        for name, run in (("forked.mkv", self.forked), ("started.mkv", self.started)):
            codes.append(run(bench, "render", bench.job, "--threads", "1", "-o", bench / name)[0])
        self.assertEqual(codes, [0, 0])
        self.assertEqual(md5s(bench / "forked.mkv"), md5s(bench / "started.mkv"))

    def test_has_the_folder_and_the_environment_of_the_caller(self):
        bench = self.bench()
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(bench.folder)
        self.assertEqual(self.forked(bench, "check", "job.yaml")[0], 0)
        no_networks = {**os.environ, "DREAMREEL_NETWORKS": "/nowhere", "XDG_CACHE_HOME": "/none"}
        arguments = ("check", bench.job, "--set", "network=inception_v3")
        code, _, errors = self.forked(bench, *arguments, env=no_networks)
        self.assertEqual(code, 69, errors)
        self.assertEqual(self.started(bench, *arguments, env=no_networks)[2], errors)

    def test_dies_of_the_same_signal(self):
        bench = self.bench()
        code, _, _ = self.forked(bench, "render", bench.job, env=at_file("DIE", "frames/000003.png"))
        self.assertEqual(code, -signal.SIGKILL)
        self.assertEqual(self.forked(bench, "render", bench.job)[0], 0)

    def test_another_engine_takes_over_from_one_that_died(self):
        bench = self.bench()
        self.assertEqual(self.forked(bench, "--version")[0], 0)
        WARM.process.kill()
        WARM.process.wait()
        with self.assertRaises((OSError, RuntimeError)):
            self.forked(bench, "--version")
        self.assertEqual(self.forked(bench, "--version")[0], 0)

    def test_is_not_used_where_a_start_differs(self):
        bench = self.bench()
        self.assertFalse(WARM.takes(bench.command("farm", "chunk", "--index", "0"), None))
        for name in ("OMP_NUM_THREADS", "ONEDNN_MAX_CPU_ISA", "LD_PRELOAD"):
            self.assertFalse(WARM.takes(bench.command("--version"), {**os.environ, name: "1"}), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
