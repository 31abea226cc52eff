"""Workbooks, opened by a limited child process that is kept warm between files."""

import atexit
import io
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from instruments import limits
from instruments.errors import InstrumentFileError, TooLarge, Unreadable, Unsafe
from instruments.numerals import Cell

_CHILD = Path(__file__).with_name("workbook_child.py")
_PATIENCE_S = 2.0 * limits.CPU_SECONDS
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it stands in the workbook, from cell A1 on.

    Attributes:
        hidden_rows, hidden_columns: counted from 0, each once.
        unvalued: attributes of the cells that hold a formula without a value.
    """

    name: str
    visible: bool
    rows: list[list[Cell]]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    unvalued: tuple[str, ...] = ()
    is_chart: bool = False


def open_workbook(content: bytes, file: str) -> list[Sheet]:
    """All sheets of a workbook (xlsx or xls), hidden ones too.

    Raises:
        TooLarge: a limit is exceeded, also when the child died of it.
        Unsafe: macros, entities or embedded objects.
        Unreadable: broken or locked.
    """
    answer = _ask(content, file)
    if answer[0] == "refused":
        raise _refusal(file, *(str(part) for part in answer[1:]))
    return [_sheet(*parts) for parts in cast("list[tuple[object, ...]]", answer[1])]


def _refusal(file: str, reason: str, found: str, expected: str) -> InstrumentFileError:
    if reason == "large":
        return TooLarge(file, "size of a workbook", found=found, allowed=expected)
    if reason == "unsafe":
        return Unsafe(file, found=found, expected=expected)
    return Unreadable(file, found=found, expected=expected)


def _sheet(*parts: object) -> Sheet:
    name, visible, rows, facts = cast(
        "tuple[str, bool, list[list[Cell]], dict[str, object]]", parts
    )
    spans = cast("list[tuple[int, int]]", facts.get("columns", []))
    widest = min(max(map(len, rows), default=0), limits.COLUMNS)
    return Sheet(
        name,
        visible,
        rows,
        hidden_rows=tuple(cast("list[int]", facts.get("rows", []))),
        hidden_columns=tuple(c for a, b in spans for c in range(a, min(b, widest))),
        unvalued=tuple(cast("list[str]", facts.get("unvalued", []))),
        is_chart="chart" in facts,
    )


class ChildDoesNotStart(RuntimeError):
    """The limited process cannot run on this machine; no workbook can be read."""


class _Plain(pickle.Unpickler):
    """Takes dates and times besides plain values; whatever the child sends, no code runs."""

    def find_class(self, module: str, name: str) -> type:
        if module == "datetime" and name in {"date", "datetime", "time", "timedelta"}:
            return cast("type", super().find_class(module, name))
        raise pickle.UnpicklingError(f"{module}.{name}")


class _Child:
    """One process, used by one thread at a time, replaced when it dies or after a fork."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = 0

    def running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.owner != os.getpid() or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-I", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8"},
            )
            self.owner = os.getpid()
            self._greet(self.process)
        return self.process

    def _greet(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the first word: a child that cannot start is our fault, not the file's."""
        try:
            deadline = time.monotonic() + _PATIENCE_S
            _receive(cast("IO[bytes]", process.stdout), bytearray(), 8, deadline)
        except EOFError as error:
            self.stop()
            raise ChildDoesNotStart(process.returncode) from error

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is None or self.owner != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            _close(stream)


def _close(stream: IO[bytes] | None) -> None:
    try:
        if stream is not None:
            stream.close()
    except BrokenPipeError:
        return


_child = _Child()
atexit.register(_child.stop)


def _ask(content: bytes, file: str) -> tuple[object, ...]:
    with _child.lock:
        try:
            answer = _exchange(_child.running(), b"R", content)
        except (OSError, EOFError) as error:
            _child.stop()
            raise _why_it_died(content, file) from error
        except BaseException:
            _child.stop()
            raise
    return cast("tuple[object, ...]", _Plain(io.BytesIO(answer)).load())


def _why_it_died(content: bytes, file: str) -> InstrumentFileError:
    """A second child looks for the cause without parsing: it costs time only where one died."""
    try:
        answer = _Plain(io.BytesIO(_exchange(_child.running(), b"E", content))).load()
    except (OSError, EOFError):
        _child.stop()
        answer = ("sheets", [])
    if answer[0] == "refused":
        return _refusal(file, *(str(part) for part in answer[1:]))
    found = "a workbook that the reading process did not survive"
    return TooLarge(file, "memory or time", found=found, allowed="1 GB of memory and 30 s")


def _exchange(process: subprocess.Popen[bytes], task: bytes, content: bytes) -> bytes:
    """Send a workbook, receive the answer; EOFError when the child dies, or takes too long."""
    sending, receiving = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    deadline = time.monotonic() + _PATIENCE_S
    sending.write(struct.pack(">Q", len(content) + 1) + task + content)
    sending.flush()
    received = _receive(receiving, bytearray(), 8, deadline)
    (size,) = struct.unpack_from(">Q", received)
    return bytes(_receive(receiving, received, 8 + size, deadline)[8:])


def _receive(stream: IO[bytes], received: bytearray, size: int, deadline: float) -> bytearray:
    """Read on until at least so many bytes are there; nothing follows an answer."""
    while len(received) < size:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(stream.fileno(), _CHUNK) if ready else b""
        if not part:
            raise EOFError
        received += part
    return received
