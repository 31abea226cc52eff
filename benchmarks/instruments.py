"""How long reading an instrument file takes, beside the bare decoding of the same bytes.

Bare decoding of a text: decode, split into lines and fields, make a float of each field that is
one. Of a workbook: list every cell of every sheet with python-calamine. Medians of the same run.

    python -m benchmarks.instruments [--runs N] [--out docs/benchmarks-instruments.md]

With ALLOTROPY_PYTHON set to a Python that has allotropy, the files it can read are timed in that
process too; it is never installed beside the product.
"""

import argparse
import gc
import io
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import python_calamine

import instruments
from instruments import catalogue, workbooks
from instruments.decoding import decode
from instruments.errors import InstrumentFileError

ROOT = Path(__file__).parents[1]

SHARED = ROOT.parent / "shared" / "instrument-files"
SMALL_BYTES = 5 * 1024
SMALL_S = 0.003
FACTOR = 4.0
MEMORY_MB = 64
IMPORT_S = 0.15


def bare(content):
    """The least that any reader has to do with these bytes."""
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    text = decode(content).text
    lines = text.split("\n")
    delimiter = max("\t;,", key=text[:65536].count)
    numbers = []
    for line in lines:
        for field in line.split(delimiter):
            try:
                numbers.append(float(field))
            except ValueError:
                continue
    return np.array(numbers)


def clock():
    """Processor seconds of this process and of the one that opens workbooks.

    Not the wall: other work on the machine does not count, and waiting for its turn neither.
    """
    child = workbooks._child.process  # noqa: SLF001 - its processor time is part of ours
    if child is None:
        return time.process_time()
    nanoseconds = Path(f"/proc/{child.pid}/schedstat").read_text("ascii").split()[0]
    return time.process_time() + int(nanoseconds) / 1e9


def medians(calls, runs):
    """Seconds of each call; the calls take turns, so that all meet the same machine."""
    times = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(runs):
        for call, taken in zip(calls, times, strict=True):
            start = clock()
            call()
            taken.append(clock() - start)
    return [statistics.median(taken) for taken in times]


def files():
    ignored = {".json", ".md"}
    return sorted(p for p in SHARED.glob("**/*") if p.is_file() and p.suffix not in ignored)


def measure(path, runs):
    content = path.read_bytes()
    try:
        reading = instruments.read(content, path.name)
    except InstrumentFileError:
        return None
    calls = (lambda: instruments.read(content, path.name), lambda: bare(content))
    ours, least = medians(calls, runs)
    values = sum(read.values.size for plate in reading.plates for read in plate.reads)
    kinds = sorted({read.kind.value for plate in reading.plates for read in plate.reads})
    return {
        "file": f"{path.parent.name}/{path.name}",
        "path": str(path),
        "bytes": len(content),
        "reader": reading.reader,
        "values": values,
        "kind": ", ".join(kinds) or "records",
        "ours_s": ours,
        "bare_s": least,
    }


def import_time(runs=7):
    code = "import time; t=time.perf_counter(); import instruments; print(time.perf_counter()-t)"
    full = code.replace("import instruments;", "import instruments.catalogue as c; c.readers();")
    return tuple(
        statistics.median(
            float(subprocess.run([sys.executable, "-c", c], capture_output=True, check=True).stdout)
            for _ in range(runs)
        )
        for c in (code, full)
    )


MEMORY = """
import sys
from instruments import catalogue
from instruments.errors import InstrumentFileError

def status(key):
    return int(open("/proc/self/status").read().split(key)[1].split()[0]) / 1024

catalogue.readers()
with open(sys.argv[1], "rb") as stream:
    data = stream.read()
base = status("VmRSS:")
try:
    catalogue.read(data, sys.argv[1])
except InstrumentFileError:
    pass
print(status("VmHWM:") - base)
"""


def memory():
    """The most that reading one of the five largest files takes over the base, in MB."""
    largest = sorted(files(), key=lambda path: path.stat().st_size)[-5:]
    command = [sys.executable, "-c", MEMORY]
    return max(
        float(subprocess.run([*command, str(p)], capture_output=True, check=True, cwd=ROOT).stdout)
        for p in largest
    )


ALLOTROPY = """
import statistics, sys, time, warnings
warnings.simplefilter("ignore")
from allotropy.parser_factory import Vendor
from allotropy.to_allotrope import allotrope_from_file
name, vendor = sys.argv[1], Vendor[sys.argv[2]]
allotrope_from_file(name, vendor)
times = []
for _ in range(3):
    start = time.perf_counter()
    allotrope_from_file(name, vendor)
    times.append(time.perf_counter() - start)
print(statistics.median(times))
"""
VENDORS = {
    "gen5-txt": "AGILENT_GEN5",
    "gen5-csv": "AGILENT_GEN5",
    "gen5-xlsx": "AGILENT_GEN5",
    "mars-csv": "BMG_MARS",
    "mars-xlsx": "BMG_MARS",
    "smart-control-xlsx": "BMG_LABTECH_SMART_CONTROL",
    "magellan-xlsx": "TECAN_MAGELLAN",
    "softmax-txt": "MOLDEV_SOFTMAX_PRO",
    "envision-csv": "PERKIN_ELMER_ENVISION",
    "kaleido-csv": "REVVITY_KALEIDO",
    "skanit-xlsx": "THERMO_SKANIT",
    "dpcr-absoluteq-csv": "APPBIO_ABSOLUTE_Q",
    "cell-counter-vicell-blu-csv": "BECKMAN_VI_CELL_BLU",
    "cell-counter-vicell-xr-txt": "BECKMAN_VI_CELL_XR",
    "cell-counter-nucleoview-csv": "CHEMOMETEC_NUCLEOVIEW",
    "fluorometer-qubit4-csv": "THERMO_FISHER_QUBIT4",
    "qpcr-cfx-maestro-csv": "CFXMAESTRO",
    "spot-counter-immunospot-txt": "CTL_IMMUNOSPOT",
}


def allotropy_times(paths):
    """Seconds by path, or the name of the error with which it ended: a process for each file."""
    python = os.environ.get("ALLOTROPY_PYTHON")
    if not python:
        return {}
    return {str(p): _allotropy(python, p) for p in paths if p.parent.name in VENDORS}


def _allotropy(python, path):
    command = [python, "-c", ALLOTROPY, str(path), VENDORS[path.parent.name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        return last.split(":", 1)[0].rsplit(".", 1)[-1]
    return float(done.stdout)


def verdict(row):
    if row["bytes"] <= SMALL_BYTES:
        return row["ours_s"] <= SMALL_S
    return row["ours_s"] <= FACTOR * row["bare_s"]


def table(rows, theirs, imports, used):
    lines = [
        "# Speed of the instrument readers",
        "",
        (
            f"Python {platform.python_version()}, {os.cpu_count()} processors; medians of one run "
            "of `python -m benchmarks.instruments`, in ms. *Bare* is decoding, splitting and "
            "making numbers (workbooks: listing every cell with python-calamine). Files up to 5 kB "
            "may take 3 ms, larger ones 4 times the bare decoding. All by processor time, that of "
            "the warm process that opens workbooks included; allotropy by the wall."
        ),
        "",
        (
            f"`import instruments`: {imports[0] * 1e3:.1f} ms (limit {IMPORT_S * 1e3:.0f}); with "
            f"numpy and all readers: {imports[1] * 1e3:.0f} ms. "
            f"Memory over the base for the largest files: {used:.0f} MB (limit {MEMORY_MB})."
        ),
        "",
        "| file | kB | kind | values | ours | bare | factor | within | allotropy | times faster |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        other = theirs.get(row["path"])
        timed = isinstance(other, float)
        faster = f"{other / row['ours_s']:.0f}" if timed else ""
        lines.append(
            f"| {row['file']} | {row['bytes'] / 1024:.1f} | {row['kind']} | {row['values']} "
            f"| {row['ours_s'] * 1e3:.2f} | {row['bare_s'] * 1e3:.2f} "
            f"| {row['ours_s'] / row['bare_s']:.1f} | {'yes' if verdict(row) else '**no**'} "
            f"| {f'{other * 1e3:.0f}' if timed else other or ''} "
            f"| {faster} |"
        )
    late = [row["file"] for row in rows if not verdict(row)]
    lines += ["", f"{len(rows)} files; outside the limit: {', '.join(late) or 'none'}."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    catalogue.readers()
    gc.disable()
    paths = [path for path in files() if options.only in str(path)]
    rows = [row for path in paths if (row := measure(path, options.runs)) is not None]
    gc.enable()
    text = table(rows, allotropy_times(paths), import_time(), memory())
    print(text)
    if options.out:
        options.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
