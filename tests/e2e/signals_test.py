"""A render that is told to stop does so within seconds, in every phase, and continues from there."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import unittest

from bench import FOREVER, PATIENCE, Process, WithBench, md5s, stop, wait_for

# In processor time from the signal to the end, so a busy machine does not lengthen it. A machine of 2020 takes 0.3 s.
MOST_SECONDS = 5 * PATIENCE
MOST_SECONDS_OF_LISTENING = 2 * PATIENCE
PIPE_BYTES = 4096  # small, so that a process that prints much does not run far ahead of its reader
MOST_OF_A_LINE = 200


def start_until(said, bench, *arguments, **options):
    """Returns a process that has just printed `said`. A process that never prints it has ended."""
    process = bench.start(*arguments, "--progress", "json", stdout=subprocess.PIPE, **options)
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    for line in process.stdout:
        if said in line.decode():
            break
    return process


def waiting_bytes(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


class Signalled(WithBench):
    # Lines of the render's progress, and files that it has put in their places.
    PHASES = ("at once", "loading network", "looking for cuts", '"frame"', "frames/000030.png", "parts/000000.seg",
              "finishing the last", "joining")
    NUMBERS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP)

    def start(self, bench, phase, cache):
        # Each trial has a cache of its own. Otherwise the cuts would be known already.
        environment = {"XDG_CACHE_HOME": str(cache)}
        arguments = ("render", bench.job, "--threads", "1")
        if "/" in phase:
            return bench.rest_at(phase, *arguments, **environment)
        if phase == "at once":
            return bench.start(*arguments, env={**os.environ, **environment})
        return start_until(phase, bench, *arguments, env={**os.environ, **environment})

    def test_in_every_phase(self):
        bench = self.bench(frames=(52, 4, 6), iterations=2, size="640x360")
        expected = self.unbroken(bench)
        slowest, codes = 0, []
        for trial, phase in enumerate(self.PHASES):
            number = self.NUMBERS[trial % len(self.NUMBERS)]
            process = self.start(bench, phase, bench / f"cache {trial}")
            twice = number != signal.SIGINT and trial % 2 == 0  # within a millisecond
            code, seconds = stop(process, number, *([number] if twice else []), signal.SIGCONT)
            slowest = max(slowest, seconds)
            codes.append(code)
            # A signal that comes before the program can catch it ends it like any other program.
            allowed = (75, 0, -number) if phase == "at once" else (75, 0)
            self.assertIn(code, allowed, f"{phase}: {number!r}")
            self.assertLess(seconds, MOST_SECONDS, phase)
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
        hours = bench / "hours.flac"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i",
                        "sine=frequency=90:sample_rate=8000:duration=7200", str(hours)], check=True)
        process = start_until("listening", bench, "render", bench.job, "--set", f"input.audio={hours}",
                              "--set", "dream.step=1+bass")
        code, seconds = stop(process, signal.SIGTERM)
        self.assertEqual(code, 75)
        self.assertLess(seconds, MOST_SECONDS_OF_LISTENING)
        self.assertFalse(bench.output.exists())

    def test_under_nohup_a_closed_terminal_stops_nothing(self):
        bench = self.bench()
        process = start_until('"frame"', bench, "render", bench.job, "--threads", "1",
                              preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        process.communicate()
        self.assertEqual(process.returncode, 0)

    def test_a_second_int_forces(self):
        bench = self.bench(frames=(200, 1, 1), iterations=1)
        process = start_until('"frame"', bench, "render", bench.job, "--threads", "1")
        # Nobody reads further. Once the pipe is full, the render waits for a reader, and a first SIGINT does not
        # change that.
        self.assertTrue(wait_for(lambda: waiting_bytes(process.stdout) > PIPE_BYTES - MOST_OF_A_LINE))
        process.send_signal(signal.SIGINT)
        self.assertTrue(wait_for(lambda: not Process(process.pid).has_pending(signal.SIGINT)))
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=FOREVER), 75)
        process.stdout.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
