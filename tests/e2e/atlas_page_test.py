"""Opens the pages that `dreamreel atlas` and `dreamreel check --curves` write, and clicks them, in headless Chromium
over the DevTools protocol.

usage: atlas_page_test.py DREAMREEL
"""

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from page_network import write_network  # noqa: E402

DREAMREEL = sys.argv.pop() if len(sys.argv) > 1 else None
WAIT_SECONDS = 250  # the machine may be busy


class WebSocket:
    """The part of RFC 6455 that the DevTools need: text messages, one at a time."""

    def __init__(self, url):
        host, path = url.removeprefix("ws://").split("/", 1)
        name, port = host.split(":")
        self.socket = socket.create_connection((name, int(port)), timeout=WAIT_SECONDS)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline()
        if b"101" not in status:
            raise ConnectionError(status)
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def send(self, text):
        data = text.encode()
        size = len(data)
        head = bytes([0x81]) + (bytes([0x80 | size]) if size < 126 else
                                bytes([0x80 | 126]) + struct.pack(">H", size) if size < 65536 else
                                bytes([0x80 | 127]) + struct.pack(">Q", size))
        mask = os.urandom(4)
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        message = b""
        while True:
            first, second = self.file.read(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self.file.read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.file.read(8))[0]
            data = self.file.read(size)
            if first & 0x0F == 8:
                raise ConnectionError("the browser closed the connection")
            if first & 0x0F in (0, 1):
                message += data
                if first & 0x80:
                    return message.decode()

    def close(self):
        self.file.close()
        self.socket.close()


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise AssertionError("chromium is not installed: run scripts/install_deps.sh --test")
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-port=0", f"--user-data-dir={folder}", "--window-size=1280,900", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = Path(folder) / "DevToolsActivePort"
        deadline = time.monotonic() + WAIT_SECONDS
        while not port_file.exists() or len(port_file.read_text().splitlines()) < 2:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError("chromium did not start")
            time.sleep(0.1)
        port = port_file.read_text().splitlines()[0]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        targets = json.load(opener.open(f"http://127.0.0.1:{port}/json/list", timeout=WAIT_SECONDS))
        page = next(target for target in targets if target["type"] == "page")
        self.socket = WebSocket(page["webSocketDebuggerUrl"])
        self.number = 0
        self.requests = []  # every address that the page asked for

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.receive())
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]

    def evaluate(self, script):
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, script):
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.evaluate(script):
            if time.monotonic() > deadline:
                raise AssertionError(f"never came true: {script}")
            time.sleep(0.05)

    def click(self, selector):
        box = self.evaluate(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
                            "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); "
                            "return [r.left + r.width / 2, r.top + r.height / 2]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def key(self, key, text=""):
        codes = {"Enter": 13, "Escape": 27, "ArrowRight": 39, "ArrowDown": 40, "ArrowUp": 38}
        parameters = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        if text:
            parameters["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def close(self):
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class PageTest(unittest.TestCase):
    """A page that the program makes, opened anew for each test."""

    page_name = ""
    is_ready = ""  # a condition in JavaScript

    @classmethod
    def make_page(cls):
        """Returns the arguments of the command that makes the page `cls.scratch / cls.page_name`."""
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="dreamreel-page-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        write_network(cls.scratch / "tiny.onnx", (6, 12), "block/")
        made = subprocess.run([DREAMREEL, *cls.make_page()], capture_output=True, text=True)
        if made.returncode:
            raise AssertionError(made.stderr)
        cls.browser = Browser(cls.scratch / "profile")
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.call("Page.enable")
        self.browser.call("Page.bringToFront")
        self.browser.call("Page.navigate", url=(self.scratch / self.page_name).as_uri())
        self.browser.wait_for(f"document.readyState === 'complete' && {self.is_ready}")

    def evaluate(self, script):
        return self.browser.evaluate(script)


class AtlasPageTest(PageTest):
    page_name = "atlas.html"
    is_ready = "document.querySelectorAll('section').length > 0"

    @classmethod
    def make_page(cls):
        return ["atlas", str(cls.scratch / "tiny.onnx"), "--size", "48", "--iterations", "3",
                "-o", str(cls.scratch / cls.page_name)]

    def setUp(self):
        self.browser.requests.clear()
        self.browser.call("Network.enable")
        self.browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        super().setUp()

    def test_it_stands_alone_and_every_picture_is_there(self):
        self.assertEqual(self.evaluate("document.querySelectorAll('section').length"), 2)
        self.assertEqual(self.evaluate("document.querySelectorAll('.tiles button').length"), 6)
        self.assertTrue(self.evaluate("[...document.images].every(image => image.complete && image.naturalWidth === 48)"))
        self.assertEqual([url for url in self.browser.requests if not url.startswith(("file:", "data:"))], [])

    def test_a_click_copies_the_objective(self):
        self.browser.click("section:nth-of-type(2) button")
        self.browser.wait_for("document.body.dataset.copied")
        line = self.evaluate("document.body.dataset.copied")
        self.assertEqual(line, "- {layer: block/relu1}")
        self.assertEqual(self.evaluate("navigator.clipboard.readText()"), line)
        self.assertIn(line, self.evaluate("document.getElementById('said').textContent"))

        self.browser.click("section:nth-of-type(1) button:nth-of-type(2)")
        self.browser.wait_for("document.body.dataset.copied.includes('relu0')")
        line = self.evaluate("navigator.clipboard.readText()")
        self.assertRegex(line, r"^- \{layer: block/relu0, kind: channels, channels: \[[0-5]\]\}$")

    def test_it_copies_where_the_clipboard_is_forbidden(self):
        self.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'))")
        self.browser.click("section:nth-of-type(2) button")
        self.browser.wait_for("document.body.dataset.copied")
        self.assertEqual(self.evaluate("navigator.clipboard.readText()"), "- {layer: block/relu1}")

    def test_search_and_keys(self):
        self.browser.key("/", "/")
        self.assertEqual(self.evaluate("document.activeElement.id"), "search")
        self.browser.call("Input.insertText", text="relu1")
        self.browser.wait_for("document.querySelectorAll('section:not([hidden])').length === 1")
        self.assertEqual(self.evaluate("document.getElementById('count').textContent"), "1 of 2 layers")
        self.browser.key("ArrowDown")
        self.assertEqual(self.evaluate("document.activeElement.dataset.yaml"), "{layer: block/relu1}")
        self.browser.key("ArrowRight")
        self.assertIn("kind: channels", self.evaluate("document.activeElement.dataset.yaml"))
        self.browser.key("Enter", "\r")
        self.browser.wait_for("document.body.dataset.copied")
        self.assertEqual(self.evaluate("document.body.dataset.copied"),
                         "- " + self.evaluate("document.activeElement.dataset.yaml"))
        self.browser.key("Escape")
        self.assertEqual(self.evaluate("document.querySelectorAll('section:not([hidden])').length"), 2)
        self.browser.call("Input.insertText", text="nothing like it")
        self.browser.wait_for("!document.getElementById('none').hidden")

    def test_search_finds_channels_within_their_layer(self):
        channel = self.evaluate("document.querySelectorAll('section')[0].querySelectorAll('button')[1].dataset.find")
        self.evaluate(f"search.value = 'relu0 {channel}'; filter()")
        self.assertEqual(self.evaluate("document.querySelectorAll('section:not([hidden]) button:not([hidden])').length"), 1)


class CurvesPageTest(PageTest):
    page_name = "curves.html"
    is_ready = "document.querySelectorAll('canvas').length > 3"

    @classmethod
    def make_page(cls):
        clicks = "aevalsrc='0.8*lt(mod(t,0.5),0.02)*sin(2*PI*1000*t)':s=48000:d=90"
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", clicks, str(cls.scratch / "my song #1.wav")],
                       check=True)
        job = cls.scratch / "job.yaml"
        job.write_text("input:\n  noise: {size: 64x48, duration: 80s, fps: 10}\n  audio: 'my song #1.wav'\n"
                       "  audio_start: 0.5s\n"
                       "audio: {bpm: 120, first_beat: 0s}\ncamera: {zoom: '1+0.1*beat'}\noutput: {path: out.mp4}\n"
                       "network: tiny.onnx\ndream: {objectives: [{layer: block/relu1}]}\n")
        return ["check", str(job), "--curves", str(cls.scratch / cls.page_name)]

    def test_bars_have_numbers(self):
        self.assertEqual(self.evaluate("[sheet.first_bar, sheet.bars.length, sheet.bars[3]]"), [0, 40, 6])
        self.evaluate("setNeedle(3.9)")
        self.assertRegex(self.evaluate("document.querySelector('#at').textContent"), "^frame 39 .*bar 1$")

    def test_the_sound_plays_and_the_needle_runs_along(self):
        self.browser.click("#play")
        self.browser.wait_for("needleAt > 0.3")
        self.assertGreater(self.evaluate("song.currentTime"), 0.8, "the job begins half a second into the song")
        self.assertEqual(self.evaluate("document.querySelector('#play').textContent"), "Stop")
        self.assertRegex(self.evaluate("document.querySelector('#at').textContent"),
                         r"frame \d+ +0:0\d\.\d00 +bar \d")
        self.browser.click("#play")
        self.browser.wait_for("song.paused")
        self.assertFalse(self.evaluate("needle.hidden"))
        self.assertEqual(self.evaluate("document.querySelector('#play').textContent"), "Play")
        self.evaluate("setNeedle(79.99)")
        self.browser.click("#play")
        self.browser.wait_for("song.paused && needleAt === null")

    def test_a_song_that_is_not_there_is_said(self):
        self.evaluate("song.src = 'gone.wav'; song.load()")
        self.browser.click("#play")
        self.browser.wait_for("document.querySelector('#play').disabled")
        self.assertIn("cannot play my song #1.wav", self.evaluate("document.querySelector('#facts').textContent"))
        self.assertEqual(self.evaluate("[song.paused, document.querySelector('#play').textContent]"), [True, "Play"])


if __name__ == "__main__":
    unittest.main()
