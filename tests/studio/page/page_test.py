"""Runs a script that opens the studio's page in a browser, with a network that takes no time.

usage: page_test.py DREAMREEL PAGE SCRIPT

SCRIPT is page_test.mjs or one of its neighbours. PAGE is the folder of the build that npm has filled. Exits with 77, which counts as skipped, where node, Chromium or
the packages are missing; scripts/install_deps.sh --test installs them.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from page_network import write_network  # noqa: E402

from needs import skip_without


def main(dreamreel, page, script):
    untested = "the studio's page is not opened in a browser"
    if skipped := skip_without(["node", "chromium"], page, "playwright-core", untested):
        return skipped
    with tempfile.TemporaryDirectory(prefix="dreamreel-page-") as scratch:
        network = Path(scratch) / "tiny.onnx"
        write_network(network, (8, 16))
        variables = {"DREAMREEL": dreamreel, "PAGE": page, "NETWORK": str(network), "XDG_CACHE_HOME": scratch,
                     "DREAMREEL_LOOKS": str(Path(scratch) / "looks")}
        return subprocess.run(["node", "--test", script], env=os.environ | variables).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
