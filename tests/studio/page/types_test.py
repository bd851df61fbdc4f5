"""Checks the types of the studio's page, as `npm run types` and `npm run check` do.

usage: types_test.py DREAMREEL PAGE

PAGE is the folder of the build that npm has filled. It gets a file src/schema.ts with the keys that the program
knows. Exits with 77, which counts as skipped, where node or the packages are missing.
"""

import subprocess
import sys
from pathlib import Path

from needs import skip_without


TYPES = Path(__file__).resolve().parents[3] / "share" / "studio" / "types.mjs"


def main(dreamreel, page):
    if skipped := skip_without(["node"], page, "typescript", "the types of the studio's page are not checked"):
        return skipped
    page = Path(page).resolve()
    schema = subprocess.run([dreamreel, "schema"], check=True, capture_output=True).stdout
    types = subprocess.run(["node", str(TYPES)], input=schema, check=True, capture_output=True).stdout
    (page / "src" / "schema.ts").write_bytes(types)
    compiler = page / "node_modules" / "typescript" / "bin" / "tsc"
    return subprocess.run(["node", str(compiler), "--noEmit"], cwd=page).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
