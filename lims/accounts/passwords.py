"""Passwords: which are refused, and how they are kept."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from lims.foundation.errors import RuleBroken
from lims.foundation.strongbox import HashCost

SHORTEST, LONGEST, REMEMBERED = 15, 1000, 10
_STRONG_ENOUGH = 3
_ZXCVBN_READS = 72


class WeakPassword(RuleBroken):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, password=sentence)


def check(password: str, about: Iterable[str], earlier: Sequence[str]) -> None:
    """Refuse a password that guessing would find (NIST SP 800-63B: length, no composition rules).

    Args:
        password: the new one, any characters.
        about: words of the person and the product that it must not be made of.
        earlier: hashes of the last ones.

    Raises:
        WeakPassword: with what to do instead.
    """
    folded = _folded(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"Use at least {SHORTEST} characters: four or five unrelated words do.")
    words = {_folded(word) for text in about for word in (text, *text.split()) if len(word) > 3}  # noqa: PLR2004
    if any(word in folded for word in words | {"livelot"}):
        raise WeakPassword("Do not use your name, your login or the product's name in it.")
    if _score(folded) < _STRONG_ENOUGH:
        raise WeakPassword("This can be guessed quickly: use four or five unrelated words.")
    if any(matches(kept, password) for kept in earlier[-REMEMBERED:]):
        raise WeakPassword(f"This is one of your last {REMEMBERED} passwords; take a new one.")


def _score(password: str) -> int:
    # Loading its word lists takes 0.2 s and only a change of password needs them.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return int(zxcvbn(password[:_ZXCVBN_READS])["score"])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


@cache
def _hasher(cost: HashCost) -> PasswordHasher:
    return PasswordHasher(cost.time, cost.memory_kib, cost.parallelism)


def hashed(password: str, cost: HashCost) -> str:
    """The argon2id hash to keep."""
    return _hasher(cost).hash(_normal(password))


def matches(kept: str, password: str) -> bool:
    """Whether a password gives a kept hash."""
    try:
        return _hasher(HashCost()).verify(kept, _normal(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def outdated(kept: str, cost: HashCost) -> bool:
    """Whether a kept hash was made with weaker parameters than today's."""
    return _hasher(cost).check_needs_rehash(kept)


@cache
def decoy(cost: HashCost) -> str:
    """A hash to compare with when there is no such login, so that both answers take as long."""
    return hashed("nobody has this password", cost)
