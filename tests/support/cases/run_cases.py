#!/usr/bin/env python3
"""Runs all cases of a GoogleTest executable in one process, and keeps what each of them printed.

usage: run_cases.py EXECUTABLE [SECONDS]

A process for each case would load LibTorch each time, which takes longer than most cases do. The folder
EXECUTABLE.cases gets one file for each case, CASE.passed or CASE.failed, with the case's output. show_case.sh turns
the files into ctest's results. A case fails if it ends the process or does not finish within SECONDS (default: 120).
Then the remaining cases run in a new process. exit.passed or exit.failed tells how the process itself ended.

The exit status is 0 if the cases have results, even failures.
"""
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time

BEGIN = re.compile(r"^\[ RUN      \] (\S+)")
END = re.compile(r"^\[  (     OK|FAILED |SKIPPED) \] ([^\s,]+)")


class Cases:
    """The results of the cases. Each is written as soon as it is known."""

    def __init__(self, folder):
        self.folder = folder
        self.done = []
        self.open = None  # name of the running case
        self.lines = []
        self.between = []  # lines printed outside of cases
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)

    def write(self, name, passed, text):
        with open(os.path.join(self.folder, name.replace("/", "-") + (".passed" if passed else ".failed")), "w",
                  encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)

    def take(self, line):
        begins, ends = BEGIN.match(line), END.match(line)
        if begins and self.open is None:
            self.open, self.lines = begins[1], [line]
            return
        if self.open is None:
            self.between.append(line)
            return
        self.lines.append(line)
        if ends and ends[2] == self.open:
            self.close("FAILED" not in ends[1], "")

    def close(self, passed, why):
        self.write(self.open, passed, "".join(self.lines) + why)
        self.done.append(self.open)
        self.open = None


def ended_by(status):
    if status >= 0:
        return f"exit status {status}"
    return f"signal {-status} ({signal.Signals(-status).name})"


def run_once(executable, cases, silence_s):
    """Runs the remaining cases. Returns the exit status, or None if the process had to be killed."""
    command = [executable, "--gtest_color=no", "--gtest_filter=*" + ("-" + ":".join(cases.done) if cases.done else "")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    waiting = selectors.DefaultSelector()
    waiting.register(process.stdout, selectors.EVENT_READ)
    rest, last = b"", time.monotonic()
    while True:
        left = last + silence_s - time.monotonic()
        if left <= 0 or not waiting.select(left):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        chunk = os.read(process.stdout.fileno(), 1 << 16)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            seen = (cases.open, len(cases.done))
            cases.take(line.decode("utf-8", "surrogateescape") + "\n")
            if (cases.open, len(cases.done)) != seen:
                last = time.monotonic()  # output does not count: a case that prints for ever has a limit, too
    if rest:
        cases.take(rest.decode("utf-8", "surrogateescape") + "\n")
    return process.wait()


def main():
    executable = os.path.realpath(sys.argv[1])
    silence_s = float(sys.argv[2]) if len(sys.argv) > 2 else 120
    cases = Cases(executable + ".cases")
    while True:
        before = len(cases.done)
        status = run_once(executable, cases, silence_s)
        if cases.open is None:
            break
        why = "took more than %g s" % silence_s if status is None else "the process ended here: " + ended_by(status)
        cases.close(False, f"[  FAILED  ] {cases.open}: {why}\n")
        if len(cases.done) == before:
            break
    # GoogleTest ends with 1 if a case failed. A sanitizer that finds something at the end uses other numbers.
    well = status == 0 or (status == 1 and any(name.endswith(".failed") for name in os.listdir(cases.folder)))
    how = "it hung after its last case" if status is None else ended_by(status)
    cases.write("exit", well, "".join(cases.between) + f"{os.path.basename(executable)}: {how}\n")
    print(f"{os.path.basename(executable)}: {len(cases.done)} cases ran; {how}")
    return 0 if cases.done else 1


if __name__ == "__main__":
    sys.exit(main())
