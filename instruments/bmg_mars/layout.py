"""What BMG software was told about the wells: content, group, standards, dilutions."""

import re
from collections.abc import Mapping
from functools import lru_cache

from instruments.numerals import Numerals
from instruments.readings import LayoutEntry

_ROLES = (
    (re.compile(r"Standard|S\d+$"), "standard"),
    (re.compile(r"Sample|X\d+$"), "sample"),
    (re.compile(r"Blank|B\d*$"), "blank"),
    (re.compile(r"Negative control|N\d*$"), "negative control"),
    (re.compile(r"Positive control|P\d*$"), "positive control"),
    (re.compile(r"Control|C\d*$"), "control"),
    (re.compile(r"Empty|E$"), "empty"),
)


def layout_entries(
    texts: Mapping[str, Mapping[str, str]], numerals: Numerals
) -> dict[str, LayoutEntry]:
    """The layout by well, from the texts by title."""
    return {well: _entry(facts, numerals) for well, facts in texts.items()}


def _entry(facts: Mapping[str, str], numerals: Numerals) -> LayoutEntry:
    content = facts.get("Content") or facts.get("Layout")
    name = _by_start(facts, "Sample ID") or facts.get("Name")
    return LayoutEntry(
        role=_role(content or ""),
        sample=name or content,
        group=facts.get("Group"),
        concentration=_amount(_by_start(facts, "Standard Concentration"), numerals),
        dilution=_amount(_by_start(facts, "Dilution"), numerals),
    )


def _by_start(facts: Mapping[str, str], start: str) -> str | None:
    return next((text for title, text in facts.items() if title.startswith(start)), None)


def _amount(text: str | None, numerals: Numerals) -> float | str | None:
    if text is None:
        return None
    number = numerals.one(text)
    return text if number is None else number


@lru_cache(maxsize=4096)
def _role(content: str) -> str | None:
    return next((role for pattern, role in _ROLES if pattern.match(content)), None)
