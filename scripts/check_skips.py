#!/usr/bin/env python3
"""Fails if a test was skipped that this machine could have run.

Usage: check_skips.py JUNIT.xml

JUNIT.xml is written by `ctest --output-junit`. A skipped test must print its reason as "needs WHAT: what is not tested" or
"needs WHAT, under ONEDNN_MAX_CPU_ISA=LIMIT: what is not tested". WHAT is a flag of the processor, as in /proc/cpuinfo. LIMIT
hides newer instructions from oneDNN and from dreamreel. A skip without such a reason is always a failure.
"""
import os
import pathlib
import re
import sys
import xml.etree.ElementTree

REASON = re.compile(r"needs (\w+)(?:, under ONEDNN_MAX_CPU_ISA=(\w+))?: ")

# Values of ONEDNN_MAX_CPU_ISA that hide a flag, for the flags that tests need.
BELOW_AVX2 = {"SSE41", "AVX"}
BELOW_AVX512 = BELOW_AVX2 | {"AVX2", "AVX2_VNNI", "AVX2_VNNI_2"}
BELOW_BF16 = BELOW_AVX512 | {"AVX512_CORE", "AVX512_CORE_VNNI"}
HIDDEN_BY = {"avx2": BELOW_AVX2, "avx512bw": BELOW_AVX512, "avx512_bf16": BELOW_BF16}


def processor_flags(cpuinfo="/proc/cpuinfo"):
    for line in pathlib.Path(cpuinfo).read_text(encoding="utf-8").splitlines():
        if line.startswith(("flags", "Features")):
            return set(line.split(":", 1)[1].split())
    return set()


def reasons_not_due(junit, flags):
    """One message for each skipped test that this machine could have run."""
    faults = []
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        if case.find("skipped") is None:
            continue
        needs = REASON.findall(case.findtext("system-out") or "")
        if not needs:
            faults.append(f"{case.get('name')}: skipped without a reason")
        elif all(flag in flags and limit not in HIDDEN_BY.get(flag, set()) for flag, limit in needs):
            names = ", ".join(sorted({flag for flag, _ in needs}))
            faults.append(f"{case.get('name')}: skipped for {names}, which this processor has")
    return faults


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # A person may hide parts of the processor on purpose, to see what other machines do.
    flags = set() if os.environ.get("ONEDNN_MAX_CPU_ISA") else processor_flags()
    faults = reasons_not_due(sys.argv[1], flags)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
