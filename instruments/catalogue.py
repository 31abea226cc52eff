"""Which reader knows a file. Every folder of this package that holds a `reader.py` is one."""

import hashlib
import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from instruments import accounting
from instruments.doubts import doubts
from instruments.errors import AmbiguousFormat, Malformed, UnknownFormat
from instruments.readings import Message, Reading
from instruments.source import Source

_PACKAGE = Path(__file__).parent


class Reader(Protocol):
    """What the module `reader` of a reader's folder offers."""

    NAME: str
    VERSION: str

    def claims(self, source: Source) -> bool:
        """Whether the content is of this kind; cheap, and no other reader may say yes too."""
        ...

    def read(self, source: Source) -> Reading:
        """All that the file says; raises an `InstrumentFileError` to refuse it."""
        ...


@cache
def readers() -> tuple[Reader, ...]:
    """All readers, by folder name."""
    names = sorted(
        module.name
        for module in pkgutil.iter_modules([str(_PACKAGE)])
        if module.ispkg and (_PACKAGE / module.name / "reader.py").exists()
    )
    return tuple(cast("Reader", import_module(f"instruments.{name}.reader")) for name in names)


def recognise(source: Source) -> Reader:
    """The one reader that knows the content.

    Raises:
        UnknownFormat: no reader knows it.
        AmbiguousFormat: several readers claim it, named.
    """
    claiming = [reader for reader in readers() if reader.claims(source)]
    if len(claiming) == 1:
        return claiming[0]
    if claiming:
        raise AmbiguousFormat(source.filename, [reader.NAME for reader in claiming])
    first = next((line.strip() for line in source.head.split("\n") if line.strip()), "")
    raise UnknownFormat(source.filename, [reader.NAME for reader in readers()], first[:80])


def read(content: bytes, filename: str) -> Reading:
    """Read an instrument file.

    Args:
        content: the bytes of the file, as the instrument wrote them.
        filename: its name, for messages only; the content decides.

    Returns:
        All that the file says. Numbers that no reader used are named in a warning.

    Raises:
        InstrumentFileError: the file is refused; the sentence says where and why.
    """
    source = Source(content, filename)
    reader = recognise(source)
    reading = reader.read(source)
    _check_wells(source, reading)
    messages = (
        *source.messages,
        *reading.messages,
        *doubts(reading),
        *accounting.leftovers(source.accounted_grids),
    )
    return replace(
        reading,
        messages=_once(messages),
        reader=reader.NAME,
        reader_version=reader.VERSION,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _check_wells(source: Source, reading: Reading) -> None:
    """A well that a read holds twice would lose a value in silence."""
    for plate in reading.plates:
        for each in plate.reads:
            if len(set(each.wells)) != len(each.wells):
                twice = next(well for well in each.wells if each.wells.count(well) > 1)
                raise Malformed(
                    source.filename,
                    found=f"well {twice} twice in {each.label.strip() or 'one read'}",
                    expected="each well once",
                )


def _once(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(messages))
