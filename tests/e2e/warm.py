"""Starts the engine quickly: a process that has loaded LibTorch once forks for each run (tests/support/warm_start.cpp).

Loading takes a second, most of what a short run takes. Runs that need a real start get one: those whose environment
differs in what is read while libraries are loaded, and those that the front program may answer by itself.
"""

import array
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading

# Variables that libraries read while they are loaded begin like this. tests/support/warm_engine.cpp has the same list.
READ_WHEN_LOADED = ("LD_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "ONEDNN_", "DNNL_", "ATEN_", "TORCH_",
                    "MALLOC_", "GLIBC_", "OPENCV_")


class WarmEngine:
    """One waiting process. Runs from several threads take turns.

    `preloaded` are libraries that a run may ask for with LD_PRELOAD. They are loaded from the beginning.
    """

    def __init__(self, executable, library, preloaded=()):
        self.engine = pathlib.Path(executable).resolve().with_name("dreamreel-engine")
        self.preloaded = list(preloaded)
        self.libraries = [library, *self.preloaded]
        self.environment = dict(os.environ)
        self.busy = threading.Lock()
        self.socket = None

    def takes(self, command, environment):
        """Whether the run may be forked. `environment` may be None, for that of this process."""
        if command[1:3] == ["farm", "chunk"]:  # the front program knows when a chunk is done
            return False
        asked = os.environ if environment is None else environment
        if asked.get("LD_PRELOAD") not in (None, self.environment.get("LD_PRELOAD"), *self.preloaded):
            return False
        different = {name for name in {*asked, *self.environment} if asked.get(name) != self.environment.get(name)}
        return not any(name.startswith(READ_WHEN_LOADED) for name in different - {"LD_PRELOAD"})

    def start(self):
        ours, theirs = socket.socketpair()
        libraries = [*self.libraries, *self.environment.get("LD_PRELOAD", "").split()]
        environment = {**self.environment, "LD_PRELOAD": " ".join(libraries),
                       "DREAMREEL_TEST_WARM_SOCKET": str(theirs.fileno())}
        with theirs:
            self.process = subprocess.Popen([self.engine], env=environment, pass_fds=[theirs.fileno()],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.socket = ours

    def run(self, command, environment, seconds):
        """Returns the exit code, which is negative after a signal, and the bytes of stdout and stderr."""
        with self.busy, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            try:
                code = self.wait(command, environment, seconds, out, errors)
            except BaseException:
                self.end()  # an answer that comes late must not be taken for the next run's
                raise
            out.seek(0)
            errors.seek(0)
            return code, out.read(), errors.read()

    def wait(self, command, environment, seconds, out, errors):
        if self.socket is None:
            self.start()
        asked = os.environ if environment is None else environment
        words = [os.getcwd(), str(len(command)), *command, *(f"{name}={value}" for name, value in asked.items())]
        text = b"".join(os.fsencode(word) + b"\0" for word in words)
        with open(os.devnull, "rb") as nothing:
            files = array.array("i", [nothing.fileno(), out.fileno(), errors.fileno()])
            self.socket.sendmsg([struct.pack("I", len(text))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
        self.socket.sendall(text)
        child = self.answer(seconds)
        try:
            return os.waitstatus_to_exitcode(self.answer(seconds))
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, seconds) from None

    def end(self):
        """The next run starts another engine."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None
            self.process.kill()
            self.process.wait()

    def answer(self, seconds):
        if not select.select([self.socket], [], [], seconds)[0]:
            raise TimeoutError
        number = self.socket.recv(4, socket.MSG_WAITALL)
        if len(number) != 4:
            raise RuntimeError(f"{self.engine} ended with {self.process.wait()} while it was waiting for a run")
        return struct.unpack("i", number)[0]
