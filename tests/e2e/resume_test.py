"""Nothing is lost: a render that was killed, damaged or out of disk continues, and gives the same as an unbroken one.

These are a few real kills of the real executable, each at a file. tests/stops tries every operation on a file.
"""

import os
import re
import subprocess
import unittest

from bench import LESIONS, WithBench, frame_hashes, md5s, part_of, tiny_network

SHOTS = (126, 14, 34)  # segments end at 120, 126, 140 and 174


class Killed(WithBench):
    def test_in_a_few_places(self):
        bench = self.bench(frames=SHOTS)
        expected = self.unbroken(bench)
        for last in ("plan.json", "frames/000020.png", "parts/000000.seg", "frames/000150.png"):
            bench.kill_at(last)
            self.assertFalse(bench.output.exists(), last)
        self.render(bench)
        self.assertEqual(md5s(bench.output), expected)
        self.assertEqual(bench.leftovers(), [])

    def test_pictures_go_on_too(self):
        bench = self.bench(frames=SHOTS, output="frames/%04d.png")
        code, _, errors = bench.render("-o", bench / "whole/%04d.png")
        self.assertEqual(code, 0, errors)
        bench.kill_at("frames/0070.png")
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertRegex(errors, r"resumed at frame [1-9]")
        whole = sorted((bench / "whole").iterdir())
        self.assertEqual(len(whole), bench.frames)
        for picture in whole:
            self.assertEqual(frame_hashes(picture), frame_hashes(bench / "frames" / picture.name))
        self.assertEqual(bench.leftovers(), [])

    def test_opacity_and_excerpts_go_on_too(self):
        bench = self.bench(frames=SHOTS)
        options = ("--set", "dream.opacity=0.6", "--set", "colour.match=first", "--frames", "30..117")
        code, _, errors = bench.render("-o", bench / "unbroken.mkv", *options)
        self.assertEqual(code, 0, errors)
        expected = md5s(part_of(bench / "unbroken.mkv", 30, 117))
        bench.kill_at("frames/000052.png", *options)
        code, _, errors = bench.render(*options)
        self.assertEqual(code, 0, errors)
        self.assertIn("resumed at frame", errors)
        self.assertEqual(md5s(part_of(bench.output, 30, 117)), expected)

    def test_lesions_go_on_too(self):
        bench = self.bench(frames=SHOTS)
        whole = self.unbroken(bench)
        expected = self.unbroken(bench, *LESIONS)
        self.assertNotEqual(expected, whole)
        bench.kill_at("frames/000090.png", *LESIONS)
        bench.kill_at("frames/000050.png")  # without lesions it is another job, for which nothing is kept
        code, _, errors = bench.render(*LESIONS)
        self.assertIn("ablate", errors)
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(bench.output), expected)
        bench.output.unlink()
        bench.kill_at("frames/000090.png", *LESIONS)
        code, _, errors = bench.render(*LESIONS)
        self.assertEqual(code, 0, errors)
        self.assertIn("resumed at frame", errors)
        self.assertEqual(md5s(bench.output), expected)


class Damaged(WithBench):
    def interrupted(self, bench, frame):
        """A render that was stopped once `frame` was stored."""
        bench.kill_at(f"frames/{frame:06}.png")
        return bench / "out.mkv.work"

    def flip(self, path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x10
        path.write_bytes(content)

    def test_frames_and_parts_are_rendered_again(self):
        bench = self.bench(frames=SHOTS)
        expected = self.unbroken(bench)
        work = self.interrupted(bench, 160)
        self.flip(work / "frames/000157.png")
        self.flip(work / "parts/000126.seg")
        (work / "parts/.000120.elsewhere-1.part.seg").write_bytes(b"half")
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertIn("000126.seg", errors)
        self.assertEqual(md5s(bench.output), expected)
        self.assertEqual(bench.leftovers(), [])

    def test_a_torn_frame_is_no_frame(self):
        bench = self.bench()
        expected = self.unbroken(bench)
        work = self.interrupted(bench, 6)
        os.truncate(work / "frames/000006.png", 3000)
        self.assertEqual(bench.render()[0], 0)
        self.assertEqual(md5s(bench.output), expected)

    def test_a_damaged_plan_is_made_anew(self):
        bench = self.bench()
        expected = self.unbroken(bench)
        work = self.interrupted(bench, 6)
        plan = (work / "plan.json").read_bytes()
        (work / "plan.json").write_bytes(plan.replace(b'"format"', b'"fermat"'))
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertIn("plan.json is damaged", errors)
        self.assertIn("resumed at frame", errors)
        self.assertEqual(md5s(bench.output), expected)


class Changed(WithBench):
    def test_what_changed_is_named_and_rendered(self):
        bench = self.bench()
        changes = {
            "dream.step changes from frame 0 on": lambda: ["--set", "dream.step=2"],
            "source": lambda: (bench / "clip.mkv").write_bytes((bench / "clip.mkv").read_bytes() + b"x") and [],
            "network": lambda: tiny_network(bench / "tiny.onnx", seed=8) or [],
        }
        for what, change in changes.items():
            bench.kill_at("frames/000003.png")
            arguments = change()
            code, _, errors = bench.render(*arguments)
            self.assertEqual(code, 0, errors)
            self.assertIn(what, errors)
            self.assertIn("frames 0 to 21 are rendered", errors)
            self.assertEqual(md5s(bench.output), self.unbroken(bench, *arguments), what)
            bench.output.unlink()

    def test_an_excerpt_goes_beside_what_is_unfinished(self):
        bench = self.bench()
        bench.kill_at("frames/000003.png")
        code, _, errors = bench.render("--frames", "2..9")
        self.assertEqual(code, 0, errors)
        self.assertTrue(part_of(bench.output, 2, 9).exists())
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertIn("resumed at frame", errors)

    def test_a_plan_of_an_older_version_is_made_anew(self):
        bench = self.bench()
        expected = self.unbroken(bench)
        bench.kill_at("frames/000003.png")
        plan = bench / "out.mkv.work/plan.json"
        plan.write_text(plan.read_text().replace("dreamreel plan 3", "dreamreel plan 2"))
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertIn("an older dreamreel", errors)
        self.assertEqual(md5s(bench.output), expected)

    def test_check_foretells_it_and_clean_frees_it(self):
        bench = self.bench()
        self.render(bench, "--keep-work")
        edit = ("--set", "dream.step={0f: {value: 1.5, ease: hold}, 15f: 2}")
        code, out, errors = bench.run("check", bench.job, *edit)
        self.assertEqual(code, 0, errors)
        self.assertIn("# dream.step changes from frame 15 on", out)
        self.assertIn("# frames 13 to 21 are rendered, 0 to 12 kept", out)
        (bench / "out.mkv.work/notes.txt").write_text("a person's")
        code, out, errors = bench.run("clean", bench.output)
        self.assertEqual(code, 0, errors)
        self.assertRegex(out, r"out\.mkv\.work: \d+\.\d MB are free again")
        self.assertEqual([path.name for path in (bench / "out.mkv.work").iterdir()], ["notes.txt"])
        (bench / "out.mkv.work/notes.txt").unlink()
        (bench / "out.mkv.work").rmdir()
        self.assertIn("nothing is kept", bench.run("clean", bench.output)[1])
        self.assertTrue(bench.output.exists())
        self.render(bench, "--keep-work")
        code, out, errors = bench.run("clean", bench.job)
        self.assertEqual(code, 0, errors)
        self.assertRegex(out, r"out\.mkv\.work: \d+\.\d MB are free again")

    def test_another_first_output_is_told_and_any_output_names_what_is_kept(self):
        bench = self.bench()
        text = bench.job.read_text()
        one, = re.findall(r"output: .*\n", text)
        first = "{path: a.mkv, video: {codec: ffv1}}"
        bench.job.write_text(text.replace(one, f"outputs: [{first}, {{path: b.gif}}]\n"))
        code, _, errors = bench.render("--keep-work")
        self.assertEqual(code, 0, errors)
        bench.job.write_text(text.replace(one, f"outputs: [{{path: c.mp4}}, {first}]\n"))
        code, out, errors = bench.run("check", bench.job)
        self.assertEqual(code, 0, errors)
        self.assertIn("a.mkv.work keeps frames of an earlier render, which this job does not use", errors)
        self.assertRegex(out, r"c\.mp4 about .* encoded at the end in about \d+\.\d minutes")
        self.assertIn("a.mkv.work keeps frames", bench.render("-o", bench / "b.gif")[2])
        code, out, errors = bench.run("clean", bench / "b.gif")
        self.assertEqual(code, 0, errors)
        self.assertIn("a.mkv.work: ", out)
        self.assertNotIn("keeps frames", bench.run("check", bench.job)[2])

    def test_keep_work_leaves_it(self):
        bench = self.bench()
        self.assertEqual(bench.render("--keep-work")[0], 0)
        self.assertTrue((bench / "out.mkv.work/plan.json").exists())
        first = md5s(bench.output)
        code, _, errors = bench.render()  # nothing to dream: the parts are joined again
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(bench.output), first)
        self.assertEqual(bench.leftovers(), [])


class FullDisk(WithBench):
    def test_exit_74_then_it_goes_on(self):
        bench = self.bench(frames=SHOTS)
        expected = self.unbroken(bench)
        disk = bench / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk], check=False,
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skip_disk(bench)
            return
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        code, _, errors = bench.render("-o", disk / "out.mkv")
        self.assertEqual(code, 74, errors)
        self.assertIn("No space left", errors)
        self.assertFalse((disk / "out.mkv").exists())
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        code, _, errors = bench.render("-o", disk / "out.mkv")
        self.assertEqual(code, 0, errors)
        self.assertEqual(md5s(disk / "out.mkv"), expected)
        self.assertEqual([path.name for path in disk.iterdir()], ["out.mkv"])

    def skip_disk(self, bench):
        """Without the right to mount, a limit on the size of files makes writes fail in the same places."""
        expected = self.unbroken(bench)
        command = ["prlimit", "--fsize=15000", "--", *bench.command("render", bench.job, "--threads", "1")]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertFalse(bench.output.exists())
        self.assertEqual(bench.render()[0], 0)
        self.assertEqual(md5s(bench.output), expected)


class TwoAtOnce(WithBench):
    def test_the_second_is_refused_and_a_stale_lock_is_taken_over(self):
        bench = self.bench()
        process = bench.rest_at("frames/000001.png", "render", bench.job, "--threads", "1")
        code, _, errors = bench.render()
        self.assertEqual(code, 75)
        self.assertIn(f"process {process.pid}", errors)
        process.kill()
        process.wait()
        code, _, errors = bench.render()
        self.assertEqual(code, 0, errors)
        self.assertIn("taken over", errors)
        self.assertEqual(bench.leftovers(), [])


class Surroundings(WithBench):
    def test_bare_environment_other_folder_spaces_and_utf8_and_a_read_only_source(self):
        bench = self.bench(folder_name="träume & wälder 夢")
        source = bench / "read only"
        source.mkdir()
        (bench / "clip.mkv").rename(source / "clip.mkv")
        source.chmod(0o555)
        output = bench / "aus gabe" / "夢 1.mkv"
        arguments = ["render", bench.job, "--threads", "1", "--set", f'input.path="{source}/clip.mkv"', "-o", output]
        done = subprocess.run(["env", "-i", *bench.command(*arguments)], cwd="/", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(frame_hashes(output)), bench.frames)
        self.assertEqual([path.name for path in output.parent.iterdir()], [output.name])
        self.assertEqual([path.name for path in source.iterdir()], ["clip.mkv"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
