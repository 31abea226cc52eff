"""Reads a case's `inputs` object: every wrong key or value becomes one plain sentence."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import isfinite

from lims.science.errors import BadInputs

Json = str | int | float | bool | Sequence["Json"] | Mapping[str, "Json"] | None


class Inputs:
    """Typed access to an object of JSON; remembers which keys were read.

    Each accessor takes the key and, where the key may be left out, a default. JSON's `null`
    counts as left out. Booleans are never numbers, text is never a number.
    """

    def __init__(self, data: object, where: str = "inputs") -> None:
        if not isinstance(data, Mapping):
            raise BadInputs(f"{where} must be an object, not {_kind(data)}.")
        self._data = data
        self._where = where
        self._read: set[str] = set()
        self._inner: list[Inputs] = []

    def __contains__(self, key: str) -> bool:
        return self._data.get(key) is not None

    def has(self, key: str) -> bool:
        """Whether the key is there and not null; it counts as read."""
        self._read.add(key)
        return key in self

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        return _number(self._get(key, default), self._name(key))

    def positive(self, key: str, default: float | None = None) -> float:
        value = self.number(key, default)
        if value <= 0:
            raise BadInputs(f"{self._name(key)} must be above zero, not {value:g}.")
        return value

    def fraction(self, key: str, default: float | None = None) -> float:
        """A number strictly between 0 and 1, such as a confidence level."""
        value = self.number(key, default)
        if not 0 < value < 1:
            raise BadInputs(f"{self._name(key)} must lie between 0 and 1, not {value:g}.")
        return value

    def decimal(self, key: str, default: str | None = None) -> Decimal:
        """A number given as JSON number or as text; its written digits are kept."""
        return as_decimal(self._get(key, default), self._name(key))

    def integer(self, key: str, default: int | None = None) -> int:
        return _integer(self._get(key, default), self._name(key))

    def count(self, key: str, default: int | None = None) -> int:
        """A whole number of at least zero."""
        return _count(self.integer(key, default), self._name(key))

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise BadInputs(f"{self._name(key)} must be text, not {_kind(value)}.")
        return value

    def written(self, key: str) -> str:
        """Text, or the digits of a number: for limits, whose digits decide the rounding."""
        value = self._get(key)
        return value if isinstance(value, str) else str(as_decimal(value, self._name(key)))

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Text out of a closed set."""
        value = self.text(key, default)
        if value not in allowed:
            raise BadInputs(f"{self._name(key)} must be {_either(allowed)}, not “{value}”.")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:  # noqa: FBT001
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise BadInputs(f"{self._name(key)} must be true or false, not {_kind(value)}.")
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        return tuple(_number(value, name) for value, name in self._items(key))

    def integers(self, key: str) -> tuple[int, ...]:
        return tuple(_integer(value, name) for value, name in self._items(key))

    def counts(self, key: str) -> tuple[int, ...]:
        return tuple(as_count(value, name) for value, name in self._items(key))

    def decimals(self, key: str) -> tuple[Decimal, ...]:
        return tuple(as_decimal(value, name) for value, name in self._items(key))

    def flags(self, key: str) -> tuple[bool, ...]:
        return tuple(_flag(value, name) for value, name in self._items(key))

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(_text(value, name) for value, name in self._items(key))

    def table(self, key: str) -> tuple[tuple[float, ...], ...]:
        """A list of lists of numbers."""
        return tuple(
            tuple(_number(value, f"{name}[{at}]") for at, value in enumerate(_list(row, name)))
            for row, name in self._items(key)
        )

    def lists(self, key: str) -> tuple[Sequence[object], ...]:
        """A list of lists, whose items the caller reads."""
        return tuple(_list(value, name) for value, name in self._items(key))

    def items(self, key: str) -> tuple[object, ...]:
        """A list whose items the caller reads."""
        return tuple(value for value, _ in self._items(key))

    def optional_number(self, key: str) -> float | None:
        """A number, or nothing when the key is missing or null."""
        return self.number(key) if self.has(key) else None

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def child(self, key: str) -> "Inputs":
        """The object under a key."""
        return self._adopt(Inputs(self._get(key), self._name(key)))

    def rows(self, key: str) -> tuple["Inputs", ...]:
        """The objects of the list under a key."""
        return tuple(self._adopt(Inputs(value, name)) for value, name in self._items(key))

    def keys(self) -> tuple[str, ...]:
        return tuple(self._data)

    def raw(self, key: str) -> object:
        """The value as it came, for keys that may hold several types."""
        return self._get(key)

    def unread(self) -> tuple[str, ...]:
        """Keys that no accessor asked for, in their order: probably misspelt."""
        own = tuple(self._name(key) for key in self._data if key not in self._read)
        return own + tuple(name for child in self._inner for name in child.unread())

    def _adopt(self, child: "Inputs") -> "Inputs":
        self._inner.append(child)
        return child

    def _name(self, key: str) -> str:
        return key if self._where == "inputs" else f"{self._where}.{key}"

    def _get(self, key: str, default: object = None) -> object:
        self._read.add(key)
        value = self._data.get(key)
        if value is not None:
            return value
        if default is None:
            raise BadInputs(f"{self._name(key)} is missing.")
        return default

    def _items(self, key: str) -> Iterator[tuple[object, str]]:
        name = self._name(key)
        for at, value in enumerate(_list(self._get(key), name)):
            yield value, f"{name}[{at}]"


def as_decimal(value: object, name: str) -> Decimal:
    """A decimal with the digits as written; refuses what is no finite number.

    Raises:
        BadInputs: with `name` in the sentence.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise BadInputs(f"{name} must be a number, not {_kind(value)}.")
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError as error:
        raise BadInputs(f"{name} must be a number, not “{value}”.") from error
    if not number.is_finite():
        raise BadInputs(f"{name} must be a finite number, not “{value}”.")
    if number and abs(number.adjusted()) > _LARGEST_EXPONENT:
        # Written out, such a number would have a million digits and take minutes.
        raise BadInputs(f"{name} must be a number between 1e-308 and 1e308.")
    return number


_LARGEST_EXPONENT = 308  # as far as a double reaches


def as_count(value: object, name: str) -> int:
    """A whole number of at least zero.

    Raises:
        BadInputs: with `name` in the sentence.
    """
    return _count(_integer(value, name), name)


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInputs(f"{name} must be a number, not {_kind(value)}.")
    try:
        finite = isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise BadInputs(f"{name} must be a finite number.")
    return value


def _integer(value: object, name: str) -> int:
    number = _number(value, name)
    if number != int(number):
        raise BadInputs(f"{name} must be a whole number, not {number:g}.")
    return int(number)


def _count(value: int, name: str) -> int:
    if value < 0:
        raise BadInputs(f"{name} must not be negative, but is {value}.")
    return value


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise BadInputs(f"{name} must be true or false, not {_kind(value)}.")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise BadInputs(f"{name} must be text, not {_kind(value)}.")
    return value


def _list(value: object, name: str) -> Sequence[object]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise BadInputs(f"{name} must be a list, not {_kind(value)}.")
    return value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "nothing" if value is None else type(value).__name__)


def _either(allowed: Sequence[str]) -> str:
    return " or ".join(f"“{one}”" for one in allowed)
