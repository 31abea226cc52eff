"""Who may do what: one table, written by hand, compared with the guards and with real answers."""

import pytest

from lims.accounts.models import Role
from lims.accounts.roles import GRANTED, permissions
from lims.foundation.permissions import Permission as P  # noqa: N817
from lims.web.guard import PUBLIC, need_of
from tests.house.routes import address, keys_of, rules
from tests.laboratory import BY_ROLE, Browser

TABLE: dict[tuple[str, str], P | str] = {
    # Start, search, help
    ("GET", "/"): P.LOOK,
    ("GET", "/search"): P.LOOK,
    ("GET", "/help"): P.LOOK,
    # Lots and samples
    ("GET", "/lots/"): P.LOOK,
    ("GET", "/lots/<number>"): P.LOOK,
    ("GET", "/lots/register"): P.LOT_REGISTER,
    ("POST", "/lots/register"): P.LOT_REGISTER,
    ("POST", "/lots/<number>/hold"): P.LOT_HOLD,
    ("POST", "/lots/<number>/resume"): P.LOT_HOLD,
    ("POST", "/lots/<number>/cancel"): P.LOT_CANCEL,
    ("POST", "/lots/<number>/reject"): P.LOT_DECIDE,
    ("GET", "/lots/<number>/samples/<code>/label"): P.LOOK,
    ("GET", "/lots/<number>/samples/<code>/code.svg"): P.LOOK,
    ("GET", "/lots/<number>/samples/<code>/receive"): P.SAMPLE_HANDLE,
    ("POST", "/lots/<number>/samples/<code>/receive"): P.SAMPLE_HANDLE,
    ("POST", "/lots/<number>/samples/<code>/void"): P.SAMPLE_HANDLE,
    # Entry
    ("GET", "/entry/"): P.LOOK,
    ("GET", "/entry/<int:run_id>"): P.LOOK,
    ("GET", "/entry/<int:run_id>/recompute"): P.LOOK,
    ("GET", "/entry/begin/<int:test_id>"): P.RESULT_ENTER,
    ("POST", "/entry/start/<int:test_id>"): P.RESULT_ENTER,
    ("POST", "/entry/<int:run_id>/reading"): P.RESULT_ENTER,
    ("POST", "/entry/<int:run_id>/submit"): P.RESULT_ENTER,
    # Plate import
    ("GET", "/imports/"): P.LOOK,
    ("GET", "/imports/<int:import_id>"): P.LOOK,
    ("GET", "/imports/<int:import_id>/file"): P.LOOK,
    ("POST", "/imports/"): P.RESULT_ENTER,
    ("POST", "/imports/<int:import_id>/layout"): P.RESULT_ENTER,
    ("POST", "/imports/<int:import_id>/leave-out"): P.RESULT_ENTER,
    ("POST", "/imports/<int:import_id>/take-back"): P.RESULT_ENTER,
    ("POST", "/imports/<int:import_id>/read-again"): P.RESULT_ENTER,
    ("POST", "/imports/<int:import_id>/discard"): P.RESULT_ENTER,
    ("POST", "/imports/<int:import_id>/confirm"): P.RESULT_ENTER,
    # Review
    ("GET", "/review/"): P.LOOK,
    ("GET", "/review/<int:result_id>"): P.LOOK,
    ("POST", "/review/<int:result_id>"): P.RESULT_REVIEW,
    # Release
    ("GET", "/release/"): P.LOOK,
    ("GET", "/release/<number>"): P.LOT_DECIDE,
    ("POST", "/release/<number>/release"): P.LOT_DECIDE,
    ("POST", "/release/<number>/hold"): P.LOT_DECIDE,
    ("POST", "/release/<number>/reject"): P.LOT_DECIDE,
    # Certificates, and the check for everybody
    ("GET", "/certificates/"): P.LOOK,
    ("GET", "/certificates/<int:certificate_id>"): P.LOOK,
    ("GET", "/certificates/<int:certificate_id>/pdf"): P.LOOK,
    ("GET", "/certificates/draft/<number>.pdf"): P.CERTIFICATE_PREPARE,
    ("POST", "/certificates/register.json"): P.LOOK,
    ("POST", "/certificates/prepare/<number>"): P.CERTIFICATE_PREPARE,
    ("POST", "/certificates/<int:certificate_id>/sign"): P.CERTIFICATE_SIGN,
    ("POST", "/certificates/<int:certificate_id>/void"): P.CERTIFICATE_SIGN,
    ("POST", "/certificates/<int:certificate_id>/withdraw"): P.LOT_DECIDE,
    ("GET", "/verify"): PUBLIC,
    ("GET", "/verify/<key>"): PUBLIC,
    ("GET", "/verify/authority.pem"): PUBLIC,
    ("GET", "/verify/revocations.pem"): PUBLIC,
    # Set-up and insight
    ("GET", "/catalogue/"): P.LOOK,
    ("GET", "/catalogue/<word>/<int:key>"): P.LOOK,
    ("GET", "/catalogue/<word>/new"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/<word>/new"): P.CATALOGUE_AUTHOR,
    ("GET", "/catalogue/<word>/<int:key>/edit"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/<word>/<int:key>/edit"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/<word>/<int:key>/author"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/<word>/<int:key>/withdraw"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/<word>/<int:key>/new-version"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/<word>/<int:key>/approve"): P.CATALOGUE_APPROVE,
    ("POST", "/catalogue/<word>/<int:key>/send-back"): P.CATALOGUE_APPROVE,
    ("GET", "/catalogue/specification/<int:key>/lines/new"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/specification/<int:key>/lines/new"): P.CATALOGUE_AUTHOR,
    ("GET", "/catalogue/specification/<int:key>/lines/<int:position>"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/specification/<int:key>/lines/<int:position>"): P.CATALOGUE_AUTHOR,
    ("GET", "/catalogue/strains/new"): P.CATALOGUE_AUTHOR,
    ("POST", "/catalogue/strains/new"): P.CATALOGUE_AUTHOR,
    ("GET", "/laboratory/"): P.LOOK,
    ("GET", "/laboratory/description"): P.LOOK,
    ("POST", "/laboratory/description"): P.PEOPLE_ADMINISTER,
    ("GET", "/laboratory/instruments/new"): P.LABORATORY_KEEP,
    ("POST", "/laboratory/instruments/new"): P.LABORATORY_KEEP,
    ("GET", "/laboratory/instruments/<code>"): P.LOOK,
    ("POST", "/laboratory/instruments/<code>/calibration"): P.LABORATORY_KEEP,
    ("POST", "/laboratory/instruments/<code>/out-of-service"): P.LABORATORY_KEEP,
    ("GET", "/laboratory/materials/new"): P.LABORATORY_KEEP,
    ("POST", "/laboratory/materials/new"): P.LABORATORY_KEEP,
    ("GET", "/laboratory/materials/<code>"): P.LOOK,
    ("POST", "/laboratory/materials/<code>/accept"): P.LABORATORY_KEEP,
    ("POST", "/laboratory/materials/<code>/reject"): P.LABORATORY_KEEP,
    ("GET", "/audit/"): P.AUDIT_READ,
    ("GET", "/audit/<record_type>/<int:record_id>"): P.AUDIT_READ,
    ("GET", "/audit/events/<int:number>"): P.AUDIT_READ,
    ("POST", "/audit/export.csv"): P.AUDIT_READ,
    ("POST", "/audit/export.jsonl"): P.AUDIT_READ,
    ("POST", "/audit/verify"): P.AUDIT_READ,
    ("GET", "/people/"): P.LOOK,
    ("GET", "/people/invite"): P.PEOPLE_ADMINISTER,
    ("POST", "/people/invite"): P.PEOPLE_ADMINISTER,
    ("GET", "/people/<login>"): P.LOOK,
    ("POST", "/people/<login>/grant"): P.PEOPLE_ADMINISTER,
    ("POST", "/people/<login>/withdraw/<int:grant_id>"): P.PEOPLE_ADMINISTER,
    ("POST", "/people/<login>/identity"): P.IDENTITY_CHECK,
    ("POST", "/people/<login>/unlock"): P.PEOPLE_ADMINISTER,
    ("POST", "/people/<login>/reset"): P.PEOPLE_ADMINISTER,
    ("POST", "/people/<login>/disable"): P.PEOPLE_ADMINISTER,
    # Account
    ("GET", "/account/"): P.OWN_ACCOUNT,
    ("POST", "/account/password"): P.OWN_ACCOUNT,
    ("POST", "/account/shortcuts"): P.OWN_ACCOUNT,
    ("POST", "/account/lock"): P.OWN_ACCOUNT,
    ("GET", "/account/unlock"): P.OWN_ACCOUNT,
    ("POST", "/account/unlock"): P.OWN_ACCOUNT,
    ("POST", "/account/sign-out"): P.OWN_ACCOUNT,
    ("GET", "/account/sign-in"): PUBLIC,
    ("POST", "/account/sign-in"): PUBLIC,
    ("GET", "/account/invitation/<token>"): PUBLIC,
    ("POST", "/account/invitation/<token>"): PUBLIC,
    ("GET", "/static/<path:filename>"): PUBLIC,
}

OWN = {
    "/account/password",
    "/account/shortcuts",
    "/account/lock",
    "/account/unlock",
    "/account/sign-out",
}
"""What an inspector changes: nothing but the state of the own account and session."""

TOLD = {
    "/audit/export.csv",
    "/audit/export.jsonl",
    "/audit/verify",
    "/certificates/register.json",
}
"""What an inspector takes away or asks to be computed: it leaves an event, and no record changes."""

REFUSED = "Nothing was changed."
"""How the guard ends its sentence; a rule that refuses inside an action says something else."""

ENDS_THE_SESSION = ("account.lock", "account.sign_out")


@pytest.fixture(scope="module")
def keys(shared_demo):
    return keys_of(shared_demo)


@pytest.mark.req("AC-05")
def test_every_route_has_a_row_and_every_row_a_route(shared_app):
    assert {(method, rule.rule) for rule, method in rules(shared_app)} == set(TABLE)


@pytest.mark.req("AC-05")
def test_every_guard_asks_for_what_the_table_says(shared_app):
    asked = {
        (method, rule.rule): need_of(shared_app, rule.endpoint)
        for rule, method in rules(shared_app)
    }

    assert asked == TABLE


def _ask(client: Browser, token: str, method: str, url: str):
    if method == "GET":
        return client.get(url)
    return client.client.post(url, data={"csrf_token": token})


def _answers(app, keys, client, token):
    """The answer of each route; what ends the session comes last."""
    for rule, method in sorted(rules(app), key=lambda each: each[0].endpoint in ENDS_THE_SESSION):
        if rule.endpoint in ENDS_THE_SESSION:
            client.sign_in(client.who)
            token = client.token()
        yield method, rule.rule, _ask(client, token, method, address(app, rule, keys))


@pytest.mark.req("AC-05")
@pytest.mark.req("RL-01")
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_every_route_answers_every_role_as_the_table_says(app, demo, role):
    keys, client = keys_of(demo), Browser(app, BY_ROLE[role])
    client.who = BY_ROLE[role]
    wrong = []

    for method, rule, answer in _answers(app, keys, client, client.token()):
        need = TABLE[method, rule]
        may = need == PUBLIC or need in GRANTED[role]
        refused = answer.status_code == 403 and REFUSED in answer.text
        if may == refused or answer.status_code >= 500 or answer.status_code == 401:
            wrong.append((method, rule, answer.status_code))
        answer.close()

    assert wrong == []


@pytest.mark.req("AC-05")
def test_nobody_without_a_session_gets_past_a_guard(shared_app, keys):
    client, wrong = Browser(shared_app), []
    token = client.token()

    for rule, method in rules(shared_app):
        if TABLE[method, rule.rule] == PUBLIC:
            continue
        answer = _ask(client, token, method, address(shared_app, rule, keys))
        sent_away = answer.status_code == 302 and "/account/sign-in" in answer.location
        if not (sent_away if method == "GET" else answer.status_code == 401):
            wrong.append((method, rule.rule, answer.status_code))
        answer.close()

    assert wrong == []


@pytest.mark.req("EX-03")
def test_an_inspector_changes_nothing():
    open_to_inspectors = {
        rule
        for (method, rule), need in TABLE.items()
        if method != "GET" and need != PUBLIC and need in GRANTED[Role.INSPECTOR]
    }

    assert open_to_inspectors == OWN | TOLD


@pytest.mark.req("AC-06")
@pytest.mark.parametrize("role", [Role.ANALYST, Role.QC_APPROVER, Role.QA, Role.LAB_MANAGER])
def test_an_administrator_with_a_second_role_decides_nothing_about_quality(role):
    both = permissions([Role.ADMINISTRATOR, role])

    assert both <= GRANTED[Role.ADMINISTRATOR]


@pytest.mark.req("AC-02")
def test_no_route_deletes(shared_app):
    assert not [rule.rule for rule, method in rules(shared_app) if method == "DELETE"]
    assert not [rule for _, rule in TABLE if "delete" in rule]
