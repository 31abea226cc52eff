"""Who may call which view: denied unless the view says what it needs."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

from lims.foundation.permissions import Permission

View = TypeVar("View", bound=Callable[..., object])

PUBLIC = "public"
_ATTRIBUTE = "needs"


class Unguarded(RuntimeError):
    """A view was registered without saying who may call it."""


def guard(permission: Permission) -> Callable[[View], View]:
    """Let only people through who hold a permission."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, permission)
        return view

    return mark


def public(view: View) -> View:
    """Let anybody through: sign-in, the public check of a certificate."""
    setattr(view, _ATTRIBUTE, PUBLIC)
    return view


def need_of(app: Flask, endpoint: str) -> Permission | str:
    """What an endpoint needs: a permission, or `PUBLIC`."""
    need = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    if not isinstance(need, Permission | str):
        raise Unguarded(endpoint)
    return need


def check_all(app: Flask) -> None:
    """Refuse to start with a view that nobody guards."""
    for endpoint in app.view_functions:
        need_of(app, endpoint)
