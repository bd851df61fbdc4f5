"""Tests scripts/in_suite.sh in a root folder with only a shell, because making a real root needs a mirror."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SCRIPT = SOURCE / "scripts" / "in_suite.sh"
EX_USAGE, EX_UNAVAILABLE = 64, 69
TOOLS = ["sh", "env", "cat", "sleep", "touch", "grep"]


def copy_tool(name, root):
    """Copies a program, with the libraries that it loads, to the same places."""
    program = Path(shutil.which(name)).resolve()
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in listed.split() if word.startswith("/")]
    for file in [str(program), *libraries]:
        place = root / file.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.realpath(file), place)
    (root / "bin").mkdir(exist_ok=True)
    if not (root / "bin" / name).exists():
        (root / "bin" / name).symlink_to(program)


def is_unshare_allowed():
    options = ["--mount", "--pid", "--fork"]
    if os.geteuid() != 0:
        options += ["--user", "--map-root-user", "--map-auto"]
    mounts = "mount -t proc proc /proc && mount --bind /tmp /tmp"
    return subprocess.run(["unshare", *options, "sh", "-c", mounts], capture_output=True, check=False).returncode == 0


def running_commands():
    commands = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            commands.append((process / "cmdline").read_text(errors="replace").split("\0")[:-1])
        except OSError:  # it has just ended
            continue
    return commands


class InSuite(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.suites = Path(folder.name)
        self.root = self.suites / "tiny"
        for name in ["dev", "proc", "sys", "etc", "tmp", "root"]:
            (self.root / name).mkdir(parents=True)
        for tool in TOOLS:
            copy_tool(tool, self.root)
        self.addCleanup(shutil.rmtree, SOURCE / "build" / "suites" / "tiny", ignore_errors=True)

    def run_in(self, *arguments, **environment):
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=60,
                              env={**os.environ, "DREAMREEL_SUITES": str(self.suites), **environment})

    def sh(self, script):
        done = self.run_in("tiny", "sh", "-c", script)
        if not is_unshare_allowed():
            self.assertEqual(done.returncode, EX_UNAVAILABLE, done.stderr)
            self.assertIn("unshare", done.stderr)
            return None
        return done

    def test_sees_the_checkout_and_a_build_folder_of_its_own(self):
        done = self.sh("cat CMakeLists.txt && touch build/made && test $HOME = /root && grep -c . /proc/self/status")
        if done is not None:
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("project(dreamreel", done.stdout)
            self.assertTrue((SOURCE / "build" / "suites" / "tiny" / "made").exists())
            self.assertFalse((SOURCE / "build" / "made").exists())

    def test_gives_the_exit_code_of_the_command(self):
        done = self.sh("exit 7")
        if done is not None:
            self.assertEqual(done.returncode, 7, done.stderr)

    def test_leaves_no_mounts_and_no_processes(self):
        mark = f"3{os.getpid()}"
        done = self.sh(f"sleep {mark} & exit 0")
        if done is not None:
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(str(self.suites), Path("/proc/mounts").read_text(encoding="utf-8"))
            self.assertEqual(list((self.root / "dev").iterdir()), [])
            self.assertNotIn(["sleep", mark], running_commands())

    def test_refuses_what_is_no_name_of_a_suite(self):
        for arguments in (["../etc", "true"], ["trixie"], [], ["--new", "trixie", "true"]):
            done = self.run_in(*arguments)
            self.assertEqual(done.returncode, EX_USAGE, done.stderr)

    def test_says_where_it_cannot_make_a_root(self):
        done = self.run_in("nosuchsuite", "true", DREAMREEL_SUITE_MIRROR="file:///none",
                           PATH=f"{self.fake_tools()}:{os.environ['PATH']}")
        self.assertEqual(done.returncode, EX_UNAVAILABLE, done.stderr)
        self.assertIn("no such release", done.stderr)
        self.assertFalse((self.suites / "nosuchsuite").exists())

    def fake_tools(self):
        """Tools that fail like the real ones if the mirror has no such release."""
        folder = self.suites / "tools"
        folder.mkdir()
        for name in ["debootstrap", "mmdebstrap"]:
            tool = folder / name
            tool.write_text("#!/bin/sh\necho no such release\nexit 1\n", encoding="utf-8")
            tool.chmod(0o755)
        return folder


if __name__ == "__main__":
    unittest.main()
