"""Tests a render farm on one machine: plan, chunks, join, status, emitted scripts, local workers."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest

from bench import (FOREVER, LESIONS, PATIENCE, Bench, Process, at_file, children_seconds, frame_hashes, md5s, part_of,
                   stop, wait_for)

MOST_SECONDS_OF_A_STOP = 5 * PATIENCE  # of processor time, so a busy machine does not lengthen it
SHOTS = (126, 14, 34)  # segments end at 120, 126, 140 and 174


class Farm(unittest.TestCase):
    whole = {}  # md5s of a render by one process, by its arguments; all benches are the same

    def setUp(self):
        self.bench = Bench(frames=SHOTS)
        self.addCleanup(self.bench.close)
        self.plan_file = self.bench / "plan.json"
        self.work = self.bench / "out.mkv.work"

    def expected(self, *arguments):
        if arguments not in self.whole:
            output = self.bench / "one process.mkv"
            code, _, errors = self.bench.render("-o", output, *arguments)
            self.assertEqual(code, 0, errors)
            self.whole[arguments] = (md5s(output), frame_hashes(output))
        return self.whole[arguments][0]

    def plan(self, *arguments):
        code, out, errors = self.bench.run("farm", "plan", self.bench.job, "-o", self.plan_file, *arguments)
        self.assertEqual(code, 0, errors)
        return out

    def farm(self, command, *arguments, **options):
        return self.bench.run("farm", command, "--plan", self.plan_file, *arguments, **options)

    def chunk(self, index, *arguments):
        code, _, errors = self.farm("chunk", "--index", index, "--threads", "1", *arguments)
        self.assertEqual(code, 0, errors)

    def missing(self):
        return self.farm("status", "--missing")[1].strip()


class PlanChunkJoin(Farm):
    def test_gives_what_one_process_gives(self):
        expected = self.expected()
        out = self.plan()
        self.assertIn("174 frames, 3 shots, 3 chunks", out)
        self.assertIn("chunk 0: 0..126", out)  # the longest chunk comes first
        self.assertEqual(self.missing(), "0-2")
        for index in (2, 0):
            self.chunk(index)
        self.assertEqual(self.missing(), "1")
        code, _, errors = self.farm("join")
        self.assertEqual(code, 66)
        self.assertIn("chunks 1 are missing", errors)
        self.assertFalse(self.bench.output.exists())
        self.chunk(1)
        code, _, errors = self.farm("join")
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(self.bench.output), expected)
        self.assertTrue(self.work.exists())
        self.assertEqual(self.farm("join", "--clean")[0], 0)
        self.assertFalse(self.work.exists())

    def test_lesions_are_the_same_on_a_farm_and_in_an_excerpt(self):
        expected = self.expected(*LESIONS)
        self.plan(*LESIONS)
        for index in (2, 0, 1):
            self.chunk(index)
        code, _, errors = self.farm("join")
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(self.bench.output), expected)
        excerpt = self.bench / "excerpt.mkv"
        code, _, errors = self.bench.render("-o", excerpt, "--frames", "126..140", *LESIONS)  # the second shot
        self.assertEqual(code, 0, errors)
        self.assertEqual(frame_hashes(part_of(excerpt, 126, 140)), frame_hashes(self.bench.output)[126:140])

    def test_a_done_chunk_ends_at_once(self):
        self.plan()
        self.chunk(1)
        (self.bench / "tiny.onnx").unlink()  # it must not be read
        begin = children_seconds()
        self.chunk(1)
        done = children_seconds()
        subprocess.run(self.bench.command("--version"), stdout=subprocess.DEVNULL, check=True)
        # In processor time. On any machine, the start of the engine alone takes longer, because it links LibTorch.
        once, start = done - begin, children_seconds() - done
        print(f"a done chunk: {once:.3f} s; the engine's start: {start:.3f} s", file=sys.stderr)
        self.assertLess(once, start)
        for places in ([], ["--work", self.work], ["--output", self.bench.output, "--progress", "json"]):
            code, out, errors = self.farm("chunk", "--index", "1", *places, "--device", "none")
            self.assertEqual(code, 0, errors)  # the engine would refuse the device
            self.assertIn("chunk 1 was done already", out + errors)

    def test_programs_are_told_how_a_command_ends(self):
        def last_of(code, out):
            return code, json.loads(out.splitlines()[-1])

        self.plan()
        for _ in range(2):  # the second one was done already
            code, out, _ = self.farm("chunk", "--index", "1", "--progress", "json")
            self.assertEqual(last_of(code, out), (0, {"event": "finish", "chunk": 1}))
        for expected, arguments in ((66, ["none.yaml"]), (64, [self.bench.job, "--nonsense"]),
                                    (78, [self.bench.job, "--set", "dream.steep=1"])):
            code, out, errors = self.bench.run("render", "--progress", "json", *arguments)
            code, event = last_of(code, out)
            self.assertEqual((code, event["event"], event["exit_code"]), (expected, "failure", expected), out)
            self.assertIn(event["message"].splitlines()[0], errors)
            code, out, _ = self.bench.run("render", "--progress", "openjd", *arguments)
            self.assertIn("openjd_fail: ", out.splitlines()[-1])

    def test_a_done_file_counts_for_its_parts_and_its_plan_alone(self):
        self.plan()
        self.chunk(1)
        done = self.work / "chunk-1.done.json"
        part, = (self.work / "parts" / name["name"] for name in json.loads(done.read_text())["parts"])
        whole = part.read_bytes()
        part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.chunk(1)  # the chunk is rendered again
        self.assertEqual(part.read_bytes(), whole)
        done.write_text("nonsense")
        self.chunk(1)
        self.assertEqual(json.loads(done.read_text())["chunk"], 1)
        self.plan("--set", "seed=5")
        code, _, errors = self.farm("chunk", "--index", "1", "--threads", "1")
        self.assertEqual(code, 0, errors)
        self.assertNotEqual(part.read_bytes(), whole)

    def test_damage_is_named_and_nothing_is_written(self):
        self.plan("--max-frames", "48")  # six chunks
        for index in range(5):
            self.chunk(index)
        parts = sorted((self.work / "parts").glob("*.seg"))
        whole = parts[0].read_bytes()
        chunk_of = {part["begin"]: i for i, part in enumerate(self.pieces())}
        first = chunk_of[int(parts[0].stem)]
        for bad, what, answer in ((whole[:-10], "damaged", 65),
                                  (whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], "damaged", 65),
                                  (parts[1].read_bytes(), "missing", 66)):  # a part of other frames
            parts[0].write_bytes(bad)
            code, _, errors = self.farm("join")
            self.assertEqual(code, answer, errors)
            self.assertIn(f"chunks {first} are {what}", errors)
            self.assertFalse(self.bench.output.exists())
        self.assertIn(str(first), self.missing())
        self.chunk(first)  # the chunk is rendered again
        self.assertEqual(parts[0].read_bytes(), whole)

    def pieces(self):
        plan = json.loads(self.plan_file.read_text())
        return [{"begin": plan["pieces"][chunk[0]][1]} for chunk in plan["chunks"]]

    def test_another_source_or_index_is_refused(self):
        self.plan()
        self.assertEqual(self.farm("chunk", "--index", "9")[0], 64)
        other = self.bench / "other.mkv"
        other.write_bytes((self.bench / "clip.mkv").read_bytes() + b"x")
        code, _, errors = self.farm("chunk", "--index", "1", "--source", other)
        self.assertEqual(code, 65)
        self.assertIn("source", errors)
        code, _, errors = self.farm("chunk", "--index", "1", "--source", self.bench / "none.mkv")
        self.assertEqual(code, 66)

    def test_a_share_that_is_not_mounted_is_told_and_no_folder_is_made(self):
        share = self.bench / "share"
        share.mkdir()
        shutil.move(self.bench / "clip.mkv", share / "clip.mkv")
        self.plan("--set", f"input.path={share / 'clip.mkv'}", "--output", share / "out/dream.mkv")
        self.assertNotIn("share", self.farm("status")[2])
        share.rename(self.bench / "elsewhere")
        for command, expected in ((["status"], 0), (["join"], 66)):
            code, _, errors = self.farm(*command)
            self.assertEqual(code, expected, errors)
            self.assertIn("is the share mounted?", errors)
        code, _, errors = self.farm("chunk", "--index", "0")
        self.assertEqual(code, 66, errors)
        self.assertFalse(share.exists())

    def test_two_at_once_and_a_kill(self):
        expected = self.expected()
        self.plan()
        command = ("farm", "chunk", "--plan", self.plan_file, "--index", "0", "--threads", "1")
        first = self.bench.rest_at("frames/000002.png", *command)
        code, _, errors = self.bench.run(*command)
        self.assertEqual(code, 75, errors)
        first.kill()
        first.wait()
        processes = [self.bench.start(*command) for _ in range(2)]
        codes = sorted(process.wait(timeout=FOREVER) for process in processes)
        self.assertIn(codes, ([0, 0], [0, 75]))
        for index in (1, 2):
            self.chunk(index)
        self.assertEqual(self.farm("join")[0], 0)
        self.assertEqual(md5s(self.bench.output), expected)

    def test_grouped_and_split_chunks(self):
        expected = self.expected()
        self.assertIn("2 chunks", self.plan("--split", "2"))
        for index in range(2):
            self.chunk(index)
        self.assertEqual(self.farm("join", "--clean")[0], 0)
        self.assertEqual(md5s(self.bench.output), expected)
        self.plan("--max-frames", "120", "--warmup", "12")
        count = len(json.loads(self.plan_file.read_text())["chunks"])
        self.assertEqual(count, 4)
        for index in range(count):
            self.chunk(index)
        self.assertEqual(self.farm("join")[0], 0)
        split = frame_hashes(self.bench.output)
        whole = self.whole[()][1]
        self.assertEqual(len(split), len(whole))
        self.assertEqual(split[:120], whole[:120])  # before the first seam
        self.assertNotEqual(split, whole)

    def test_places_on_another_machine(self):
        expected = self.expected()
        self.plan()
        there = self.bench / "other machine"
        (there / "src").mkdir(parents=True)
        for name in ("clip.mkv", "tiny.onnx"):
            shutil.move(self.bench / name, there / "src" / name)
        rules = there / "rules.json"
        rules.write_text(json.dumps({"version": "pathmapping-1.0", "path_mapping_rules": [
            {"source_path_format": "POSIX", "source_path": str(self.bench.folder), "destination_path": str(there)},
            {"source_path_format": "POSIX", "source_path": str(self.bench.folder / "clip.mkv"),
             "destination_path": str(there / "src/clip.mkv")},
        ]}))
        options = ("--path-map", rules, "--network", there / "src/tiny.onnx")
        for index in range(3):
            self.chunk(index, *options)
        self.assertEqual(self.farm("join", *options)[0], 0)
        self.assertEqual(md5s(there / "out.mkv"), expected)
        self.assertFalse(self.bench.output.exists())

    def test_progress_lines_stand_at_column_0(self):
        self.plan()
        code, out, _ = self.farm("chunk", "--index", "1", "--progress", "openjd")
        self.assertEqual(code, 0)
        self.assertIn("openjd_progress: 100.0", out)
        self.assertTrue(all(line.startswith(("openjd_progress: ", "openjd_status: ")) for line in out.splitlines()), out)

    def test_damaged_plans_are_refused(self):
        self.plan()
        text = self.plan_file.read_text()
        for broken in ("", "{}", "[1]", text[:-20], text.replace('"segment_frames": 120', '"segment_frames": 0'),
                       text.replace("126", "127", 1), text.replace('"chunks"', '"chinks"')):
            self.plan_file.write_text(broken)
            for command in ("status", "join"):
                code, _, errors = self.farm(command)
                self.assertEqual(code, 65, broken[:40])
                self.assertIn("plan.json", errors)


class Emitted(Farm):
    said = ""  # by the last emit()

    def emit(self, scheduler, *arguments):
        folder = self.bench / "jobs $HOME 'x'"
        code, self.said, errors = self.farm("emit", scheduler, "-o", folder, *arguments)
        self.assertEqual(code, 0, errors)
        return folder

    def test_commands_run_in_gnu_parallel_and_what_failed_again(self):
        self.assertIsNotNone(shutil.which("parallel"), "GNU parallel is missing: scripts/install_deps.sh --test")
        expected = self.expected()
        self.plan()
        folder = self.emit("commands", "--threads", "1")
        log = self.bench / "joblog"
        blocker = self.work / "chunk-1.done.json"
        blocker.mkdir(parents=True)
        (blocker / "in the way").touch()
        run = ["parallel", "--will-cite", "-j", "2", "--joblog", str(log)]
        with open(folder / "commands", "rb") as commands:
            self.assertEqual(subprocess.run(run, stdin=commands, stderr=subprocess.DEVNULL, check=False).returncode, 1)
        self.assertEqual(self.missing(), "1")
        shutil.rmtree(blocker)
        with open(folder / "commands", "rb") as commands:
            done = subprocess.run([*run, "--resume-failed"], stdin=commands, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(subprocess.run([folder / "join.sh"], stderr=subprocess.DEVNULL, check=False).returncode, 0)
        self.assertEqual(md5s(self.bench.output), expected)

    def test_slurm_scripts_are_bash(self):
        self.plan()
        folder = self.emit("slurm", "--threads", "2", "--gpus", "1")
        for name in ("submit.sh", "chunk.sbatch", "join.sbatch"):
            subprocess.run(["bash", "-n", folder / name], check=True)
        text = (folder / "chunk.sbatch").read_text()
        self.assertIn("#SBATCH --cpus-per-task=2", text)
        self.assertIn("#SBATCH --gres=gpu:1", text)
        self.assertIn("submit.sh submits 3 chunks", self.said)
        self.assertIn("nothing was measured", self.said)

    def test_memory_and_time_are_asked_for_as_measured(self):
        self.plan()
        text = (self.emit("slurm", "--measure", "--program", "/opt/dream reel") / "chunk.sbatch").read_text()
        mebibytes, minutes = (int(re.search(rf"#SBATCH --{name}=(\d+)M?\n", text)[1]) for name in ("mem", "time"))
        self.assertTrue(256 <= mebibytes < 16384 and mebibytes % 256 == 0, mebibytes)
        self.assertTrue(10 < minutes < 60, minutes)
        self.assertIn("'/opt/dream reel' farm chunk", text)
        self.assertIn("on this machine, the longest chunk would take about", self.said)
        self.assertIn(f" and {minutes} minutes\n", self.said)
        self.assertNotIn("nothing was measured", self.said)
        text = (self.emit("slurm", "--memory", "2GiB", "--minutes", "7", "--measure") / "chunk.sbatch").read_text()
        self.assertIn("#SBATCH --mem=2253M\n#SBATCH --time=7\n", text)
        self.assertIn("--memory 2147483648", text)

    def test_a_plan_without_chunks_is_refused(self):
        self.bench.kill_at("plan.json")
        self.plan_file = self.work / "plan.json"
        code, _, errors = self.farm("emit", "slurm", "-o", self.bench / "jobs")
        self.assertEqual(code, 64, errors)


class Workers(Farm):
    def test_side_by_side_gives_the_same(self):
        expected = self.expected()
        code, _, errors = self.bench.run("render", self.bench.job, "--workers", "2", "--threads", "2")
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(self.bench.output), expected)
        self.assertEqual(self.bench.leftovers(), [])

    def test_a_stop_stops_all_and_it_goes_on(self):
        expected = self.expected()
        process = self.bench.start("render", self.bench.job, "--workers", "2", "--threads", "2",
                                   env=at_file("REST", "frames/000005.png"))
        resting = []

        def is_one_resting():
            resting[:] = [child for child in Process(process.pid).children() if child.state == "T"]
            return resting or process.poll() is not None

        self.assertTrue(wait_for(is_one_resting))
        self.assertIsNone(process.poll(), "it ended without its sixth frame")
        process.send_signal(signal.SIGTERM)
        self.assertTrue(wait_for(lambda: resting[0].has_pending(signal.SIGTERM)))
        os.kill(resting[0].pid, signal.SIGCONT)
        code, seconds = stop(process)
        self.assertEqual(code, 75)
        self.assertLess(seconds, MOST_SECONDS_OF_A_STOP)
        code, _, errors = self.bench.render()  # without workers
        self.assertEqual(code, 0, errors)
        self.assertIn("resumed", errors)
        self.assertEqual(md5s(self.bench.output), expected)
        self.assertEqual(self.bench.leftovers(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
