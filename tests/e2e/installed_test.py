"""Tests the installed program: its files, its descriptions of itself, the outputs of its jobs, fetching networks."""

import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import jsonschema
import yaml

SOURCE = Path(__file__).resolve().parents[2]
BUILD, CMAKE = Path(sys.argv[1]), sys.argv[2]
EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 64, 69, 78


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="dreamreel-installed-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.prefix = cls.scratch / "usr"
        command = [CMAKE, "--install", BUILD, "--component", "program", "--prefix", cls.prefix]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        cls.data = cls.prefix / "share" / "dreamreel"
        cls.schema = json.loads((cls.data / "job.schema.json").read_text())

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.scratch))

    def dreamreel(self, *arguments, **environment):
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | environment
        return subprocess.run([self.prefix / "bin" / "dreamreel", *map(str, arguments)], cwd=self.folder, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)

    def problems(self, text):
        return [error.message for error in jsonschema.Draft7Validator(self.schema).iter_errors(yaml.safe_load(text))]

    # --- files -----------------------------------------------------------------------------------------------------

    def test_program_comes_without_headers_and_static_libraries(self):
        files = [path.relative_to(self.prefix) for path in self.prefix.rglob("*") if path.is_file()]
        self.assertEqual([str(path) for path in files if path.suffix in {".h", ".a", ".cmake"}], [])
        self.assertEqual({path.name for path in files if path.parts[0] == "bin"}, {"dreamreel", "dreamreel-engine"})

    # --- the schema ------------------------------------------------------------------------------------------------

    def test_schema_accepts_every_shipped_job(self):
        jsonschema.Draft7Validator.check_schema(self.schema)
        jobs = [path for path in (SOURCE / "configs").rglob("*.yaml") if path.parent.name != "networks"]
        self.assertGreater(len(jobs), 25)
        for path in jobs:
            self.assertEqual(self.problems(path.read_text()), [], path.name)

    def test_schema_accepts_the_examples_of_the_documentation(self):
        # Pages show parts of jobs. Every map with a key of jobs at its top counts as such a part.
        keys = set(self.schema["properties"])
        seen = 0
        for page in ("job", "looks", "sound", "objectives"):
            for block in re.findall(r"^```yaml\n(.*?)^```", (SOURCE / "docs" / f"{page}.md").read_text(), re.M | re.S):
                try:
                    part = yaml.safe_load(block)
                except yaml.YAMLError:  # some examples show two ways to write a key
                    continue
                if not isinstance(part, dict) or not set(part) <= keys:
                    continue
                seen += 1
                self.assertEqual(self.problems(block), [], block)
        self.assertGreater(seen, 10)

    def test_schema_refuses_what_the_program_refuses(self):
        for wrong in ("dream: {stepp: 1}", "dream: {step: [1]}", "dream: {step: -1}", "dream: {octaves: 2.5}",
                      "temporal: {flow: optical}", "temporal: {occlusion: 1}", "dream: {objectives: {layer: a}}",
                      "dream: {objectives: [{layr: a}]}", "camera: 3", "seed: -1", "output: {video: {options: 5}}"):
            self.assertNotEqual(self.problems(wrong), [], wrong)
        for right in ("dream: {step: ~}", 'dream: {step: "1+bass"}', "dream: {step: {0s: 1, 4s: 2}}", "network: {}",
                      "output: {loop: true}", "output: {loop: {crossfade: 1s}}", "network: oid",
                      "dream: {regularise: {beta: 2}}"):
            self.assertEqual(self.problems(right), [], right)

    # --- the shells, the manual ------------------------------------------------------------------------------------

    def complete(self, *words):
        script = self.prefix / "share/bash-completion/completions/dreamreel"
        line = " ".join(f"'{word}'" for word in words)
        ask = (f"source {script}; compopt() {{ :; }}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
               f"_dreamreel dreamreel '{words[-1]}' '{words[-2]}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        result = subprocess.run(["bash", "-euc", ask], capture_output=True, text=True, timeout=300)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.split()

    def test_bash_completes_commands_options_words_keys_and_networks(self):
        self.assertEqual(self.complete("dreamreel", "ren"), ["render"])
        self.assertEqual(set(self.complete("dreamreel", "farm", "")) & {"plan", "chunk", "join", "render"},
                         {"plan", "chunk", "join"})
        self.assertIn("--draft", self.complete("dreamreel", "-q", "render", "job.yaml", "--dr"))
        self.assertEqual(self.complete("dreamreel", "render", "job.yaml", "--progress", "pl"), ["plain"])
        self.assertEqual(self.complete("dreamreel", "render", "--set", "dream.objectives.0.lay"),
                         ["dream.objectives.0.layer="])
        self.assertEqual(self.complete("dreamreel", "fetch", "facer"), ["faceres"])
        self.assertEqual(self.complete("dreamreel", "render", "job.yaml", "-o", "x"), [], "left to bash: a file")

    def test_zsh_has_every_command(self):
        text = (self.prefix / "share/zsh/vendor-completions/_dreamreel").read_text()
        self.assertTrue(text.startswith("#compdef dreamreel\n"))
        for word in ("'render:", "'farm plan')", "--set[", "(bash zsh)", "dream.step="):
            self.assertIn(word, text)

    def test_manual_has_every_command_and_only_known_macros(self):
        page = subprocess.run(["zcat", self.prefix / "share/man/man1/dreamreel.1.gz"], check=True, capture_output=True,
                              text=True).stdout
        for command in ("render", "farm plan", "fetch", "schema"):
            self.assertIn(f"\n.SS {command}\n", page)
        requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
        self.assertLessEqual(requests, {".TH", ".SH", ".SS", ".TP", ".B", ".br"})
        self.assertIn("\\fB\\-\\-draft\\fR", page)
        self.assertIn("\\fB\\-\\-threads\\fR \\fIN\\fR\n", page)

    # --- jobs ------------------------------------------------------------------------------------------------------

    def test_shipped_job_writes_below_the_current_folder(self):
        photo = SOURCE / "samples/media/fruits.jpg"
        look = self.data / "configs/looks/agate.yaml"
        result = self.dreamreel("check", look, "--set", f"input.path={photo}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(yaml.safe_load(result.stdout)["output"]["path"], str(self.folder / "out/agate.png"))

    def test_missing_sample_is_told(self):
        result = self.dreamreel("check", self.data / "configs/photo.yaml")
        self.assertEqual(result.returncode, EX_CONFIG, result.stderr)
        self.assertIn("--set input.path=FILE", result.stderr)

    # --- networks --------------------------------------------------------------------------------------------------

    def write_card(self, content):
        (self.folder / "cards").mkdir()
        (self.folder / "cards/tiny.yaml").write_text(
            f"name: tiny\nfile: tiny.onnx\nsha256: {hashlib.sha256(content).hexdigest()}\nbytes: {len(content)}\n"
            "url: http://zoo.invalid/tiny.onnx\n")
        return {"DREAMREEL_CARDS": str(self.folder / "cards"), "DREAMREEL_NETWORKS": str(self.folder / "networks")}

    def test_fetches_into_the_users_folder(self):
        content = bytes(range(256)) * 40

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        self.addCleanup(server.shutdown)
        environment = self.write_card(content)
        missing = self.dreamreel("layers", "tiny", **environment)
        self.assertEqual(missing.returncode, EX_UNAVAILABLE)
        self.assertIn("fetch it with dreamreel fetch tiny", missing.stderr)
        fetched = self.dreamreel("fetch", "tiny", **environment,
                                 DREAMREEL_NETWORK_BASE_URL=f"http://127.0.0.1:{server.server_address[1]}")
        self.assertEqual(fetched.returncode, 0, fetched.stderr)
        self.assertEqual((self.folder / "networks/tiny.onnx").read_bytes(), content)

    def test_network_beside_its_card_is_not_fetched(self):
        content = b"a network"
        environment = self.write_card(content)
        (self.folder / "cards/tiny.onnx").write_bytes(content)
        result = self.dreamreel("fetch", "tiny", **environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("cards/tiny.onnx is there", result.stderr)
        self.assertFalse((self.folder / "networks").exists())

    def test_unknown_network_is_told_with_the_known_ones(self):
        result = self.dreamreel("fetch", "incepton", XDG_CACHE_HOME=str(self.folder))
        self.assertEqual(result.returncode, EX_USAGE, result.stderr)
        self.assertIn("inception_v3", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
