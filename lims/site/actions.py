"""What happens to the laboratory itself: founded, described anew."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from lims.audit.act import Act
from lims.foundation.errors import RuleBroken
from lims.site import queries
from lims.site.models import Laboratory

SHORTEST_IDLE, LONGEST_IDLE = 5, 30


@dataclass(frozen=True)
class Description:
    """What pages and certificates print of the laboratory."""

    name: str
    address: str
    telephone: str
    zone: str
    public_url: str
    logo: bytes | None = None


class FoundedBefore(RuleBroken):
    def __init__(self, name: str) -> None:
        super().__init__(f"This database holds {name} already; a laboratory is founded once.")


def _check(told: Description) -> None:
    if not told.name.strip() or not told.address.strip():
        raise RuleBroken("A laboratory has a name and an address.", name="Enter the name.")
    if told.zone not in available_timezones():
        sentence = f"“{told.zone}” is no time zone; use a name as Europe/Vienna."
        raise RuleBroken(sentence, zone=sentence)
    if told.public_url and not told.public_url.startswith(("http://", "https://")):
        sentence = "The public address begins with http:// or https://."
        raise RuleBroken(sentence, public_url=sentence)


def found(act: Act, told: Description, *, demonstration: bool = False) -> Laboratory:
    """Enter the laboratory, once."""
    _check(told)
    there = queries.find_laboratory(act.session)
    if there is not None:
        raise FoundedBefore(there.name)
    made = Laboratory(
        id=1,
        name=told.name.strip(),
        address=told.address.strip(),
        telephone=told.telephone.strip(),
        zone=told.zone,
        public_url=told.public_url.rstrip("/"),
        logo=told.logo,
        demonstration=demonstration,
        idle_minutes=15,
    )
    act.session.add(made)
    act.session.flush()
    act.note("laboratory.founded", made, name=made.name, zone=made.zone)
    return made


def describe(act: Act, laboratory: Laboratory, told: Description, idle_minutes: int) -> None:
    """Change what is printed, or how long a session may stand idle, with a reason."""
    act.need_reason()
    _check(told)
    if not SHORTEST_IDLE <= idle_minutes <= LONGEST_IDLE:
        sentence = f"Idle sessions lock after {SHORTEST_IDLE} to {LONGEST_IDLE} minutes."
        raise RuleBroken(sentence, idle_minutes=sentence)
    laboratory.name, laboratory.address = told.name.strip(), told.address.strip()
    laboratory.telephone, laboratory.zone = told.telephone.strip(), told.zone
    laboratory.public_url = told.public_url.rstrip("/")
    laboratory.idle_minutes = idle_minutes
    act.note("laboratory.described", laboratory)
