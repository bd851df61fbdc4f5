"""Runs the emitted scripts on a real Slurm: a private cluster of one node on loopback, stopped by pid.

A synthetic clip of three shots (8/5/9 frames, 64x48, hard cuts), the CPU, a tiny network.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from bench import Bench, frame_hashes, md5s, wait_for

HERE = pathlib.Path(__file__).resolve().parent / "slurm"
REQUEUE_WAIT = 5
SLOW = 500  # steps per octave, so that there is time for a signal


class Cluster:
    def __init__(self, **settings):
        self.base = tempfile.mkdtemp(prefix="dreamreel-slurm-")
        started = subprocess.run([HERE / "start.sh", self.base], env=dict(os.environ, **settings), check=False,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert started.returncode == 0, started.stderr.decode()
        self.environment = dict(os.environ, SLURM_CONF=f"{self.base}/slurm.conf")

    def stop(self):
        subprocess.run([HERE / "stop.sh", self.base], check=False)
        shutil.rmtree(self.base, ignore_errors=True)

    def run(self, *command, check=True):
        done = subprocess.run([str(word) for word in command], env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0 or not check, done.stderr.decode()
        return done.stdout.decode()

    def gone(self, job):
        return self.run("squeue", "-h", "-j", job, check=False).strip() == ""

    def states(self, job):
        return set(re.findall(r"JobState=([A-Z_]+)", self.run("scontrol", "show", "job", "-o", job, check=False)))


class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for program in ("slurmctld", "slurmd", "sbatch", "munged"):
            assert shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"), (
                f"{program} is missing: scripts/install_deps.sh --test installs it")
        os.environ["PATH"] += ":/usr/sbin"
        cls.cluster = Cluster(REQUEUE_WAIT=str(REQUEUE_WAIT), CPUS="3")
        cls.addClassCleanup(cls.cluster.stop)

    def prepare(self, iterations=3):
        self.bench = Bench(frames=(8, 5, 9), folder_name="a job", iterations=iterations)
        self.addCleanup(self.bench.close)
        self.plan_file = self.bench / "plan.json"
        self.work = self.bench / "out.mkv.work"
        self.scripts = self.bench / "scripts"
        code, self.planned, errors = self.bench.run("farm", "plan", self.bench.job, "-o", self.plan_file)
        self.assertEqual(code, 0, errors)
        code, _, errors = self.bench.run("farm", "emit", "slurm", "--plan", self.plan_file, "-o", self.scripts,
                                         "--threads", "1")
        self.assertEqual(code, 0, errors)

    def submit(self, *arguments):
        out = self.cluster.run(self.scripts / "submit.sh", *arguments)
        return re.search(r"chunks (\d+)", out)[1], re.search(r"join (\d+)", out)[1]

    def logs(self, pattern="*"):
        return "".join(path.read_text() for path in sorted((self.scripts / "logs").glob(pattern)))

    def wait_gone(self, job):
        self.assertTrue(wait_for(lambda: self.cluster.gone(job)), self.cluster.run("squeue") + self.logs())

    def expected(self):
        output = self.bench / "one process.mkv"
        code, _, errors = self.bench.render("-o", output)
        self.assertEqual(code, 0, errors)
        return md5s(output)

    def test_a_plan_and_scripts_are_accepted(self):
        self.prepare()
        for cut in ("0..8", "8..13", "13..22"):
            self.assertIn(cut, self.planned)
        for name in ("submit.sh", "chunk.sbatch", "join.sbatch"):
            subprocess.run(["bash", "-n", self.scripts / name], check=True)
        for name in ("chunk.sbatch", "join.sbatch"):
            self.cluster.run("sbatch", "--test-only", "--array=0-2", self.scripts / name)

    def test_b_c_checkpoint_requeue_join_and_the_same_frames(self):
        self.prepare(iterations=SLOW)
        chunks, join = self.submit()
        begin = {index: frames for index, frames in enumerate(re.findall(r"chunk \d+: (\d+)\.\.", self.planned))}
        first = self.work / f"frames/{int(begin[1]):06}.png"
        self.assertTrue(wait_for(first.exists), self.logs())
        self.cluster.run("scancel", "-b", "-s", "USR1", f"{chunks}_1")
        self.wait_gone(join)
        log = self.logs(f"*{chunks}_1.log")
        self.assertIn("restart 1", log)
        resumed = re.search(r"resumed at frame (\d+)", log)
        self.assertIsNotNone(resumed, log)
        self.assertGreater(int(resumed[1]), 0)
        self.assertTrue(self.bench.output.exists(), self.logs())
        self.assertEqual(self.cluster.states(join), {"COMPLETED"})
        self.assertEqual(md5s(self.bench.output), self.expected())  # includes the sound

    def test_d_scancel_stays_cancelled(self):
        self.prepare(iterations=SLOW)
        chunks, join = self.submit()
        self.assertTrue(wait_for(lambda: list(self.work.glob("frames/*.png"))), self.logs())
        self.cluster.run("scancel", chunks)
        self.wait_gone(chunks)
        time.sleep(REQUEUE_WAIT + 5)
        self.assertTrue(self.cluster.gone(chunks))
        self.assertEqual(self.cluster.states(chunks), {"CANCELLED"})
        self.wait_gone(join)
        self.assertFalse(self.bench.output.exists())
        self.assertEqual(list(self.work.glob("chunk-*.done.json")), [])

    def test_e_f_a_failed_chunk_stops_the_join_and_is_made_up_for(self):
        self.prepare()
        # A file at the place of chunk 1's done file makes only that chunk fail.
        blocker = self.work / "chunk-1.done.json"
        blocker.mkdir(parents=True)
        (blocker / "in the way").touch()
        _, join = self.submit()
        self.wait_gone(join)
        self.assertEqual(self.cluster.states(join), {"CANCELLED"})
        self.assertFalse(self.bench.output.exists())
        shutil.rmtree(blocker)
        missing = self.bench.run("farm", "status", "--missing", "--plan", self.plan_file)[1].strip()
        self.assertEqual(missing, "1")
        others = {path: path.stat().st_mtime_ns for path in self.work.glob("chunk-[02].done.json")}
        self.assertEqual(len(others), 2)
        _, join = self.submit(missing)
        self.wait_gone(join)
        self.assertEqual(self.cluster.states(join), {"COMPLETED"}, self.logs())
        self.assertEqual({path: path.stat().st_mtime_ns for path in others}, others)
        self.assertEqual(md5s(self.bench.output), self.expected())


class Gpus(unittest.TestCase):
    def test_g_each_task_sees_its_own(self):
        os.environ["PATH"] += ":/usr/sbin"
        if os.geteuid() != 0:
            self.fail("a fake GPU is a character device, which only root can make: run this test as root")
        cluster = Cluster(FAKE_GPUS="2", CPUS="2")
        self.addCleanup(cluster.stop)
        bench = Bench(frames=(8, 5, 9))
        self.addCleanup(bench.close)
        plan, scripts = bench / "plan.json", bench / "scripts"
        self.assertEqual(bench.run("farm", "plan", bench.job, "-o", plan)[0], 0)
        self.assertEqual(bench.run("farm", "emit", "slurm", "--plan", plan, "-o", scripts, "--gpus", "1")[0], 0)
        # The renderer is replaced by one that reports its environment, and waits for the other one. So two run at once.
        chunk = scripts / "chunk.sbatch"
        says = scripts / "says.sh"
        says.write_text('#!/bin/sh\ncd "%s"\necho "$CUDA_VISIBLE_DEVICES" >"saw.$SLURM_ARRAY_TASK_ID"\n'
                        'until [ -s saw.0 ] && [ -s saw.1 ]; do sleep 0.1; done\n' % scripts)
        says.chmod(0o755)
        text, count = re.subn(r"(?m)^'.*' farm chunk .* --index", f"'{says}' --index", chunk.read_text())
        self.assertEqual(count, 1)
        chunk.write_text(text)
        out = cluster.run(scripts / "submit.sh", "0-1")
        saw = [scripts / "saw.0", scripts / "saw.1"]
        self.assertTrue(wait_for(lambda: all(path.exists() and path.read_text() for path in saw)), out)
        self.assertEqual({path.read_text().strip() for path in saw}, {"0", "1"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
