"""A refusal told on the page where it happened: its words by field, and its status."""

from dataclasses import dataclass, field

from lims.foundation.errors import LimsError, NotAllowed, NotFound, RuleBroken, Stale
from lims.web.errors import status_of

# What a page shows again with everything typed; anything else gets an error page of its own.
TOLD = (RuleBroken, NotAllowed, Stale)


@dataclass(frozen=True)
class Told:
    """What a page says of a refusal; empty when nothing was refused."""

    status: int = 200
    errors: dict[str, str] = field(default_factory=dict)


def told(refusal: LimsError) -> Told:
    """The words of a refusal by form field; '' holds what belongs to no field."""
    if isinstance(refusal, NotFound):
        raise refusal
    fields = refusal.fields if isinstance(refusal, RuleBroken) else {}
    return Told(status_of(refusal), dict(fields) or {"": str(refusal)})


def misread(errors: dict[str, list[str]]) -> Told:
    """A form whose shape was wrong."""
    return Told(422, {name: " ".join(words) for name, words in errors.items()})


NOTHING = Told()
