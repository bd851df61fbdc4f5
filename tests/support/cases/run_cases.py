#!/usr/bin/env python3
"""Runs all cases of a GoogleTest executable in one process, and keeps what each of them printed.

usage: run_cases.py EXECUTABLE [SECONDS [SHARD SHARDS]]

A process for each case would load LibTorch each time, which takes longer than most cases do. The folder
EXECUTABLE.cases gets one file for each case, CASE.passed or CASE.failed, with the case's output. show_case.sh turns
the files into ctest's results. A case fails if it ends the process or does not finish within SECONDS (default: 120).
Then the remaining cases run in a new process. exit.passed or exit.failed tells how the process itself ended.

With SHARDS above 1, only every SHARDS-th case runs, from number SHARD on, which counts from 0. So several processes can
share the cases of one executable. Each keeps its results in a folder of its own, EXECUTABLE.cases/SHARD-of-SHARDS.

The exit status is 0 if the cases have results, even failures.
"""
import os
import pathlib
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


def remove_other_results(folder, shards):
    """Removes results from a time when the cases were shared in another way. Other shards may do the same now."""
    if shards > 1 and os.path.isdir(folder):
        for entry in os.scandir(folder):
            if entry.is_dir() and not entry.name.endswith(f"-of-{shards}"):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.is_file():
                pathlib.Path(entry.path).unlink(missing_ok=True)


def listed(executable):
    """The names of all cases, in the executable's order."""
    lines = subprocess.run([executable, "--gtest_list_tests"], stdout=subprocess.PIPE, text=True, check=True).stdout
    names, suite = [], None
    for line in lines.splitlines():
        name = line.split("#")[0].rstrip()
        if name.endswith(".") and not name.startswith(" "):
            suite = name
        elif suite and name.startswith("  "):
            names.append(suite + name.strip())
    return names


def run_once(executable, cases, silence_s, chosen):
    """Runs the remaining cases of `chosen`; None stands for all. Returns the exit status, or None if the process had to be
    killed.
    """
    if chosen is None:
        pattern = "*" + ("-" + ":".join(cases.done) if cases.done else "")
    else:
        pattern = ":".join(name for name in chosen if name not in cases.done)
    command = [executable, "--gtest_color=no", "--gtest_filter=" + pattern]
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
    shard, shards = map(int, sys.argv[3:5]) if len(sys.argv) > 4 else (0, 1)
    folder, chosen = executable + ".cases", None
    if shards > 1:
        folder, chosen = os.path.join(folder, f"{shard}-of-{shards}"), listed(executable)[shard::shards]
        if not chosen:
            print(f"{os.path.basename(executable)} has fewer than {shards} cases")
            return 1
    remove_other_results(executable + ".cases", shards)
    cases = Cases(folder)
    while True:
        before = len(cases.done)
        status = run_once(executable, cases, silence_s, chosen)
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
