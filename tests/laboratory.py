"""A demonstration laboratory for tests: built once for a run, then copied for each test."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from lims.accounts.models import Role
from lims.demonstration import people
from lims.demonstration.people import Login
from lims.demonstration.performing import Stage
from lims.demonstration.setting import set_up
from lims.demonstration.street import walk
from lims.foundation.embedded import Urls
from lims.foundation.strongbox import HashCost

CHEAP = HashCost(time=1, memory_kib=8, parallelism=1)
"""Of argon2id: only for tests; production refuses it."""

BY_ROLE: dict[Role, Login] = {
    Role.ANALYST: people.ANALYST,
    Role.QC_APPROVER: people.REVIEWER,
    Role.QA: people.QUALITY,
    Role.LAB_MANAGER: people.MANAGER,
    Role.ADMINISTRATOR: people.ADMINISTRATOR,
    Role.INSPECTOR: people.INSPECTOR,
}


@dataclass(frozen=True)
class Laboratory:
    """One database with its home folder of keys."""

    urls: Urls
    home: Path

    def stage(self) -> Stage:
        return Stage.open(self.urls, self.home, CHEAP)

    def settings(self) -> Settings:
        secret = bytes.fromhex((self.home / "secrets" / "server-key").read_text().strip())
        return Settings(
            application_url=self.urls.application,
            reader_url=self.urls.reader,
            home=self.home,
            secret=secret,
            hash_cost=CHEAP,
        )


def make_home(home: Path) -> None:
    """The folders and the secret that `lims serve` makes at its first start."""
    for folder in (home, home / "secrets", home / "keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "secrets" / "server-key").write_text(os.urandom(32).hex())


def build(laboratory: Laboratory) -> None:
    """Set-up and street, through the actions of the pages."""
    stage = laboratory.stage()
    try:
        set_up(stage)
        walk(stage)
    finally:
        stage.close()


class Browser:
    """A test client with somebody signed in; forms get their token by themselves."""

    def __init__(self, app: Flask, who: Login | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        if who is not None:
            self.sign_in(who)

    def sign_in(self, who: Login, password: str | None = None) -> int:
        return self.post(
            "/account/sign-in", login=who.login, password=password or who.password
        ).status_code

    def token(self) -> str:
        """The form token of this browser, as any page carries it."""
        page = self.client.get("/account/sign-in").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]

    def get(self, address: str, **kwargs):
        return self.client.get(address, **kwargs)

    def post(self, address: str, *, htmx: bool = False, **form: object):
        headers = {"HX-Request": "true"} if htmx else {}
        data = {"csrf_token": self.token(), **form}
        return self.client.post(address, data=data, headers=headers)
