"""Which passwords are taken, and how they are kept."""

import time
import unicodedata

import pytest
from argon2 import extract_parameters
from sqlalchemy import select

from lims.accounts import passwords
from lims.accounts.models import Person
from lims.accounts.passwords import WeakPassword
from lims.audit.act import SYSTEM, acting
from lims.demonstration.people import ANALYST
from lims.foundation.db import Database
from lims.foundation.strongbox import HashCost
from tests.laboratory import CHEAP, Browser

ABOUT = ("vera.vogel", "Vera Vogel")
GOOD = "copper lantern drifts northward"


@pytest.mark.req("AC-13")
@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "gänseblümchen über den zaun",
        "三つの 静かな 湖と 古い 木の橋 の 向こう",
        "x7!qL0 pR2#vT9-zK",
        "violet harbour " * 20,
        "violet harbour " * 66,
    ],
)
def test_long_passwords_of_any_characters_are_taken_within_a_second(password):
    begun = time.perf_counter()

    passwords.check(password, ABOUT, [])

    assert time.perf_counter() - begun < 1


@pytest.mark.req("AC-13")
@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen signs", "at least 15"),
        ("Xk7!qL0#pR2vT9", "at least 15"),
        ("a" * 1001, "at least 15"),
        ("aaaaaaaaaaaaaaaaaaaa", "guessed quickly"),
        ("passwordpassword1", "guessed quickly"),
        ("qwertyuiopasdfgh", "guessed quickly"),
        ("123456789012345678", "guessed quickly"),
        ("vera.vogel and seven more", "your name"),
        ("seven more for VOGEL today", "your name"),
        ("seven more for ＶＯＧＥＬ today", "your name"),
        ("Livelot opens seven doors", "your name"),
    ],
)
def test_passwords_that_guessing_would_find_are_refused(password, why):
    with pytest.raises(WeakPassword, match=why):
        passwords.check(password, ABOUT, [])


@pytest.mark.req("AC-13")
def test_the_last_ten_passwords_are_not_taken_again():
    kept = [passwords.hashed(f"{GOOD} {number}", CHEAP) for number in range(11)]

    passwords.check(f"{GOOD} 0", ABOUT, kept)
    with pytest.raises(WeakPassword, match="last 10"):
        passwords.check(f"{GOOD} 1", ABOUT, kept)


@pytest.mark.req("AC-12")
def test_a_password_is_kept_as_argon2id_with_strong_parameters():
    kept = passwords.hashed(GOOD, HashCost())

    parameters = extract_parameters(kept)

    assert kept.startswith("$argon2id$")
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3
    assert parameters.parallelism >= 4
    assert GOOD not in kept


def test_one_password_typed_in_two_ways_is_one():
    kept = passwords.hashed(unicodedata.normalize("NFD", "gänseblümchen über"), CHEAP)

    assert passwords.matches(kept, unicodedata.normalize("NFC", "gänseblümchen über"))
    assert not passwords.matches(kept, "ganseblumchen uber")
    assert not passwords.matches("", "anything")


@pytest.mark.req("AC-12")
def test_a_hash_with_weaker_parameters_is_made_anew_at_the_next_sign_in(app, demo):
    weaker = HashCost(time=1, memory_kib=16, parallelism=2)
    kept = passwords.hashed(ANALYST.password, weaker)
    database = Database(demo.urls.application)
    with database.session() as session, acting(session, SYSTEM) as act:
        _credential(session).password_hash = kept
        act.note("test.happened")

    Browser(app, ANALYST)

    with database.session() as session:
        now = _credential(session).password_hash
    database.close()
    assert now != kept
    assert not passwords.outdated(now, CHEAP)
    assert passwords.matches(now, ANALYST.password)


def _credential(session):
    person = session.scalars(select(Person).where(Person.login == ANALYST.login)).one()
    return person.credential
