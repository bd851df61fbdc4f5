"""Tests that scripts/render_looks.sh finds the picture of a still, and the last one of a film and of an excerpt."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Stands for the program: paints as many pictures as the job's name says, each one brighter than the one before. An
# excerpt goes into a folder of its own, as docs/job.md says.
PROGRAM = r"""#!/usr/bin/env bash
set -euo pipefail
job=$2 target=$4 range=${6:-}
case $job in *bubbles*) frames=1 ;; *film*) frames=3 ;; *) frames=1 ;; esac
[[ -n $range ]] && target=$(dirname "$target")_${range/../-}/$(basename "$target")
mkdir -p "$(dirname "$target")"
ffmpeg -nostdin -loglevel error -f lavfi -i "color=size=64x48:rate=1,format=gray,geq=lum=60*(N+1)" \
  -frames:v $frames -start_number 0 "$target"
"""


class RenderLooks(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        (self.root / "scripts").mkdir()
        for name in ("render_looks.sh", "executable.sh"):
            shutil.copy(ROOT / "scripts" / name, self.root / "scripts")
        (self.root / "configs/looks").mkdir(parents=True)
        for name, output in {"still": "still.png", "film": "film.mp4", "bubbles": "bubbles.mp4"}.items():
            (self.root / f"configs/looks/{name}.yaml").write_text(f"output:\n  path: ../../out/{output}\n")
        program = self.root / "program"
        program.write_text(PROGRAM)
        program.chmod(0o755)

    def brightness(self, look):
        picture = self.root / f"docs/looks/{look}.jpg"
        pixel = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", picture, "-vf", "scale=1:1,format=gray", "-f",
                                "rawvideo", "-"], check=True, capture_output=True).stdout
        return pixel[0]

    def test_each_look_gets_its_picture(self):
        subprocess.run([self.root / "scripts/render_looks.sh"], check=True, capture_output=True,
                       env=os.environ | {"DREAMREEL": str(self.root / "program")})
        for look, brightness in {"still": 60, "film": 180, "bubbles": 60}.items():
            self.assertAlmostEqual(self.brightness(look), brightness, delta=12, msg=look)


if __name__ == "__main__":
    unittest.main()
