"""A drawing in SVG: fixed decimals, the same bytes for the same data."""

import math
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from lims.charts.colour import mix
from lims.charts.look import FONT, HEAT_HIGH, HEAT_LOW, INK_2, LOOK

Point = tuple[float, float]

HEAT_STEPS = 20
#: dark ink below the first; the mix jumps from the second to the third (no ink reads well between)
_DARK_UP_TO, _DARK_END, _LIGHT_START = 0.6, 0.58, 0.78


class NotDrawable(ValueError):
    """A coordinate is not a finite number: the data should have been checked before."""


def number(value: float) -> str:
    """A coordinate with one decimal, never -0.0.

    Raises:
        NotDrawable: the value is infinite or not a number.
    """
    if not math.isfinite(value):
        raise NotDrawable(str(value))
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text


def heat_mix(level: int) -> float:
    """Part of the dark end in a cell of `level` 0 to 20; the middle is skipped for contrast."""
    x = level / HEAT_STEPS
    if x < _DARK_UP_TO:
        return x / _DARK_UP_TO * _DARK_END
    return _LIGHT_START + (x - _DARK_UP_TO) / (1 - _DARK_UP_TO) * (1 - _LIGHT_START)


class Drawing:
    """Collects shapes; `standalone` writes attributes for paper instead of classes."""

    def __init__(self, width: float, height: float, *, standalone: bool = False) -> None:
        self.width, self.height, self.standalone = width, height, standalone
        self._parts: list[str] = []

    def line(self, cls: str, start: Point, end: Point) -> None:
        (x1, y1), (x2, y2) = start, end
        self._add("line", cls, x1=number(x1), y1=number(y1), x2=number(x2), y2=number(y2))

    def path(self, cls: str, points: Sequence[Point], *, closed: bool = False) -> None:
        if points:
            d = "M" + "L".join(f"{number(x)},{number(y)}" for x, y in points)
            self._add("path", cls, d=d + ("Z" if closed else ""))

    def rect(self, cls: str, at: Point, size: Point, radius: float = 0) -> None:
        corner = {"rx": number(radius)} if radius else {}
        self._add("rect", cls, **_box(at, size), **corner)

    def heat(self, level: int, cls: str, at: Point, size: Point) -> None:
        """A well: the fill by level, the border by role."""
        if self.standalone:
            fill = mix(HEAT_LOW, HEAT_HIGH, heat_mix(level))
            self._add("rect", cls, fill=fill, **_box(at, size), rx="3.0")
        else:
            self._add("rect", f"heat h{level} {cls}", **_box(at, size), rx="3.0")

    def circle(self, cls: str, at: Point, radius: float) -> None:
        self._add("circle", cls, cx=number(at[0]), cy=number(at[1]), r=number(radius))

    def text(self, cls: str, at: Point, words: str, anchor: str = "start", turn: int = 0) -> None:
        if not words:
            return
        place = {"x": number(at[0]), "y": number(at[1])}
        if turn:
            place = {"transform": f"translate({number(at[0])},{number(at[1])}) rotate({turn})"}
        self._add("text", cls, words, text_anchor=anchor, **place)

    def triangle(self, cls: str, tip: Point, size: float, *, up: bool = True) -> None:
        (x, y), sign = tip, 1 if up else -1
        self.path(
            cls,
            [(x, y), (x + size, y + sign * 1.6 * size), (x - size, y + sign * 1.6 * size)],
            closed=True,
        )

    def svg(self, title: str, finding: str) -> str:
        """The picture with its name and the sentence that says what it shows."""
        words = f"{title}. {finding}" if finding else title
        frame = (
            f'viewBox="0 0 {self.width:g} {self.height:g}" role="img" aria-label={quoteattr(words)}'
        )
        told = f"<title>{escape(title)}</title><desc>{escape(finding)}</desc>"
        return f"<svg {self._head()} {frame}>{told}{''.join(self._parts)}</svg>"

    def _head(self) -> str:
        if not self.standalone:
            return 'class="ch"'
        size = f'width="{self.width:g}" height="{self.height:g}"'
        font = f'font-family="{FONT}" font-size="11" fill="{INK_2}"'
        return f'xmlns="http://www.w3.org/2000/svg" {size} {font}'

    def _add(self, tag: str, cls: str, words: str | None = None, **attributes: str) -> None:
        look = dict(LOOK[cls.rsplit(maxsplit=1)[-1]])
        kept = {**look, **attributes} if self.standalone else {"class": cls, **attributes}
        written = "".join(
            f" {name.replace('_', '-')}={quoteattr(value)}" for name, value in kept.items()
        )
        self._parts.append(
            f"<{tag}{written}/>" if words is None else f"<{tag}{written}>{escape(words)}</{tag}>"
        )


def nothing(width: float, height: float, title: str, *, standalone: bool = False) -> str:
    """The answer to empty data: a frame that says so."""
    drawing = Drawing(width, height, standalone=standalone)
    drawing.rect("frame", (0.5, 0.5), (width - 1, height - 1), 6)
    drawing.text("t", (width / 2, height / 2 + 4), "No data yet", "middle")
    return drawing.svg(title, "No data yet")


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that can be drawn; a gap in the data is a gap in the line."""
    return [v for v in values if v is not None and math.isfinite(v)]


def _box(at: Point, size: Point) -> dict[str, str]:
    return {
        "x": number(at[0]),
        "y": number(at[1]),
        "width": number(size[0]),
        "height": number(size[1]),
    }
