"""Checks the #include lines of src/ and include/ against the module graph of docs/architecture.md.

usage: check_includes.py [ROOT]

Prints every line that breaks a rule, and every arrow of the graph that no line uses. Exits 1 if it finds one.
"""

import re
import sys
from pathlib import Path

# An arrow means "includes". A module may always include itself; no arrow may stand here that nothing uses.
MODULES = {
    "core": set(),
    "curve": {"core"},
    "image": {"core"},
    "media": {"image", "core"},
    "flow": {"image", "core"},
    "network": {"core"},
    "dream": {"network", "image", "core"},
    "settings": {"curve", "core"},
    "cards": {"settings", "curve", "core"},
    "job": {"cards", "settings", "curve", "core"},
    "schedule": {"job", "cards", "settings", "curve", "core"},
    "work": {"schedule", "job", "cards", "media", "image", "core"},
    "report": {"settings", "core"},
    "footage": {"report", "schedule", "job", "settings", "dream", "flow", "media", "image", "curve", "core"},
    "model": {"footage", "report", "job", "cards", "dream", "network", "media", "image", "curve", "core"},
    "masking": {"model", "footage", "schedule", "job", "cards", "network", "flow", "media", "image", "curve", "core"},
    "carry": {"footage", "schedule", "job", "dream", "flow", "media", "image", "curve", "core"},
    "prepare": {"carry", "masking", "model", "footage", "report", "work", "schedule", "job", "settings",
                "dream", "media", "image", "core"},
    "render": {"prepare", "carry", "masking", "model", "footage", "report", "work", "schedule", "job",
               "dream", "network", "media", "image", "curve", "core"},
    "study": {"render", "prepare", "carry", "masking", "model", "footage", "report", "schedule", "job", "cards",
              "settings", "dream", "network", "flow", "media", "image", "core"},
    "farm": {"render", "prepare", "report", "work", "schedule", "job", "cards", "settings", "core"},
    "studio": {"farm", "study", "prepare", "footage", "report", "work", "schedule", "job", "cards", "settings",
               "media", "core"},
    "app": {"studio", "farm", "study", "render", "prepare", "masking", "footage", "report", "work", "schedule",
            "job", "cards", "settings", "image", "core"},
}

# The modules that may include each third party, by the first folder of the header's path. Frames are tensors,
# so Torch is allowed wherever image is, and in network and the studio.
TORCH = {"image", "network", "studio"} | {module for module, targets in MODULES.items() if "image" in targets}
LIBAV = {"libavformat", "libavcodec", "libavfilter", "libavutil", "libswscale", "libswresample"}
THIRD_PARTIES = {
    "ATen": TORCH,
    "c10": TORCH,
    "torch": TORCH,
    **{library: {"media"} for library in LIBAV},
    "opencv2": {"flow"},
    "onnx": {"network"},
    "google": {"network"},  # protobuf
    "oneapi": {"network"},  # oneDNN
    "hwy": {"network"},  # Highway
    "fmt": set(MODULES),
    "openssl": {"core"},
    "aubio": {"media"},
    "lcms2.h": {"media"},
    "yaml-cpp": {"settings"},
    "CLI": {"app"},
    "httplib.h": {"studio"},
    "pages": {"app", "study"},  # made of share/pages
    "nlohmann": {"app", "curve", "farm", "schedule", "studio"},
}
THIRD_PARTIES["libavutil"] = {"media", "curve"}  # curve: its expressions
SYSTEM = {"sys", "linux", "netinet", "arpa"}
PUBLIC_THIRD_PARTIES = {"ATen", "c10"}
# Names that some versions of a library declare only in a header of their own: (name, header, who brings it along).
OWN_HEADERS = [(re.compile(r"\b(NoGradGuard|AutoGradMode)\b"), "<ATen/core/grad_mode.h>", "LibTorch 1.13")]
FORBIDDEN = {"torch/torch.h": "it draws in all of Torch; include what is used from ATen"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def problem_of(module, is_public, quote, header, folder):
    """The fault of one #include of `module`, or None. `folder` is the folder of the including file."""
    if header in FORBIDDEN:
        return FORBIDDEN[header]
    if header.startswith("dreamreel/"):
        target = header.split("/")[1]
        if target != module and target not in MODULES[module]:
            return f"{module} may include {', '.join(sorted(MODULES[module])) or 'no module'}, not {target}"
        return None
    if quote == '"':
        if ".." in header or not (folder / header).is_file():
            return "a quoted header is dreamreel/<module>/... or lies in the same folder"
        return None
    party = header.split("/")[0]
    if "/" not in header and party not in THIRD_PARTIES:
        return None  # the standard library or the system
    if party in SYSTEM:
        return None
    if party not in THIRD_PARTIES:
        return f"{party} is no known third party: give it to one module in this script and in docs/architecture.md"
    if module not in THIRD_PARTIES[party]:
        return f"{party} belongs to {', '.join(sorted(THIRD_PARTIES[party]))}, not to {module}"
    if is_public and party not in PUBLIC_THIRD_PARTIES:
        return f"{party} may not show in a public header"
    return None


def sources_of(root):
    """Lists (path, module, is_public) for every C++ file of a module."""
    for base, is_public in ((root / "include" / "dreamreel", True), (root / "src", False)):
        for path in sorted(base.rglob("*")):
            if path.suffix in {".h", ".cpp"}:
                yield path, path.relative_to(base).parts[0], is_public


def missing_headers(text):
    """What is wrong with names of OWN_HEADERS in a file."""
    return [f"{name.pattern}: its header is {header}; only {who} brings it along" for name, header, who in OWN_HEADERS
            if name.search(text) and header not in text]


def violations(root):
    found = []
    for path, module, is_public in sources_of(root):
        where = path.relative_to(root)
        if module not in MODULES:
            found.append(f"{where}: unknown module {module}")
            continue
        text = path.read_text()
        found += [f"{where}: {problem}" for problem in missing_headers(text)]
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and problem_of(module, is_public, *match.groups(), path.parent)
            if problem:
                found.append(f"{where}:{number}: {match[2]}: {problem}")
    return found


def unused_arrows(root):
    """The arrows of MODULES that no #include uses: they would let a layer wear away unseen."""
    used = {module: set() for module in MODULES}
    for path, module, _ in sources_of(root):
        for line in path.read_text().splitlines():
            match = INCLUDE.match(line)
            if match and match[2].startswith("dreamreel/"):
                used.setdefault(module, set()).add(match[2].split("/")[1])
    return [f"{module} no longer includes {target}: take the arrow out of MODULES and docs/architecture.md"
            for module, targets in MODULES.items() for target in sorted(targets - used[module])]


def main(argv):
    root = Path(argv[1]) if len(argv) > 1 else Path(__file__).resolve().parents[2]
    count = sum(1 for _ in sources_of(root))
    if count == 0:
        print(f"no sources under {root}", file=sys.stderr)
        return 1
    found = violations(root) + unused_arrows(root)
    print("\n".join(found) if found else f"{count} files keep the module graph")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
