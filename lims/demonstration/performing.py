"""Who does something in the demonstration does it as on a page: permission first, then an act."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lims.accounts import queries, roles
from lims.audit.act import SYSTEM, Act, Actor, Source, acting
from lims.certificates import queries as certificates
from lims.demonstration.people import Login
from lims.foundation import clock
from lims.foundation.db import Database
from lims.foundation.embedded import Urls
from lims.foundation.errors import NotAllowed
from lims.foundation.permissions import Permission
from lims.foundation.registry import load_models
from lims.foundation.strongbox import HashCost, Strongbox
from lims.site import queries as site

_SOURCE = Source("local", "demonstration")


@dataclass(frozen=True)
class Stage:
    """A database with the application's login, and what signatures need."""

    database: Database
    strongbox: Strongbox
    urls: Urls

    @classmethod
    def open(cls, urls: Urls, home: Path, cost: HashCost | None = None) -> "Stage":
        load_models()
        secret = bytes.fromhex((home / "secrets" / "server-key").read_text("ascii").strip())
        box = Strongbox(secret, home / "keys" / "authority.pem", cost or HashCost())
        return cls(Database(urls.application), box, urls)

    def close(self) -> None:
        self.database.close()

    def is_empty(self) -> bool:
        with self.database.session() as session:
            return site.find_laboratory(session) is None

    def is_demonstration(self) -> bool:
        with self.database.session() as session:
            return site.laboratory(session).demonstration

    def is_finished(self) -> bool:
        """Whether the street was walked to its certificate."""
        with self.database.session() as session:
            return bool(certificates.newest(session, 1))

    @contextmanager
    def system(self) -> Iterator[Act]:
        """The founding of the laboratory, before there are people."""
        with self._act(SYSTEM, "") as act:
            yield act

    @contextmanager
    def does(self, who: Login, need: Permission, reason: str = "") -> Iterator[Act]:
        """An act of a person who holds the permission that the page asks for.

        Raises:
            NotAllowed: the person lacks it, as on the page.
        """
        with self.database.session() as session:
            person = queries.find_login(session, who.login)
            if person is None:
                raise NotAllowed(f"There is no account {who.login}.")
            day = clock.now().date()
            if need not in roles.of_person(person, day):
                raise NotAllowed(f"{who.name} may not do this: {need.value}.")
            held = [role.value for role in roles.held(person.grants, day)]
            actor = queries.actor(person, held)
        with self._act(actor, reason) as act:
            yield act

    @contextmanager
    def invited(self, login: str) -> Iterator[Act]:
        """The first act of somebody who was invited and holds no permission yet."""
        with self.database.session() as session:
            person = queries.find_login(session, login)
            assert person is not None  # noqa: S101
            actor = queries.actor(person, ())
        with self._act(actor, "") as act:
            yield act

    @contextmanager
    def _act(self, actor: Actor, reason: str) -> Iterator[Act]:
        with (
            self.database.session() as session,
            acting(session, actor, reason, _SOURCE, self.strongbox) as act,
        ):
            yield act
