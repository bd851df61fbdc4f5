"""A render that is told to stop does so within seconds, wherever it is, and goes on from there."""

import os
import signal
import subprocess
import sys
import time
import unittest

from bench import WithBench, md5s, wait_for


class Signalled(WithBench):
    PHASES = {
        "at once": lambda bench: True,
        "loading the network": lambda bench: "loading network" in bench.said(),
        "looking for cuts": lambda bench: "looking for cuts" in bench.said(),
        "ascent": lambda bench: '"frame"' in bench.said(),
        "encoding": lambda bench: list((bench / "out.mkv.work/parts").glob(".*part*")) != [],
        "a segment is finished": lambda bench: list((bench / "out.mkv.work/parts").glob("[0-9]*")) != [],
        "the last segment": lambda bench: "finishing the last" in bench.said(),
        "joining": lambda bench: "joining" in bench.said(),
    }
    NUMBERS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)

    def test_in_every_phase(self):
        bench = self.bench(frames=(52, 4, 6), iterations=2, size="640x360")
        expected, _ = self.unbroken(bench)
        log = bench / "log"
        bench.said = lambda: log.read_text() if log.exists() else ""
        slowest, codes = 0, []
        for trial, (phase, reached) in enumerate(self.PHASES.items()):
            number = self.NUMBERS[trial % len(self.NUMBERS)]
            # A cache of its own, or the cuts would be known already.
            environment = dict(os.environ, XDG_CACHE_HOME=str(bench / f"cache {trial}"))
            with open(log, "wb") as out:
                process = bench.start("render", bench.job, "--threads", "1", "--progress", "json", stdout=out,
                                      env=environment)
            # Not reached at all where an earlier trial has come further: then it ends by itself.
            wait_for(lambda: reached(bench) or process.poll() is not None, 120)
            begin = time.monotonic()
            process.send_signal(number)
            if number != signal.SIGINT and trial % 2 == 0:  # twice within a millisecond
                process.send_signal(number)
            code = process.wait(timeout=60)
            slowest = max(slowest, time.monotonic() - begin)
            codes.append(code)
            # A signal that comes before the program can catch it ends it as it ends every program.
            allowed = (75, 0, -number) if phase == "at once" else (75, 0)
            self.assertIn(code, allowed, f"{phase}: {number!r}")
            self.assertLess(time.monotonic() - begin, 5, phase)
            if code == 0:
                self.assertEqual(md5s(bench.output), expected)
                bench.output.unlink()
            else:
                self.assertFalse(bench.output.exists(), phase)
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(bench.output), expected)
        self.assertEqual(bench.leftovers(), [])
        self.assertGreater(codes.count(75), len(self.PHASES) // 2)
        print(f"{len(codes)} signals: {codes.count(75)} stopped, {codes.count(0)} were done, slowest {slowest:.2f} s",
              file=sys.stderr)

    def test_while_listening_to_the_sound(self):
        bench = self.bench()
        hours, log = bench / "hours.flac", bench / "log"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i",
                        "sine=frequency=90:sample_rate=8000:duration=7200", str(hours)], check=True)
        with open(log, "wb") as out:
            process = bench.start("render", bench.job, "--set", f"input.audio={hours}", "--set", "dream.step=1+bass",
                                  "--progress", "json", stdout=out)
        self.assertTrue(wait_for(lambda: "listening" in log.read_text(), 60))
        begin = time.monotonic()
        process.terminate()
        self.assertEqual(process.wait(timeout=60), 75)
        self.assertLess(time.monotonic() - begin, 2)
        self.assertFalse(bench.output.exists())

    def test_a_second_int_forces(self):
        bench = self.bench(iterations=20)
        process = bench.start("render", bench.job, "--threads", "1")
        self.assertTrue(wait_for(lambda: (bench / "out.mkv.work/frames/000001.png").exists()))
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), 75)


if __name__ == "__main__":
    unittest.main(verbosity=2)
