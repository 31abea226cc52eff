"""The segments of an FCS data set: the HEADER is checked here before any library sees the bytes.

Source: Data File Standard for Flow Cytometry, FCS 3.1 (Spidlen et al., Cytometry A 77, 97-100,
2010), sections 3.1 (HEADER) and 3.2 (TEXT). A flow-cytometry file is summarised, never loaded: what
a QC bench needs of it is who measured what, when, with how many events. Event values stay in the
file.
"""

import io
import re
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from flowio import FlowData
from flowio.exceptions import FlowIOException

from instruments.errors import Malformed, TooLarge, Truncated

MAGIC = re.compile(rb"FCS[23]\.[0-9] {4}")
_HEADER_BYTES = 58
_DATA_SETS = 1000
_PARAMETERS = 10_000
# What the library may raise on damaged TEXT: it trusts offsets, numbers and delimiters.
_DAMAGED = (
    FlowIOException,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    OverflowError,
    EOFError,
    NotImplementedError,
    struct.error,
    re.error,
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set of a file.

    Attributes:
        version: of the standard, such as 3.1.
        events: $TOT.
        parameters: $PAR.
        keywords: of the TEXT segment; names in lower case, without the leading $.
    """

    version: str
    events: int
    parameters: int
    keywords: dict[str, str]


def data_sets(content: bytes, file: str) -> Iterator[DataSet]:
    """Every data set of a file, in order.

    Raises:
        Malformed: HEADER or TEXT break the standard.
        Truncated: the file ends before the last event.
        TooLarge: more data sets or parameters than any cytometer writes.
    """
    offset = 0
    for _ in range(_DATA_SETS):
        found = _data_set(content, offset, file)
        yield found
        step = _next_data(found.keywords, file)
        if step == 0:
            return
        offset += step
    raise TooLarge(file, "data sets", found=f"over {_DATA_SETS}", allowed=str(_DATA_SETS))


def _next_data(keywords: dict[str, str], file: str) -> int:
    text = keywords.get("nextdata", "0").strip()
    if not text.isdecimal():
        raise Malformed(file, found=f"$NEXTDATA {text}", expected="a byte offset of 0 or more")
    return int(text)


def _data_set(content: bytes, offset: int, file: str) -> DataSet:
    _check_header(content, offset, file)
    content = _with_offsets(content, offset)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flow = FlowData(
                io.BytesIO(content),
                only_text=True,
                ignore_offset_discrepancy=True,
                nextdata_offset=offset or None,
            )
    except _DAMAGED as error:
        if offset == 0 and _next_offset(content):
            return _data_set_of_many(content, file)
        raise Malformed(
            file, found=f"{type(error).__name__} in the TEXT segment", expected="FCS keywords"
        ) from error
    return _checked(content, offset, flow, file)


def _next_offset(content: bytes) -> bool:
    """Whether the first data set announces another one; the library then wants to be told."""
    text = re.search(rb"\$NEXTDATA(.)\s*([1-9]\d*)", content[: 1 << 20], re.IGNORECASE)
    return text is not None


def _data_set_of_many(content: bytes, file: str) -> DataSet:
    padded = b"\0" + content
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flow = FlowData(
                io.BytesIO(padded),
                only_text=True,
                ignore_offset_discrepancy=True,
                nextdata_offset=1,
            )
    except _DAMAGED as error:
        raise Malformed(
            file, found=f"{type(error).__name__} in the TEXT segment", expected="FCS keywords"
        ) from error
    return _checked(content, 0, flow, file)


def _check_header(content: bytes, offset: int, file: str) -> None:
    header = content[offset : offset + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES:
        raise Truncated(file, found=f"{len(header)} bytes", expected="a HEADER of 58 bytes")
    if MAGIC.match(header) is None:
        raise Malformed(file, found=repr(header[:10]), expected="the mark of an FCS data set")
    start, stop = (_offset(header[at : at + 8], file) for at in (10, 18))
    if not _HEADER_BYTES <= start < stop:
        raise Malformed(file, found=f"TEXT at {start} to {stop}", expected="TEXT after the HEADER")
    if offset + stop >= len(content):
        raise Truncated(file, found=f"{len(content)} bytes", expected=f"TEXT up to byte {stop}")
    for at in (26, 34):
        _data_offset(header[at : at + 8], file)


def _offset(field: bytes, file: str) -> int:
    text = field.strip()
    if not text.isdigit():
        raise Malformed(file, found=repr(field), expected="a byte offset of eight characters")
    return int(text)


def _data_offset(field: bytes, file: str) -> int:
    """Where DATA begins or ends; 0 or blanks where it lies beyond eight digits: see TEXT."""
    return _offset(field, file) if field.strip() else 0


def _with_offsets(content: bytes, offset: int) -> bytes:
    """The content with zeros for blank offsets, which the library takes for no number."""
    fields = [content[at : at + 8] for at in range(offset + 26, offset + _HEADER_BYTES, 8)]
    if all(field.strip() for field in fields[:2]):
        return content
    filled = b"".join(field if field.strip() else b"       0" for field in fields)
    return content[: offset + 26] + filled + content[offset + _HEADER_BYTES :]


def _checked(content: bytes, offset: int, flow: FlowData, file: str) -> DataSet:
    keywords = {str(key): str(value).strip() for key, value in flow.text.items()}
    found = DataSet(str(flow.version), int(flow.event_count), int(flow.channel_count), keywords)
    if not 0 <= found.parameters <= _PARAMETERS:
        raise TooLarge(
            file, "parameters", found=str(found.parameters), allowed=f"{_PARAMETERS} parameters"
        )
    if found.events < 0:
        raise Malformed(file, found=f"$TOT {found.events}", expected="a count of 0 or more")
    _check_events(content, offset, found, file)
    return found


def _check_events(content: bytes, offset: int, found: DataSet, file: str) -> None:
    """Refuse a file that was cut: the events that $TOT announces must lie in it."""
    begin = found.keywords.get("begindata", "")
    start = int(begin) if begin.isdecimal() else 0
    if start == 0:
        start = _data_offset(content[offset + 26 : offset + 34], file)
    needed = found.events * event_bits(found, file) // 8
    held = len(content) - offset - start
    if needed > held:
        raise Truncated(
            file,
            found=f"{max(held, 0)} bytes of events",
            expected=f"{needed} bytes for {found.events} events",
        )


def event_bits(found: DataSet, file: str) -> int:
    """Bits of one event: the sum of all $PnB."""
    total = 0
    for number in range(1, found.parameters + 1):
        text = found.keywords.get(f"p{number}b", "")
        if not text.isdecimal():
            raise Malformed(
                file, found=f"$P{number}B {text!r}", expected="the bits of each parameter"
            )
        total += int(text)
    return total
