"""A reading in a few lines, from its document."""

from collections.abc import Iterator, Mapping
from typing import cast

Document = Mapping[str, object]


def lines(reading: Document) -> Iterator[str]:
    """What was read, line by line: instrument, start, plates with their reads, messages."""
    instrument = cast("Document", reading["instrument"])
    named = " ".join(str(value) for value in instrument.values() if value)
    yield f"{reading['reader']} {reading['reader_version']}: {named}"
    started = cast("Document | None", reading["started_at"])
    if started is not None:
        yield f"started {started['value']} (day and month {started['day_month_order']})"
    for plate in _documents(reading, "plates"):
        yield from _plate(plate)
    records = _documents(reading, "records")
    if records:
        yield f"{len(records)} records"
    for message in _documents(reading, "messages"):
        place = f" ({message['place']})" if message["place"] else ""
        yield f"{message['severity']}: {message['text']}{place}"


def _plate(plate: Document) -> Iterator[str]:
    size = f", {plate['size']} wells" if plate["size"] else ""
    yield f"plate {plate['index']}: {plate['name'] or 'without name'}{size}"
    for read in _documents(plate, "reads"):
        wells = cast("Mapping[str, list[float | None]]", read["wells"])
        points = max(map(len, wells.values()), default=0)
        numbers = sum(value is not None for row in wells.values() for value in row)
        calculated = "calculated " if read["calculated"] else ""
        flags = _documents(read, "flags")
        flagged = f", {len(flags)} flagged" if flags else ""
        yield (
            f"  {read['label']}: {calculated}{read['mode']} {read['kind']}, "
            f"{len(wells)} wells x {points}, {numbers} numbers{flagged}"
        )


def _documents(parent: Document, key: str) -> list[Document]:
    return cast("list[Document]", parent[key])
