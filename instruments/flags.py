"""What an instrument writes instead of a number."""

import re
from functools import lru_cache

from instruments.readings import FlagKind

_MEANINGS = (
    (
        FlagKind.SATURATED,
        r"ovrflw|over(?:flow|range|fl)?\b|o\.?f\.?$|saturated|#?sat\b|max$|>|\*{3,}|\+{3,}|high\b|überlauf",
    ),
    (FlagKind.BELOW_RANGE, r"under(?:flow|range)?\b|undrflw|<|low\b|#low|-{3,}"),
    (FlagKind.MISSED, r"missed|missing"),
    (
        FlagKind.NOT_READ,
        r"-$|n/?a$|nan$|not (?:read|measured|available)|unread|skipped|masked|empty$|inj\b",
    ),
    (FlagKind.FAILED, r"\?{2,}|nofit|no fit|range\?|error|fail|invalid|#|err\b|aborted"),
)
_LONGEST = 40  # characters that are looked at
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _MEANINGS)


def meaning(text: str) -> FlagKind:
    """The meaning of a text that stands where a number should; TEXT when none is known."""
    return _meaning(text[:_LONGEST])


@lru_cache(maxsize=1024)
def _meaning(text: str) -> FlagKind:
    for kind, pattern in _PATTERNS:
        if pattern.match(text):
            return kind
    return FlagKind.TEXT
