"""Settings from the environment: typed, frozen. No secret has a default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lims.foundation.strongbox import HashCost, Strongbox

SHORTEST_SECRET = 32


class SettingMissing(Exception):
    """A setting without which nothing can be served."""


@dataclass(frozen=True)
class Settings:
    """What the serving process knows of its surroundings.

    Attributes:
        application_url: login of the application; must not own tables.
        reader_url: login that only reads, for verification.
        home: folder of local things: keys, secret, checkpoints.
        secret: of the server; keys and cookies depend on it.
        secure_cookies: send cookies over TLS only; on when a proxy with TLS stands in front.
        hash_cost: of argon2id; tests may lower it, a laboratory may not.
    """

    application_url: str = field(repr=False)
    reader_url: str = field(repr=False)
    home: Path
    secret: bytes = field(repr=False)
    secure_cookies: bool = False
    hash_cost: HashCost = field(default_factory=HashCost)

    @property
    def strongbox(self) -> Strongbox:
        return Strongbox(self.secret, self.home / "keys" / "authority.pem", self.hash_cost)


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a serving process.

    Raises:
        SettingMissing: naming the variable and what it holds.
    """
    home = Path(_needed(environment, "LIMS_HOME", "the folder of keys and secret"))
    return Settings(
        application_url=_needed(environment, "DATABASE_URL", "the application's login"),
        reader_url=_needed(environment, "LIMS_READER_URL", "the reader's login"),
        home=home,
        secret=_secret(home / "secrets" / "server-key"),
        secure_cookies=environment.get("LIMS_SECURE_COOKIES", "") == "1",
    )


def _needed(environment: Mapping[str, str], name: str, what: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingMissing(f"{name} is not set; it names {what}. `lims serve` sets it.")
    return value


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise SettingMissing(f"The server's secret {path.name} cannot be read.") from error
    if len(secret) < SHORTEST_SECRET:
        raise SettingMissing(f"The server's secret is shorter than {SHORTEST_SECRET} bytes.")
    return secret
