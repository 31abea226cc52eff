"""Why a file was refused. A refusal is about the file, never about a fault of our own code."""

from collections.abc import Sequence

from instruments.places import Place


class InstrumentFileError(Exception):
    """Root of every refusal of a file; `str()` is one full sentence for the person who sent it.

    Attributes:
        file: name of the file as it was handed in.
        place: where in the file, or None when the whole file is meant.
        found: what stands there.
        expected: what should stand there.
    """

    def __init__(
        self, file: str, *, expected: str, found: str = "", place: Place | None = None
    ) -> None:
        self.file = file
        self.place = place
        self.found = found[:200]
        self.expected = expected
        super().__init__(self._sentence())

    def to_json(self) -> dict[str, str | None]:
        """The refusal as a document: its kind, the sentence, and the facts apart."""
        return {
            "kind": type(self).__name__,
            "reason": str(self),
            "file": self.file,
            "place": None if self.place is None else str(self.place),
            "found": self.found or None,
            "expected": self.expected,
        }

    def _sentence(self) -> str:
        where = f", {self.place}" if self.place else ""
        found = f"found {self._quoted()}, " if self.found else ""
        return f"{self.file or 'The file'}{where}: {found}expected {self.expected}."

    def _quoted(self) -> str:
        """What the file says is quoted; what we say about it is not."""
        return repr(self.found) if self.place is not None else self.found


class UnknownFormat(InstrumentFileError):
    """No reader knows the content."""

    def __init__(self, file: str, known: Sequence[str], found: str = "") -> None:
        self.known = tuple(known)
        super().__init__(
            file, found=found, expected=f"a file of one of these kinds: {', '.join(known)}"
        )


class AmbiguousFormat(InstrumentFileError):
    """More than one reader claims the content; nobody tosses a coin over a measurement."""

    def __init__(self, file: str, candidates: Sequence[str]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(
            file,
            found=f"the marks of {' and '.join(candidates)}",
            expected="a file that exactly one reader knows",
        )


class Malformed(InstrumentFileError):
    """The file is of a known kind but breaks its own form."""


class Truncated(Malformed):
    """The file ends before what it announces."""


class NoMeasurement(Malformed):
    """The file is of a known kind and holds no measured value at all."""


class AmbiguousNumbers(InstrumentFileError):
    """Numbers such as 1,234 can be read in two ways and nothing in the file settles which."""


class Unreadable(InstrumentFileError):
    """The bytes are not what they claim to be: broken archive, not a text, encrypted."""


class Unsafe(InstrumentFileError):
    """The file carries what no instrument writes: macros, embedded objects, XML entities."""


class TooLarge(InstrumentFileError):
    """A limit is exceeded.

    Attributes:
        limit: name of the limit that was exceeded.
    """

    def __init__(self, file: str, limit: str, *, found: str, allowed: str) -> None:
        self.limit = limit
        super().__init__(file, found=found, expected=f"at most {allowed}")
