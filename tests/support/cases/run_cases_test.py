"""Tests run_cases.py and show_case.sh with executables that pass, fail, skip, die and hang."""
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = pathlib.Path(__file__).parent

# Prints the same lines as GoogleTest. `cases` maps each name to what the case does. It has to start quickly, because
# its start counts for the limit of the first case.
FAKE = textwrap.dedent("""\
    #!{python} -IS
    import os, signal, sys, time
    CASES = {cases!r}
    chosen = next((a for a in sys.argv if a.startswith("--gtest_filter=")), "--gtest_filter=*")
    chosen = chosen.partition("=")[2]
    without = set(chosen.partition("*-")[2].split(":"))
    if not chosen.startswith("*"): without = set(CASES) - set(chosen.split(":"))
    if "--gtest_list_tests" in sys.argv:
        for name in CASES: print("{{0}}.\\n  {{1}}  # GetParam() = 3".format(*name.split(".", 1)))
        sys.exit()
    status = 0
    print("[==========] Running", flush=True)
    for name, what in CASES.items():
        if name in without: continue
        print("[ RUN      ] " + name, flush=True)
        print("said by " + name, flush=True)
        if what == "die": os.kill(os.getpid(), signal.SIGSEGV)
        if what == "hang": time.sleep(600)
        if what == "babble":
            while True: print("still here", flush=True)
        if what == "fail":
            status = 1
            print("[  FAILED  ] " + name + ", where GetParam() = 3 (0 ms)", flush=True)
        elif what == "skip": print("[  SKIPPED ] " + name + " (0 ms)", flush=True)
        else: print("[       OK ] " + name + " (0 ms)", flush=True)
    print("[==========] done", flush=True)
    sys.exit({status} or status)
    """)


class RunCases(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.executable = pathlib.Path(self.folder.name, "fake_test")

    def run_cases(self, cases, status=0, seconds="60", shard=()):
        self.executable.write_text(FAKE.format(python=sys.executable, cases=cases, status=status))
        self.executable.chmod(self.executable.stat().st_mode | stat.S_IXUSR)
        return subprocess.run([sys.executable, HERE / "run_cases.py", self.executable, seconds, *map(str, shard)], text=True,
                              capture_output=True, check=False)

    def show(self, name):
        shown = subprocess.run(["sh", HERE / "show_case.sh", self.executable, "--gtest_filter=" + name,
                                "--gtest_also_run_disabled_tests"], text=True, capture_output=True, check=False)
        return shown.returncode, shown.stdout

    def test_each_case_has_its_own_result_and_output(self):
        self.assertEqual(self.run_cases({"A.One": "", "A.Two": "fail", "P/A.Three/0": "skip"}).returncode, 0)
        self.assertEqual(self.show("A.One"), (0, "[ RUN      ] A.One\nsaid by A.One\n[       OK ] A.One (0 ms)\n"))
        code, text = self.show("A.Two")
        self.assertEqual(code, 1)
        self.assertIn("said by A.Two", text)
        self.assertNotIn("A.One", text)
        code, text = self.show("P/A.Three/0")
        self.assertEqual(code, 0)
        self.assertIn("[  SKIPPED ]", text)
        self.assertEqual(self.show("exit")[0], 0)

    def test_shards_share_the_cases(self):
        names = [f"A.{n}" for n in range(5)]
        cases = {name: "die" if name == "A.2" else "" for name in names}
        self.run_cases({"A.9": ""})  # an older result, of the executable before it had shards
        for shard in range(2):
            self.run_cases(cases, shard=(shard, 2))
            self.assertEqual([self.show(name)[0] for name in names if int(name[2:]) % 2 == shard],
                             [1 if name == "A.2" else 0 for name in names if int(name[2:]) % 2 == shard])
            for name in names:  # no shard runs the case of another one
                ran = (self.executable.parent / f"fake_test.cases/{shard}-of-2").glob(name + ".*")
                self.assertEqual(bool(list(ran)), int(name[2:]) % 2 == shard)
        self.assertEqual(self.show("A.9")[0], 1)
        self.assertEqual(self.show("exit")[0], 0)

    def test_one_bad_end_of_a_shard_is_enough(self):
        for shard, status in enumerate((0, 23)):
            self.run_cases({"A.One": "", "A.Two": ""}, status=status, shard=(shard, 2))
        code, text = self.show("exit")
        self.assertEqual(code, 1)
        self.assertIn("exit status 23", text)

    def test_a_shard_without_cases_is_an_error(self):
        self.assertEqual(self.run_cases({"A.One": ""}, shard=(1, 2)).returncode, 1)

    def test_a_case_that_never_ran_has_failed(self):
        self.run_cases({"A.One": ""})
        code, text = self.show("A.Other")
        self.assertEqual(code, 1)
        self.assertIn("did not run", text)

    def test_old_results_are_gone(self):
        self.run_cases({"A.One": "", "A.Two": ""})
        self.run_cases({"A.Two": ""})
        self.assertEqual(self.show("A.One")[0], 1)

    def test_the_cases_behind_a_death_run_all_the_same(self):
        self.assertEqual(self.run_cases({"A.One": "", "A.Two": "die", "A.Three": "", "A.Four": "die", "A.Five": ""}).returncode, 0)
        self.assertEqual([self.show("A." + n)[0] for n in ("One", "Two", "Three", "Four", "Five")], [0, 1, 0, 1, 0])
        self.assertIn("signal 11 (SIGSEGV)", self.show("A.Two")[1])

    def test_a_case_that_hangs_or_babbles_is_ended(self):
        for what in ("hang", "babble"):
            self.run_cases({"A.One": "", "A.Two": what, "A.Three": ""}, seconds="2")
            self.assertEqual([self.show("A." + n)[0] for n in ("One", "Two", "Three")], [0, 1, 0], what)
            self.assertIn("took more than 2 s", self.show("A.Two")[1])

    def test_a_bad_end_after_the_last_case_is_told(self):
        self.run_cases({"A.One": ""}, status=23)
        self.assertEqual(self.show("A.One")[0], 0)
        code, text = self.show("exit")
        self.assertEqual(code, 1)
        self.assertIn("exit status 23", text)

    def test_an_executable_without_cases_is_an_error(self):
        self.assertEqual(self.run_cases({}).returncode, 1)

    def test_other_arguments_reach_the_executable(self):
        self.run_cases({"A.One": ""})
        shown = subprocess.run(["sh", HERE / "show_case.sh", self.executable, "--gtest_list_tests"], text=True,
                               capture_output=True, check=False)
        self.assertEqual(shown.stdout, "A.\n  One  # GetParam() = 3\n")


if __name__ == "__main__":
    unittest.main()
