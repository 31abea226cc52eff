"""What the owner of the database can change behind our back is found."""

import pytest

from lims.accounts import signing
from lims.accounts.models import Signature
from lims.demonstration.people import (
    ADMINISTRATOR,
    INSPECTOR,
    REVIEWER,
)
from lims.demonstration.street import FAILING, IN_TEST, RELEASED
from lims.lots import queries as lots
from lims.results import queries as results
from lims.workflow import recording
from tests.laboratory import Browser
from tests.stories.asking import REASON, force
from tests.stories.walking import moved_on


@pytest.mark.req("ES-04")
def test_a_signature_copied_to_another_record_is_not_genuine(walk, demo):
    columns = (
        "person_id, printed_name, login, role, meaning, at, reason, record_type, {id}, record_label,"
        " record_digest, content, signature, key_id"
    )
    force(
        demo,
        f"INSERT INTO signature ({columns.format(id='record_id')})"
        f" SELECT {columns.format(id='record_id + 1')} FROM signature WHERE record_type = 'result' LIMIT 1",
    )
    stage = demo.stage()

    with stage.database.session() as session:
        found = session.query(Signature).order_by(Signature.id).all()
        genuine = [signing.is_genuine(session, each) for each in found]

    stage.close()
    assert all(genuine[:-1])
    assert not genuine[-1]


@pytest.mark.req("LR-01")
@pytest.mark.req("DI-01")
def test_recompute_names_every_result_that_one_changed_byte_spoils(walk, demo):
    force(
        demo,
        "ALTER TABLE stored_file DISABLE TRIGGER USER",
        "UPDATE stored_file SET content = set_byte(content, 5000, (get_byte(content, 5000) + 1) % 256)",
        "ALTER TABLE stored_file ENABLE TRIGGER USER",
    )
    stage = demo.stage()

    with stage.database.session() as session:
        spoiled = [
            sentence
            for number in (RELEASED, FAILING)
            for test in results.tests_of(session, lots.get(session, number))
            for result in test.results
            for sentence in recording.recompute(session, result)
        ]

    stage.close()
    assert len(spoiled) == 2
    assert all("lysis" in each and "SHA-256" in each for each in spoiled)
    assert RELEASED in spoiled[0]
    assert FAILING in spoiled[1]


@pytest.mark.req("CO-12")
def test_a_certificate_file_that_was_changed_is_not_handed_out(walk, demo):
    force(
        demo,
        "ALTER TABLE certificate_file DISABLE TRIGGER USER",
        "UPDATE certificate_file SET content = set_byte(content, 900, 0)",
        "ALTER TABLE certificate_file ENABLE TRIGGER USER",
    )

    answer = walk.at(INSPECTOR).get("/certificates/1/pdf")

    assert answer.status_code == 422
    assert "SHA-256" in answer.text


@pytest.mark.req("AC-02")
def test_a_disabled_person_leaves_signatures_that_still_carry_the_name(walk):
    moved_on(walk.at(ADMINISTRATOR).post(f"/people/{REVIEWER.login}/disable", reason=REASON))

    page = walk.see(INSPECTOR, "/certificates/1")

    assert REVIEWER.name in page.words
    assert Browser(walk.app).sign_in(REVIEWER) == 422


@pytest.mark.req("AC-14")
@pytest.mark.req("ES-12")
def test_who_resets_a_password_cannot_sign_as_the_person(walk, demo):
    old = walk.ask(
        "SELECT serial FROM signing_key k JOIN person p ON p.id = k.person_id WHERE p.login = :l",
        l=REVIEWER.login,
    )
    reset = walk.at(ADMINISTRATOR).post(f"/people/{REVIEWER.login}/reset", reason=REASON)
    import re

    token = re.search(r"/account/invitation/([\w-]+)", reset.text)[1]
    chosen = "administrator chose this one"
    moved_on(Browser(walk.app).post(f"/account/invitation/{token}", password=chosen, again=chosen))
    impostor = Browser(walk.app)
    assert (
        impostor.post("/account/sign-in", login=REVIEWER.login, password=chosen).status_code == 302
    )

    answer = impostor.post(
        f"/review/{walk.result(IN_TEST, 'absence')}",
        decision="approve",
        login=REVIEWER.login,
        password=chosen,
    )

    assert answer.status_code == 403
    assert "identity" in answer.text
    assert walk.ask("SELECT revoked_at IS NOT NULL FROM signing_key WHERE serial = :s", s=old)


@pytest.mark.req("AC-01")
@pytest.mark.parametrize(
    "login", ["ANA.ANALYST", "ana.analyst ", "аna.analyst", "ana\u200b.analyst", "ａna.analyst"]
)
def test_a_login_that_looks_like_another_is_refused(walk, login):
    answer = walk.at(ADMINISTRATOR).post(
        "/people/invite", login=login, name="Somebody Else", roles="analyst", reason=REASON
    )

    assert answer.status_code == 422
