"""Axes with ticks that a person would choose: steps of 1, 2, 2.5 or 5 times a power of ten."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.charts.svg import Drawing, finite

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
#: steps of hours and of months that people count in
HOURS = tuple(map(Decimal, ("0.25", "0.5", "1", "2", "4", "6", "12", "24", "48", "96")))
MONTHS = tuple(map(Decimal, ("1", "3", "6", "12", "24", "60")))


def nice_step(span: float, count: int) -> Decimal:
    """The smallest nice step that divides `span` (> 0) into at most `count` parts."""
    rough = Decimal(repr(span / count))
    scale = Decimal(1).scaleb(rough.adjusted())
    return next(s * scale for s in _STEPS if s * scale >= rough).normalize()


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` with ticks every `step`; equal axes make panels comparable."""

    low: Decimal
    high: Decimal
    step: Decimal

    @classmethod
    def over(
        cls, values: Iterable[float | None], count: int = 5, steps: tuple[Decimal, ...] = ()
    ) -> "Axis":
        """The axis that holds all finite `values`; from 0 to 1 when there are none.

        Args:
            values: what must fit.
            count: at most so many parts.
            steps: allowed steps, rising; a nice step where none of them is wide enough.
        """
        kept = finite(values) or [0.0, 1.0]
        low, high = min(kept), max(kept)
        if low == high:
            low, high = low - (abs(low) * 0.1 or 1), high + (abs(high) * 0.1 or 1)
        enough = (s for s in steps if s * count >= Decimal(repr(high - low)))
        step = next(enough, None) or nice_step(high - low, count)
        first = Decimal(math.floor(Decimal(repr(low)) / step)) * step
        last = Decimal(math.ceil(Decimal(repr(high)) / step)) * step
        return cls(first, last, step)

    @property
    def ticks(self) -> tuple[Decimal, ...]:
        count = int((self.high - self.low) / self.step)
        return tuple(self.low + self.step * i for i in range(count + 1))

    def label(self, tick: Decimal) -> str:
        """The tick with the decimals of the step, minus as −."""
        places = max(0, -int(self.step.normalize().as_tuple().exponent))
        return f"{tick:.{places}f}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle of a picture in which values are drawn, in its own units."""

    left: float
    top: float
    right: float
    bottom: float
    across: Axis
    up: Axis

    def x(self, value: float) -> float:
        part = (value - float(self.across.low)) / float(self.across.high - self.across.low)
        return self.left + part * (self.right - self.left)

    def y(self, value: float) -> float:
        part = (value - float(self.up.low)) / float(self.up.high - self.up.low)
        return self.bottom - part * (self.bottom - self.top)

    def lines(
        self, values: Sequence[tuple[float, float | None]]
    ) -> list[list[tuple[float, float]]]:
        """The pieces of a curve; a missing or infinite value parts them."""
        pieces: list[list[tuple[float, float]]] = [[]]
        for t, value in values:
            if value is None or not math.isfinite(value) or not math.isfinite(t):
                pieces.append([])
            else:
                pieces[-1].append((self.x(t), self.y(value)))
        return [piece for piece in pieces if piece]

    def draw(self, drawing: Drawing, cls: str = "t", gap: float = 6, drop: float = 16) -> None:
        """Grid, tick labels and the two axes."""
        for tick in self.up.ticks:
            y = self.y(float(tick))
            drawing.line("gr", (self.left, y), (self.right, y))
            drawing.text(cls, (self.left - gap, y + 3.5), self.up.label(tick), "end")
        for tick in self.across.ticks:
            drawing.text(
                cls, (self.x(float(tick)), self.bottom + drop), self.across.label(tick), "middle"
            )
        drawing.path(
            "ax", [(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)]
        )
