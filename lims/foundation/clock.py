"""Time: aware and in UTC inside, the laboratory's zone on screen."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime, zone: str) -> datetime:
    """The same moment on the laboratory's clock."""
    return moment.astimezone(ZoneInfo(zone))


def today(zone: str) -> date:
    """The laboratory's calendar day."""
    return local(now(), zone).date()
