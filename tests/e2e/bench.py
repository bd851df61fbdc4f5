"""Helpers that the Python end-to-end tests share: a scratch folder with a tiny network, a clip of three shots and a job.

The executable under test is $DREAMREEL. The device that it dreams on is $DREAMREEL_TEST_DEVICE (default: cpu).
"""

import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from warm import WarmEngine

EXECUTABLE = os.environ["DREAMREEL"]
# Without this library, every run starts as it does for people. With sanitizers it is not there.
WARM_START = os.environ.get("DREAMREEL_WARM_START")
WARM = WarmEngine(EXECUTABLE, WARM_START, [os.environ["DREAMREEL_DIE_AT"]]) if WARM_START else None
DEVICE = os.environ.get("DREAMREEL_TEST_DEVICE") or "cpu"
# A render argument: a lesion with random channels, which grows from shot to shot.
LESIONS = ("--set", "network.ablate=[{layer: relu1, random: 0.5, amount: {0f: 0.2, 170f: 1}}]")
# Factor for limits of time and memory; above 1 with a sanitizer.
PATIENCE = int(os.environ.get("DREAMREEL_TEST_PATIENCE") or 1)
FOREVER = 300 * PATIENCE  # seconds after which a process that should have ended counts as a failure


def tiny_network(path, seed=7):
    """Writes a network of two convolutions, quick on any machine; always the same weights."""
    random = numpy.random.default_rng(seed)

    def weights(name, *shape):
        fan_in = numpy.prod(shape[1:])
        values = random.standard_normal(shape).astype(numpy.float32) / numpy.sqrt(fan_in)
        return numpy_helper.from_array(values.astype(numpy.float32), name)

    nodes = [
        helper.make_node("Conv", ["picture", "w1"], ["conv1"], "conv1", kernel_shape=[3, 3], strides=[2, 2],
                         pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv1"], ["relu1"], "relu1"),
        helper.make_node("Conv", ["relu1", "w2"], ["conv2"], "conv2", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv2"], ["relu2"], "relu2"),
    ]
    graph = helper.make_graph(
        nodes, "tiny", [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("relu2", TensorProto.FLOAT, None)],
        [weights("w1", 8, 3, 3, 3), weights("w2", 12, 8, 3, 3)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(path))


def three_shots(path, frames=(8, 5, 9), sound=True, size="64x48"):
    """Writes a clip with two hard cuts and a tone."""
    first, second, third = frames
    sources = ["-f", "lavfi", "-i", f"mandelbrot=size={size}:rate=24",
               "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=24",
               "-f", "lavfi", "-i", f"life=size={size}:rate=24:ratio=0.3:random_seed=3:life_color=#40a0ff:death_color=#802010"]
    graph = (f"[0]trim=end_frame={first},format=gbrp[a];[1]trim=end_frame={second},format=gbrp[b];"
             f"[2]trim=end_frame={third},format=gbrp[c];[a][b][c]concat=n=3")
    seconds = sum(frames) / 24
    if sound:
        sources += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "flac"]
    subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", *sources, "-filter_complex", graph, "-c:v", "ffv1",
                    "-pix_fmt", "gbrp", str(path)], check=True)


def write_clip(path, frames):
    """Writes a lossless clip of (N,H,W,3) 8-bit frames, 24 a second."""
    height, width = frames.shape[1:3]
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
                    "-r", "24", "-i", "-", "-c:v", "ffv1", "-pix_fmt", "gbrp", str(path)],
                   input=frames.astype(numpy.uint8).tobytes(), check=True)


def stripes(count, width=16, size=(64, 48)):
    """Masks as frames for write_clip(): a white upright stripe, at another place in each frame."""
    frames = numpy.zeros((count, size[1], size[0], 3))
    for number, frame in enumerate(frames):
        left = 11 * number % (size[0] - width)
        frame[:, left:left + width] = 255
    return frames


class Bench:
    """A temporary folder. The job is job.yaml, on clip.mkv, into out.mkv."""

    def __init__(self, frames=(8, 5, 9), iterations=3, folder_name="bench", size="64x48", more="", output="out.mkv"):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="dreamreel-test-"))
        self.started = []
        self.folder = self.root / folder_name
        self.folder.mkdir()
        tiny_network(self.folder / "tiny.onnx")
        three_shots(self.folder / "clip.mkv", frames, size=size)
        self.frames = sum(frames)
        self.job = self.folder / "job.yaml"
        self.output = self.folder / output
        self.job.write_text(
            "input: {path: clip.mkv}\n"
            f"output: {{path: {output}}}\n"
            "network: {path: tiny.onnx}\n"
            "precision: fp32\n"
            f"device: {DEVICE}\n"
            f"dream: {{objectives: [{{layer: relu2}}], octaves: 2, iterations: {iterations}, jitter: 4}}\n"
            f"temporal: {{iterations: {iterations}}}\n" + more)

    def close(self):
        for process in self.started:
            if process.returncode is None:  # the test failed early; a stopped child would stay for ever
                for child in [Process(process.pid), *Process(process.pid).children()]:
                    os.kill(child.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def __truediv__(self, name):
        return self.folder / name

    def command(self, *arguments):
        """Adds -y, because tests render over the same output. Tests of the question about overwriting leave
        it out.
        """
        words = [str(argument) for argument in arguments]
        asks = words[:1] == ["render"] or words[:2] in (["farm", "plan"], ["farm", "join"])
        return [EXECUTABLE, *words, *(["-y"] if asks else [])]

    def run(self, *arguments, env=None):
        """Returns (exit code, stdout, stderr)."""
        command = self.command(*arguments)
        if WARM and WARM.takes(command, env):
            code, out, errors = WARM.run(command, env, FOREVER)
        else:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=FOREVER, check=False, env=env)
            code, out, errors = done.returncode, done.stdout, done.stderr
        return code, out.decode(), errors.decode()

    def render(self, *arguments, **options):
        return self.run("render", self.job, "--threads", "1", *arguments, **options)

    def start(self, *arguments, **options):
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        self.started.append(subprocess.Popen(self.command(*arguments), stdin=subprocess.DEVNULL, **options))
        return self.started[-1]

    def kill_at(self, last, *arguments):
        """Kills a render as soon as the file `last`, named from the work folder on, is in its place."""
        code, _, errors = self.render(*arguments, env=at_file("DIE", last))
        assert code == -signal.SIGKILL, f"{last}: {code} {errors}"

    def rest_at(self, last, *arguments, **environment):
        """Returns a process that has stopped with all its threads once the file `last` was in its place. SIGCONT lets it
        continue.
        """
        process = self.start(*arguments, env={**at_file("REST", last), **environment})
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            process.returncode = os.waitstatus_to_exitcode(status)
        assert os.WIFSTOPPED(status), f"{last}: it ended with {process.returncode}"
        return process

    def leftovers(self):
        """Temporary files and work folders anywhere below."""
        return [str(path.relative_to(self.folder)) for path in self.folder.rglob("*")
                if path.name.endswith(".work") or ".part" in path.name]


def at_file(what, last):
    """The environment in which a process is killed (DIE) or stopped (REST) once the file `last` is in its place."""
    # AddressSanitizer refuses to run if another library is loaded first, although only its checks of memory need that.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {**os.environ, "LD_PRELOAD": os.environ["DREAMREEL_DIE_AT"], f"DREAMREEL_TEST_{what}_AT": "/" + last,
            "ASAN_OPTIONS": sanitizer}


def part_of(output, begin, end):
    """The path to which --frames BEGIN..END of `output` renders."""
    return output.with_name(f"{output.stem}_{begin}-{end}{output.suffix}")


def md5s(path):
    """The md5s of every decoded frame of picture and sound, with its time."""
    done = subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(path), "-map", "0", "-f", "framemd5", "-"],
                          stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def frame_hashes(path):
    """The md5s of the pictures alone, without times."""
    done = subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"],
                          stdout=subprocess.PIPE, check=True)
    return [line.split(",")[-1].strip() for line in done.stdout.decode().splitlines() if not line.startswith("#")]


def raw_video(path, pixels):
    """The bytes of every decoded frame, one after another, in ffmpeg's pixel format `pixels`."""
    done = subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(path), "-map", "0:v", "-fps_mode",
                           "passthrough", "-f", "rawvideo", "-pix_fmt", pixels, "-"], stdout=subprocess.PIPE, check=True)
    return done.stdout


def levels_of(path, pixels="rgb48le", width=64, height=48):
    """The decoded frames, (N,H,W,3), in 16-bit levels. For a file of 8 bits, use rgb24, because ffmpeg would
    not scale it fully.
    """
    levels, kind = (257, numpy.uint8) if pixels == "rgb24" else (1, numpy.uint16)
    return numpy.frombuffer(raw_video(path, pixels), kind).reshape(-1, height, width, 3).astype(numpy.float64) * levels


class Process:
    """The facts in /proc about a process."""

    def __init__(self, pid):
        self.pid = int(pid)
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        words = text[text.rindex(")") + 2:].split()  # a name may hold spaces
        self.state, self.parent = words[0], int(words[1])
        # The time of the process and of the children that it has waited for, in user and kernel mode.
        self.seconds = sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")

    def children(self):
        """The children that existed a moment ago."""
        return [process for process in Process.all() if process.parent == self.pid]

    def seconds_with_children(self):
        return self.seconds + sum(child.seconds_with_children() for child in self.children())

    def has_pending(self, number):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return bool(int(re.search(r"ShdPnd:\s*(\w+)", status)[1], 16) >> (number - 1) & 1)

    @staticmethod
    def all():
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                yield Process(folder.name)
            except OSError:  # it has just ended
                continue


def stop(process, *numbers):
    """Sends the signals, the first one at once. Returns the exit code, and the processor time until the end.

    The time includes the children. A limit on processor time also holds on a busy machine."""
    before, reaped = Process(process.pid).seconds_with_children(), children_seconds()
    for number in numbers:
        process.send_signal(number)
    process.communicate(timeout=FOREVER)  # also empties a pipe on which the process might wait
    return process.returncode, children_seconds() - reaped - before


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def wait_for(condition, seconds=FOREVER):
    """Whether `condition` came true in time. The time is long, because the machine may be busy. So use it only for a
    condition that is certain to come true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


class WithBench(unittest.TestCase):
    """For tests that make their benches themselves."""

    def bench(self, **options):
        bench = Bench(**options)
        self.addCleanup(bench.close)
        return bench

    def render(self, bench, *arguments):
        code, _, errors = bench.render(*arguments)
        self.assertEqual(code, 0, errors)
        return errors

    def unbroken(self, bench, *arguments):
        """The md5s of an uninterrupted render."""
        output = bench / ("unbroken" + bench.output.suffix)
        code, _, errors = bench.render("-o", output, *arguments)
        self.assertEqual(code, 0, errors)
        return md5s(output)

    def expect_same_after_kills(self, bench, frames, expected, *arguments):
        """Kills a render when one of `frames` was stored last; all of them lie in the first segment. Expects
        it to continue to `expected`.
        """
        bench.kill_at(f"frames/{max(frames):06}.png", *arguments)
        work, kept = bench / "out.mkv.work", bench.root / "kept"
        work.rename(kept)
        for frame in frames:
            shutil.copytree(kept, work)
            for path in (work / "frames").iterdir():
                if path.name > f"{frame:06}.png":
                    path.unlink()
            self.assertTrue((work / f"frames/{frame:06}.png").exists())
            self.assertIn(f"resumed at frame {frame + 1}", self.render(bench, *arguments))
            self.assertEqual(md5s(bench.output), expected, frame)
            self.assertEqual(bench.leftovers(), [])
            bench.output.unlink()
        shutil.rmtree(kept)

    def expect_same_from_a_farm(self, bench, *arguments):
        """Renders a job of three shots, whole and in chunks, the last chunk first."""
        self.render(bench, *arguments, "-o", bench / "whole.mkv")
        plan = bench / "plan.json"
        self.assertEqual(bench.run("farm", "plan", bench.job, "-o", plan, *arguments)[0], 0)
        for index in (2, 1, 0):
            code, _, errors = bench.run("farm", "chunk", "--plan", plan, "--index", index, "--threads", "1")
            self.assertEqual(code, 0, errors)
        self.assertEqual(bench.run("farm", "join", "--plan", plan, "--clean")[0], 0)
        self.assertEqual(md5s(bench.output), md5s(bench / "whole.mkv"))
        plan.unlink()
