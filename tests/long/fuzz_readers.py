"""A coverage-guided fuzzer over every reader; needs atheris. `test_fuzz.py` starts it.

    python tests/long/fuzz_readers.py WORK [ONLY] -max_total_time=600

WORK is a folder: `corpus` in it is filled from the files of the tests when it is empty, and each
input that taught something new is kept in `findings`, one for each place in the code. ONLY is a
part of the paths that are taken as seeds. A reading or a refusal is right; any other exception, a
reading that takes seconds, and a measured number that stands nowhere in the file are findings.
What a finding taught is kept as a small file in tests/instruments/seeds.
"""

import hashlib
import random
import resource
import sys
import time
import traceback
from pathlib import Path

import atheris

sys.path[0] = str(Path(__file__).parents[2])

with atheris.instrument_imports(include=["instruments"]):
    import instruments
    from instruments import catalogue
    from instruments.errors import InstrumentFileError
    from instruments.workbooks import open_workbook

    catalogue.readers()

from tests.instruments.cell_text import MARK, opened_as_cells, written  # noqa: E402
from tests.instruments.damage import ABSURD  # noqa: E402
from tests.instruments.expectation import files  # noqa: E402
from tests.instruments.origin import invented  # noqa: E402

_SMALL = 25_000
_LARGEST = 120_000
_SECONDS = 5.0
_MEMORY = 2 * 1024**3
_TRIES = 1 << 16


def one(content, findings):
    """Read one input; keep it when it shows a fault."""
    start = time.process_time()
    try:
        reading = instruments.read(content, "fuzz")
    except InstrumentFileError:
        reading = None
    except (Exception, RecursionError) as error:  # noqa: BLE001 - what escapes is what we look for
        keep(content, findings, _where(error))
        return
    if time.process_time() - start > _SECONDS:
        keep(content, findings, "slow")
    if reading is not None:
        reading.to_json()
        strange = invented(reading, content)
        if strange:
            keep(content, findings, f"invented-{reading.reader}")


def _where(error):
    last = traceback.extract_tb(error.__traceback__)[-1]
    own = [f for f in traceback.extract_tb(error.__traceback__) if "/instruments/" in f.filename]
    frame = own[-1] if own else last
    return f"{type(error).__name__}-{Path(frame.filename).parent.name}-{frame.name}-{frame.lineno}"


def keep(content, findings, what):
    """The smallest input so far of each kind."""
    path = findings / what
    if not path.exists() or path.stat().st_size > len(content):
        path.write_bytes(content)


def bend(data, largest, seed):
    """Half of the time lines and fields as instruments write them, else as libFuzzer likes."""
    chance = random.Random(seed)
    if chance.random() < 0.3:
        return atheris.Mutate(data, largest)
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, 3)):
        _BENDS[chance.randrange(len(_BENDS))](lines, chance)
    bent = b"\n".join(lines)
    if data.startswith(MARK) and not bent.startswith(MARK):
        bent = MARK + bent
    return bent[:largest]


def _swap(lines, chance):
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _drop(lines, chance):
    at = chance.randrange(len(lines))
    lines[at : at + chance.choice((1, 1, 1, 5, 50))] = [b""] if chance.random() < 0.3 else []
    if not lines:
        lines.append(b"")


def _double(lines, chance):
    at = chance.randrange(len(lines))
    end = at + chance.choice((1, 1, 2, 10, 40))
    to = chance.randrange(len(lines))
    lines[to:to] = lines[at:end]


def _field(lines, chance):
    at = chance.randrange(len(lines))
    sign = b"\t" if b"\t" in lines[at] else b";" if b";" in lines[at] else b","
    fields = lines[at].split(sign)
    place = chance.randrange(len(fields))
    what = chance.randrange(5)
    if what == 0:
        fields[place] = chance.choice(ABSURD)
    elif what == 1:
        del fields[place]
    elif what == 2:
        fields.insert(place, b"")
    elif what == 3:
        other = chance.choice(lines).split(sign)
        fields[place] = other[min(place, len(other) - 1)]
    else:
        other = chance.randrange(len(fields))
        fields[place], fields[other] = fields[other], fields[place]
    lines[at] = sign.join(fields)


def _end(lines, chance):
    del lines[chance.randrange(len(lines)) + 1 :]


_BENDS = (_swap, _drop, _double, _field, _field, _field, _field, _end)


def fill(corpus, only):
    """The small files as they are, workbooks as their cells."""
    for path in files():
        if only not in str(path):
            continue
        content = path.read_bytes()
        if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
            try:
                content = written(open_workbook(content, path.name))
            except InstrumentFileError:
                continue
        if len(content) < _SMALL:
            (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def main():
    work = Path(sys.argv[1])
    only = sys.argv[2] if len(sys.argv) > 2 and not sys.argv[2].startswith("-") else ""
    corpus, findings = work / "corpus", work / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        fill(corpus, only)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    options = [argument for argument in sys.argv[2:] if argument.startswith("-")]
    limits = [f"-max_len={_LARGEST}", "-timeout=30", f"-artifact_prefix={findings}/"]
    with opened_as_cells():
        atheris.Setup(
            [sys.argv[0], str(corpus), *limits, *options],
            lambda content: one(content, findings),
            custom_mutator=bend,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
