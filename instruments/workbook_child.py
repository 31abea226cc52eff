"""The limited process that opens workbooks. It stands alone: it is started by its path.

A workbook of 1.4 kB can make a parser ask for 550 GB and abort its process, with no exception to
catch. Here the process is this one; the parent sees that it is gone and refuses the file.

Frames on stdin and stdout: eight bytes of length, then the bytes. In: a letter (R to read, E to
explain a workbook that another child died of) and the workbook. Out: a pickle of ("sheets", [...])
or ("refused", reason, found, expected); the parent unpickles dates and plain values only.
"""

import gc
import io
import pickle
import re
import resource
import struct
import sys
import zlib
from typing import BinaryIO, NamedTuple

import python_calamine as calamine

MB = 1024 * 1024
MEMORY, CPU_SECONDS = 1024 * MB, 30
UNPACKED, RATIO, RATIO_FREE = 100 * MB, 100, 1 * MB
CELLS, COLUMNS, LINES = 4_000_000, 10_000, 1_000_000
_PARTS = 5000
HELLO = b"workbook"

# What the parser opens is unpacked and looked at first; it asks for no other part of the archive.
_OPENED = re.compile(
    r"(?i)\[Content_Types\]\.xml|"
    r"xl/(?:workbook|styles|sharedStrings|_rels/workbook\.xml|(?:work|chart|dialog)sheets/[^/]+)"
    r"\.(?:xml|rels)"
)
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Z]+)(\d+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_NUMBER_OF_ROW = re.compile(rb"\br\s*=\s*[\"'](\d+)[\"']")
_MIN = re.compile(rb"\bmin\s*=\s*[\"'](\d+)[\"']")
_MAX = re.compile(rb"\bmax\s*=\s*[\"'](\d+)[\"']")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


class Part(NamedTuple):
    """An entry of the archive: sizes as declared, `start` of its local header."""

    name: str
    flags: int
    method: int
    packed: int
    unpacked: int
    start: int


class Refused(Exception):
    """A workbook that is not opened: (reason, found, expected)."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    gc.disable()  # a sheet is many lists and no cycle; a search for cycles would visit them all
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(HELLO)  # what follows is about a workbook, and no fault of this process
    answers.flush()
    while (content := _receive(requests)) is not None:
        _allow_cpu()
        answer = pickle.dumps(_answer(content[1:], content[:1] == b"E"), protocol=5)
        answers.write(struct.pack(">Q", len(answer)) + answer)
        answers.flush()


def _receive(stream: BinaryIO) -> bytes | None:
    head = stream.read(8)
    if len(head) < 8:  # noqa: PLR2004
        return None
    (size,) = struct.unpack(">Q", head)
    return stream.read(size)


def _allow_cpu() -> None:
    """Thirty seconds from now: the limit counts the whole life of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _answer(content: bytes, explain: bool) -> tuple[object, ...]:  # noqa: FBT001
    try:
        facts = _look_into_archive(content, explain) if content.startswith(b"PK") else {}
        return ("sheets", [] if explain else _sheets(content, facts))
    except Refused as refusal:
        return ("refused", *refusal.args)
    except MemoryError:
        return ("refused", "large", "more memory than allowed", "1 GB (memory)")
    except (
        calamine.CalamineError,
        struct.error,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        return ("refused", "unreadable", f"{error}"[:200], "a whole and unlocked workbook")


def _look_into_archive(content: bytes, explain: bool) -> dict[str, dict[str, object]]:  # noqa: FBT001
    """Check every part before the parser sees it; what the cells alone do not tell, by sheet."""
    parts = _directory(content)
    _check_parts(parts)
    budget = UNPACKED
    data: dict[str, bytes] = {}
    for part in parts:
        if _OPENED.fullmatch(part.name):
            data[part.name] = _unpack(content, part, budget)
            budget -= len(data[part.name])
            _check_part(part.name, data[part.name])
            if explain:
                _check_box(data[part.name])
    facts = {name: _facts(text) for name, text in data.items() if b"sheetData" in text}
    paths = _paths(data)
    for sheet, path in paths.items():
        if path not in data:
            raise Refused("unsafe", f"sheet {sheet!r} in {path!r}", "sheets in their usual folder")
    return {sheet: facts[path] for sheet, path in paths.items() if facts.get(path)}


def _directory(content: bytes) -> list[Part]:
    """The central directory. Read here and not by zipfile, which takes longer than the parser."""
    end = content.rfind(b"PK\5\6", max(0, len(content) - 65_557))
    if end < 0 or end + 22 > len(content):
        raise Refused("unreadable", "a broken archive", "a whole and unlocked workbook")
    count, size, at = struct.unpack_from("<HII", content, end + 10)
    if count > _PARTS or at + size > len(content):
        raise Refused("unreadable", "a broken archive", "a whole and unlocked workbook")
    parts = []
    for _ in range(count):
        if content[at : at + 4] != b"PK\1\2":
            raise Refused("unreadable", "a broken archive", "a whole and unlocked workbook")
        flags, method = struct.unpack_from("<HH", content, at + 8)
        packed, unpacked, name, extra, comment = struct.unpack_from("<IIHHH", content, at + 20)
        (start,) = struct.unpack_from("<I", content, at + 42)
        text = content[at + 46 : at + 46 + name].decode("utf-8", "replace")
        parts.append(Part(text, flags, method, packed, unpacked, start))
        at += 46 + name + extra + comment
    return parts


def _check_parts(parts: list[Part]) -> None:
    names = {part.name.lower() for part in parts}
    if len(names) != len(parts):
        raise Refused("unsafe", "parts that repeat", "an ordinary workbook")
    for name in names:
        if "vbaproject" in name or "/macrosheets/" in name:
            raise Refused("unsafe", f"macros ({name})", "a workbook without macros")
        if "/embeddings/" in name or "/activex/" in name:
            raise Refused("unsafe", f"an embedded object ({name})", "a workbook of cells only")
    if "xl/workbook.xml" not in names:
        raise Refused("unreadable", "an archive without a workbook", "an .xlsx workbook")
    if any(part.flags & 1 for part in parts):
        raise Refused("unreadable", "an encrypted part", "a whole and unlocked workbook")


def _unpack(content: bytes, part: Part, budget: int) -> bytes:
    """The bytes of a part. The declared size can lie, so the bytes are counted as they come."""
    name, extra = struct.unpack_from("<HH", content, part.start + 26)
    begin = part.start + 30 + name + extra
    packed = content[begin : begin + part.packed]
    allowed = min(budget, max(RATIO_FREE, part.packed * RATIO))
    if part.method == 0:
        data = packed
    elif part.method == 8:  # noqa: PLR2004 - deflate
        data = zlib.decompressobj(-15).decompress(packed, allowed + 1)
    else:
        raise Refused("unreadable", f"packing method {part.method}", "an ordinary workbook")
    if part.unpacked > allowed or len(data) > allowed:
        size = max(part.unpacked, len(data)) / MB
        found = f"{size:.1f} MB in {part.name} from {part.packed} bytes"
        raise Refused("large", found, "100 MB unpacked and 100 times the packed size (unpacked)")
    return data


def _check_part(name: str, data: bytes) -> None:
    if b"\0" in data[:4096]:
        raise Refused("unsafe", f"{name} in an unusual encoding", "XML in UTF-8")
    at = data.find(b"<!") if b"!" in data else -1  # one sign is found at a tenth of the cost of two
    while at >= 0:
        if not data.startswith((b"<!--", b"<![CDATA["), at):
            raise Refused("unsafe", f"a document type or entity in {name}", "XML without entities")
        at = data.find(b"<!", at + 2)
    if name == "[Content_Types].xml" and b"macroEnabled" in data:
        raise Refused("unsafe", "macros", "a workbook without macros")


def _facts(data: bytes) -> dict[str, object]:
    facts: dict[str, object] = {}
    if b"hidden" in data:
        facts["rows"] = _hidden_rows(data)
        facts["columns"] = _hidden_columns(data)
    at = data.find(b"sheetData")
    if (b":f" if data[at - 1 : at] == b":" else b"<f") in data:
        facts["unvalued"] = [
            match[1].decode("ascii", "replace") for match in _FORMULA.finditer(data)
        ][:20]
    return facts


def _check_box(data: bytes) -> None:
    column, row = 0, 0
    for match in _CELL.finditer(data):
        index = 0
        for letter in match[1]:
            index = index * 26 + letter - 64
        column, row = max(column, index), max(row, int(match[2]))
    _check_size(row, column)


def _check_size(rows: int, columns: int) -> None:
    if rows > LINES:
        raise Refused("large", f"{rows:,} rows", f"{LINES:,} rows (lines)")
    if columns > COLUMNS:
        raise Refused("large", f"{columns:,} columns", f"{COLUMNS:,} columns (columns)")
    if rows * columns > CELLS:
        found = f"a range of {rows:,} rows by {columns:,} columns"
        raise Refused("large", found, f"{CELLS:,} cells (cells)")


def _hidden_rows(data: bytes) -> list[int]:
    rows, number = [], 0
    for match in _ROW.finditer(data):
        written = _NUMBER_OF_ROW.search(match[1])
        number = int(written[1]) if written else number + 1
        if _HIDDEN.search(match[1]):
            rows.append(number - 1)
    return rows


def _hidden_columns(data: bytes) -> list[tuple[int, int]]:
    columns = []
    for match in _COLUMN.finditer(data):
        first, last = _MIN.search(match[1]), _MAX.search(match[1])
        if _HIDDEN.search(match[1]) and first and last:
            columns.append((int(first[1]) - 1, int(last[1])))
    return columns


def _sheets(content: bytes, facts: dict[str, dict[str, object]]) -> list[tuple[object, ...]]:
    with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        sheets: list[tuple[object, ...]] = []
        cells = 0
        for index, meta in enumerate(workbook.sheets_metadata):
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                sheets.append((meta.name, False, [], {"chart": True}))
                continue
            sheet = workbook.get_sheet_by_index(index)
            rows, columns = (0, 0) if sheet.end is None else (sheet.end[0] + 1, sheet.end[1] + 1)
            _check_size(rows, columns)
            cells += rows * columns
            _check_size(cells, 1) if cells > CELLS else None
            visible = meta.visible == calamine.SheetVisibleEnum.Visible
            values = sheet.to_python(skip_empty_area=False)
            sheets.append((meta.name, visible, values, facts.get(meta.name, {})))
    return sheets


_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)/?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)/?>")
_NAME = re.compile(rb"\bname\s*=\s*(\"[^\"]*\"|'[^']*')")
_RID = re.compile(rb"\b\w+:id\s*=\s*(\"[^\"]*\"|'[^']*')")
_ID = re.compile(rb"\bId\s*=\s*(\"[^\"]*\"|'[^']*')")
_TARGET = re.compile(rb"\bTarget\s*=\s*(\"[^\"]*\"|'[^']*')")


def _paths(data: dict[str, bytes]) -> dict[str, str]:
    """Part of each sheet by its name."""
    book = data.get("xl/workbook.xml", b"")
    relations = data.get("xl/_rels/workbook.xml.rels", b"")
    targets = {
        _attribute(_ID, match[1]): _attribute(_TARGET, match[1])
        for match in _RELATION.finditer(relations)
    }
    paths = {}
    for match in _SHEET.finditer(book):
        target = targets.get(_attribute(_RID, match[1]), "")
        path = target[1:] if target.startswith("/") else "xl/" + target
        paths[_attribute(_NAME, match[1])] = path
    return paths


def _attribute(pattern: re.Pattern[bytes], text: bytes) -> str:
    match = pattern.search(text)
    if match is None:
        return ""
    value = match[1][1:-1].decode("utf-8", "replace")
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        value = value.replace(code, sign)
    return value.replace("&amp;", "&")


if __name__ == "__main__":
    main()
