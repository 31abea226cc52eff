"""A page as a reader without a browser sees it: elements, forms as they would be sent, links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "circle",
        "ellipse",
        "line",
        "path",
        "polygon",
        "polyline",
        "rect",
        "stop",
        "use",
    ]
)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parents: tuple["Element", ...]
    text: str = ""

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def inside(self, tag: str) -> bool:
        return any(parent.tag == tag for parent in self.parents)


@dataclass
class Form:
    """One form with what it would send if nobody typed anything."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """Every element in order; `faults` names tags that do not close what they opened."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.feed(markup)
        self.close()
        self.faults += [f"<{each.tag}> never closed" for each in self._open]

    def handle_starttag(self, tag, attrs):
        made = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(
            Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        )

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self._open or self._open[-1].tag != tag:
            inside = self._open[-1].tag if self._open else "nothing"
            self.faults.append(f"</{tag}> closes <{inside}>, line {self.getpos()[0]}")
            while self._open and self._open[-1].tag != tag:
                self._open.pop()
        if self._open:
            self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [each for each in self.elements if each.tag in tags]

    @property
    def words(self) -> str:
        """The visible text, in one line."""
        return " ".join(self.all("body")[0].text.split())

    def forms(self) -> list[Form]:
        made = {}
        for each in self.elements:
            if each.tag == "form":
                made[id(each)] = Form(each.get("action"), each.get("method").lower() or "get")
                continue
            owner = next((p for p in reversed(each.parents) if p.tag == "form"), None)
            if owner is not None and "name" in each.attributes:
                _take(made[id(owner)], each)
            if owner is not None and each.tag == "option" and each.inside("select"):
                _choose(made[id(owner)], each)
        return list(made.values())

    def form(self, action: str, **having: str) -> Form:
        """The form that posts to an address; with `having`, the one with these hidden fields."""
        found = [
            each
            for each in self.forms()
            if each.action.removesuffix("?") == action and having.items() <= each.fields.items()
        ]
        assert found, f"no form posts to {action}: {sorted(f.action for f in self.forms())}"
        return found[0]


def _take(form: Form, each: Element) -> None:
    name, kind = each.get("name"), each.get("type")
    if each.tag == "button" or kind in ("file", "submit", "button"):
        return
    if kind in ("radio", "checkbox"):
        if "checked" in each.attributes:
            form.fields[name] = each.get("value") or "on"
        return
    written = each.text.removeprefix("\n") if each.tag == "textarea" else each.get("value")
    form.fields[name] = "" if each.tag == "select" else written


def _choose(form: Form, option: Element) -> None:
    """A select sends its selected option, else its first."""
    select = next(parent for parent in reversed(option.parents) if parent.tag == "select")
    name = select.get("name")
    first = not select.attributes.get("data-seen")
    select.attributes["data-seen"] = "y"
    if first or "selected" in option.attributes:
        form.fields[name] = option.get("value")
