"""What the tests of the studio's page need beside Python, as scripts/check_skips.py wants to read it."""

import shutil
from pathlib import Path

SKIPPED = 77


def skip_without(programs, page, package, untested):
    """SKIPPED, with the reason printed, where a program or a package of the build folder PAGE is missing; else 0."""
    for name in programs:
        if not shutil.which(name):
            print(f"needs {name}: {untested}; run scripts/install_deps.sh --test and build again")
            return SKIPPED
    if not (Path(page) / "node_modules" / package).is_dir():
        print(f"needs {package.replace('-', '_')}: {untested}; npm has not fetched the packages of share/studio into {page}")
        return SKIPPED
    return 0
