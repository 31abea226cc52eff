"""A demonstration laboratory with invented people and data, made through the actions of the pages.

Nothing here inserts a row: every record comes from an action, in an act of a person who holds the
permission that the page would ask for, with that person's password where one is needed.
"""

from pathlib import Path

from lims.demonstration.people import LOGINS
from lims.demonstration.performing import Stage
from lims.demonstration.setting import set_up
from lims.demonstration.street import Say, silent, walk
from lims.foundation.embedded import Urls

__all__ = ["furnish", "rehearse"]


def furnish(urls: Urls, home: Path) -> tuple[str, ...]:
    """Fill an empty database with the demonstration; a filled one is left as it is.

    Returns:
        What to tell at the terminal: the logins.
    """
    stage = Stage.open(urls, home)
    try:
        if not stage.is_empty():
            return _told_again(stage)
        rehearse(stage)
    finally:
        stage.close()
    return _logins()


def rehearse(stage: Stage, say: Say = silent) -> None:
    """The whole demonstration on an empty database, each step told."""
    set_up(stage)
    say("The laboratory is set up: people, stock, strain, product, methods, specification")
    walk(stage, say)


def _told_again(stage: Stage) -> tuple[str, ...]:
    """The logins of a demonstration that stands; how to begin again with one that was cut off."""
    if not stage.is_demonstration():
        return ()
    if not stage.is_finished():
        return (
            "The making of the demonstration was interrupted, so it is not whole.",
            "Stop this server, remove the folder var and start again.",
            *_logins(),
        )
    return _logins()


def _logins() -> tuple[str, ...]:
    told = [f"  {each.login:<16} {each.password:<32} {each.title}" for each in LOGINS]
    return ("", "Demonstration logins (invented people):", *told, "")
