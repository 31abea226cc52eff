"""The values of a picture as words, for readers who cannot see it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Caption, column heads, rows of finished text; the first cell of a row is its head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def figure(value: float | None, places: int) -> str:
    """A value with fixed decimals; a missing one is said, never blank."""
    return "missing" if value is None or value != value else f"{value:.{places}f}".replace("-", "−")  # noqa: PLR0124 -- NaN
