"""What stands on every page: the laboratory, the number with its version, page x of y."""

import io
from dataclasses import dataclass
from datetime import date, datetime

from PIL import Image, UnidentifiedImageError
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from lims.certificates.content import CertificateContent
from lims.certificates.errors import ContentRefused, TextDoesNotFit
from lims.certificates.page.flow import LEFT, PAGE_HEIGHT, PAGE_WIDTH, RIGHT
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.typeset import (
    ACCENT,
    BOLD,
    INK,
    INK_2,
    INK_3,
    LINE,
    MEDIUM,
    NO_BREAK,
    REGULAR,
    Line,
    Style,
    fitted,
    lines,
    natural_width,
)

CAPTION = Style(MEDIUM, 6.6, 9.2, INK_3, capitals=True, tracking=0.36)
_NAME = Style(BOLD, 11.5, 14.2, INK)
_LONG_NAME = Style(BOLD, 8.6, 10.6, INK)
_ADDRESS = Style(REGULAR, 7.6, 10.4, INK_2)
_VALUE = Style(BOLD, 8.8, 11.6, INK)
_FOOT = Style(REGULAR, 6.8, 9.2, INK_3)
_TOP = PAGE_HEIGHT - 11 * mm
_LOGO = 9 * mm
_GAP = 6 * mm
_MOST_HEAD = 60 * mm
_WATERMARK = HexColor("#e9d7d7")

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def printed_date(day: date) -> str:
    """A date with month letters, the same in every locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def unbroken(text: str) -> str:
    """A telephone number or code that stays on one line where it can."""
    return text.replace(" ", NO_BREAK)


def printed_period(first: date, last: date) -> str:
    """From one day to another, without repeating month or year."""
    if first == last:
        return printed_date(first)
    same_year, same_month = first.year == last.year, first.month == last.month
    start = printed_date(first).split()
    kept = 1 if same_year and same_month else 2 if same_year else 3
    return f"{' '.join(start[:kept])} to {printed_date(last)}"


def printed_time(at: datetime) -> str:
    return f"{printed_date(at)}, {at:%H:%M:%S}"


@dataclass(frozen=True)
class Label:
    """A caption over a value in the head."""

    caption: tuple[Line, ...]
    value: tuple[Line, ...]
    style: Style

    @property
    def width(self) -> float:
        return max(self.caption[0].width, self.value[0].width)


@dataclass(frozen=True)
class Frame:
    """Head and foot, measured once and drawn on every page."""

    content: CertificateContent
    name: tuple[Line, ...]
    name_style: Style
    address: tuple[Line, ...]
    labels: tuple[Label, ...]
    page_width: float
    draft: bool

    @property
    def top(self) -> float:
        """Where the page's own content begins."""
        return self._rule_at - 4.6 * mm

    @property
    def _rule_at(self) -> float:
        text = len(self.name) * self.name_style.leading + len(self.address) * _ADDRESS.leading
        return _TOP - max(_LOGO, text) - 4 * mm

    def draw(self, pen: Pen, pages: int, node: Node | None) -> None:
        """The first page's head is text to be read; on later pages it is decoration."""
        if self.draft:
            _watermark(pen)
        self._laboratory(pen, node)
        self._labels(pen, pages, node)
        pen.rule((LEFT, self._rule_at), (RIGHT, self._rule_at), 1.2, ACCENT)
        self._foot(pen, pages)

    def _laboratory(self, pen: Pen, node: Node | None) -> None:
        _logo(pen, self.content.laboratory.logo)
        left = LEFT + _LOGO + 3 * mm
        name, address = (node.add("P") if node else None for _ in range(2))
        y = pen.text(name, self.name, self.name_style, (left, _TOP))
        pen.text(address, self.address, _ADDRESS, (left, y))

    def _labels(self, pen: Pen, pages: int, node: Node | None) -> None:
        page = _label("Page", f"{pen.page + 1} of {pages}", "page", self.page_width)
        x = RIGHT - self.page_width - sum(label.width + _GAP for label in self.labels)
        for label in (*self.labels, page):
            into = node.add("P") if node else None
            y = pen.text(into, label.caption, CAPTION, (x, _TOP))
            pen.text(into, label.value, label.style, (x, y))
            x += label.width + _GAP

    def _foot(self, pen: Pen, pages: int) -> None:
        y, made = 8 * mm + _FOOT.leading, self.content
        pen.rule((LEFT, y + 1.6 * mm), (RIGHT, y + 1.6 * mm), 0.4, LINE)
        page = f"{made.number} v{made.version} · Lot {made.lot.number} · "
        page += f"Page {pen.page + 1} of {pages}"
        half = (RIGHT - LEFT) / 2 - 2 * mm
        left, style = fitted(page, _FOOT, half, "lot.number")
        pen.text(None, left, style, (LEFT, y))
        where = f"Verify at {_bare(made.lookup.url)} · code {made.lookup.code}"
        longer = "url" if len(made.lookup.url) > len(made.lookup.code) else "code"
        right, style = fitted(where, _FOOT, half, f"lookup.{longer}")
        pen.text(None, right, style, (LEFT, y), right=RIGHT)


def frame(content: CertificateContent, pages: int, *, draft: bool) -> Frame:
    """Measure head and foot.

    Raises:
        TextDoesNotFit: number, version or the laboratory's address leave no room for each other.
    """
    page = natural_width(f"{pages} of {pages}", _VALUE, "page")
    page = max(page, natural_width("Page", CAPTION, "page"))
    room = 46 * mm
    labels = (
        _label("Certificate", content.number, "number", room),
        _label("Version", str(content.version), "version", 20 * mm),
        _label("Prepared", printed_date(content.prepared_at), "prepared_at", room),
    )
    width = RIGHT - page - sum(label.width + _GAP for label in labels)
    width -= LEFT + _LOGO + 3 * mm + _GAP
    site = content.laboratory
    address = f"{site.site} · {site.address} · {unbroken(site.telephone)}"
    made = Frame(
        content,
        *_name(site.name, width),
        lines(address, _ADDRESS, width, "laboratory.address"),
        labels,
        page,
        draft,
    )
    if made.top < _TOP - _MOST_HEAD:
        raise TextDoesNotFit("laboratory.name", site.name)
    return made


def _name(name: str, width: float) -> tuple[tuple[Line, ...], Style]:
    """The laboratory's name in its own size, or smaller where it takes more than two lines."""
    set_ = lines(name, _NAME, width, "laboratory.name")
    if len(set_) <= 2:  # noqa: PLR2004
        return set_, _NAME
    return lines(name, _LONG_NAME, width, "laboratory.name"), _LONG_NAME


def _label(caption: str, value: str, field: str, room: float) -> Label:
    set_, style = fitted(value, _VALUE, room, field)
    return Label(lines(caption, CAPTION, room, field), set_, style)


def _bare(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://")


def _logo(pen: Pen, png: bytes | None) -> None:
    with pen.marked(None):
        if png is None:
            _capsule(pen)
            return
        image = opaque(png)
        wide, high = image.getSize()
        scale = min(_LOGO / wide, _LOGO / high)
        corner = (LEFT, _TOP - high * scale)
        pen.canvas.drawImage(image, *corner, wide * scale, high * scale)


def opaque(png: bytes) -> ImageReader:
    """A logo on white: without transparency it prints alike everywhere.

    Raises:
        ContentRefused: the bytes are no PNG, or one of unreasonable size.
    """
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if image.width * image.height > 4_000_000:  # noqa: PLR2004
                raise ContentRefused("laboratory.logo", "has more than 4 million dots")
            white = Image.new("RGBA", image.size, "white")
            white.alpha_composite(image.convert("RGBA"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ContentRefused("laboratory.logo", "is no PNG image") from error
    return ImageReader(white.convert("RGB"))


def _capsule(pen: Pen) -> None:
    """The product's own mark, where the laboratory has set no logo."""
    canvas, unit = pen.canvas, _LOGO / 24
    canvas.saveState()
    canvas.translate(LEFT, _TOP - _LOGO)
    canvas.scale(unit, unit)
    canvas.setStrokeColor(ACCENT)
    canvas.setFillColor(ACCENT)
    canvas.setLineWidth(1.8)
    canvas.roundRect(1.8, 7, 20.4, 10, 5, stroke=1, fill=0)
    canvas.line(12, 7, 12, 17)
    canvas.circle(6.3, 13.3, 1.1, stroke=0, fill=1)
    canvas.circle(8.8, 10.8, 1.1, stroke=0, fill=1)
    canvas.restoreState()


def _watermark(pen: Pen) -> None:
    with pen.marked(None):
        canvas = pen.canvas
        canvas.saveState()
        canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
        canvas.rotate(52)
        canvas.setFillColor(_WATERMARK)
        canvas.setFont(BOLD, 150)
        canvas.drawCentredString(0, -50, "DRAFT")
        canvas.restoreState()
