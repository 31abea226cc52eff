"""Every change is told by its event, and every event can be read as a sentence (AT-01)."""

import ast
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from lims.accounts.keys.authority import AuthorityUse
from lims.audit.sentences import TEMPLATES
from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    INSPECTOR,
    MANAGER,
    QUALITY,
    REVIEWER,
    SECOND_ANALYST,
    Login,
)
from lims.demonstration.street import FAILING
from lims.foundation import clock
from tests.house.routes import rules
from tests.house.trail import Watch
from tests.laboratory import Browser
from tests.stories import bench
from tests.stories.walking import Walk, moved_on

LIMS = Path(__file__).parents[2] / "lims"
BUILT = {"use.use.value": {each.value for each in AuthorityUse}}
"""Names that are values of an enumeration, by the expression that noted them."""


def _trees():
    for path in sorted(LIMS.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _constants(node):
    """The texts an expression may give: a constant, or either arm of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _constants(node.body) | _constants(node.orelse)
    return set()


def _calls(tree, name):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            if called == name:
                yield node


def _named_in(function, name, trees):
    """The texts of a local name: what it is assigned, or what callers pass for the parameter."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
            found |= _constants(node.value)
    parameters = [each.arg for each in function.args.args]
    if name in parameters:
        at = parameters.index(name)
        for _, tree in trees:
            for call in _calls(tree, function.name):
                found |= _constants(call.args[at]) if len(call.args) > at else set()
    return found


@cache
def noted():
    """Every name of an event that some code notes, with where."""
    trees, found = list(_trees()), {}
    for path, tree in trees:
        for call in _calls(tree, "record_refusal"):
            for name in _constants(call.args[2]):
                found.setdefault(name, set()).add(str(path.relative_to(LIMS)))
        for function in _functions(tree):
            for call in _calls(function, "note"):
                if not call.args:
                    continue
                if function.name == "record_refusal":
                    continue
                names = _constants(call.args[0])
                if isinstance(call.args[0], ast.Name):
                    names = _named_in(function, call.args[0].id, trees)
                written = ast.unparse(call.args[0])
                for name in names or BUILT.get(written, {f"?{written}"}):
                    found.setdefault(name, set()).add(f"{path.relative_to(LIMS)}: {function.name}")
    return found


def test_every_event_that_is_noted_has_a_sentence():
    without = {name: sorted(where) for name, where in noted().items() if name not in TEMPLATES}

    assert without == {}


def test_every_sentence_belongs_to_an_event_that_is_noted():
    assert set(TEMPLATES) - set(noted()) == set()


# --- AT-01: every mutating route, watched ---------------------------------------------------------


class Witness:
    """Stands before the application: compares the tables with the trail around every POST."""

    def __init__(self, app, owner_url):
        self.app, self.inner, self.watch = app, app.wsgi_app, Watch(owner_url)
        self.seen = []
        app.wsgi_app = self

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] != "POST":
            return self.inner(environ, start_response)
        endpoint, _ = self.app.url_map.bind_to_environ(environ).match()
        status = []

        def started(line, *rest):
            status.append(int(line.split()[0]))
            return start_response(line, *rest)

        answer = self.inner(environ, started)
        self.seen.append((endpoint, status[0], self.watch.look()))
        return answer


NEW, MADE = "BL07-26-0301", "BL07-26-0302"
REASON = "A reason that says why in words"


def _own_account(walk):
    at = walk.at(ANALYST)
    at.post("/account/shortcuts", on="y")
    at.post("/account/lock")
    at.post("/account/unlock", password=ANALYST.password)
    new = "a quite different river stone"
    at.post("/account/password", old=ANALYST.password, password=new, again=new)
    walk.leave(ANALYST)
    at = Browser(walk.app)
    at.sign_in(ANALYST, new)
    at.post(
        "/account/password",
        old=new,
        password="yet another lamp in winter",
        again="yet another lamp in winter",
    )
    at.sign_in(ANALYST, "wrong password at the door")
    at.sign_in(ANALYST, "yet another lamp in winter")
    at.post("/account/sign-out")
    Browser(walk.app).sign_in(Login("nobody.there", "", "no such password here", "", ()))
    return replace(ANALYST, password="yet another lamp in winter")


def _people(walk):
    admin = walk.at(ADMINISTRATOR)
    invited = admin.post(
        "/people/invite", login="nia.new", name="Nia New", roles="analyst", reason=REASON
    )
    token = re.search(r"/account/invitation/([\w-]+)", invited.text)[1]
    Browser(walk.app).post(
        f"/account/invitation/{token}",
        password="seven blue chairs sing",
        again="seven blue chairs sing",
    )
    walk.at(MANAGER).post("/people/nia.new/identity", evidence="passport shown in person")
    day = str(clock.now().date())
    admin.post("/people/nia.new/grant", role="inspector", starts_on=day, reason=REASON)
    grant = walk.ask("SELECT max(id) FROM role_grant")
    admin.post(f"/people/nia.new/withdraw/{grant}", reason=REASON)
    for _ in range(5):
        Browser(walk.app).post("/account/sign-in", login="nia.new", password="not her password")
    admin.post("/people/nia.new/unlock", reason=REASON)
    admin.post("/people/nia.new/reset", reason=REASON)
    admin.post("/people/nia.new/disable", reason=REASON)


def _laboratory(walk):
    manager, day = walk.at(MANAGER), str(clock.now().date() + timedelta(days=90))
    manager.post(
        "/laboratory/instruments/new",
        code="INC-09",
        name="Incubator 9",
        kind="incubator",
        serial="I-9",
        calibration_due=day,
    )
    manager.post("/laboratory/instruments/INC-09/calibration", due=day, reason=REASON)
    manager.post("/laboratory/instruments/INC-09/out-of-service", reason=REASON)
    manager.post(
        "/laboratory/materials/new",
        code="MRS-9",
        name="Agar",
        kind="medium",
        supplier_lot="S",
        expires_on=day,
    )
    manager.post("/laboratory/materials/MRS-9/accept", reason=REASON)
    manager.post("/laboratory/materials/MRS-9/reject", reason=REASON)
    walk.send(
        ADMINISTRATOR,
        "/laboratory/description",
        "/laboratory/description",
        telephone="+1",
        idle_minutes="20",
        address="2 Invented Street",
        reason=REASON,
    )


def _catalogue(walk):
    """A method in a second version and back, a specification's lines, a strain, a first draft."""
    walk.send(
        MANAGER,
        "/catalogue/strains/new",
        "/catalogue/strains/new",
        code="LR01",
        taxon="Limosilactobacillus reuteri",
        designation="LR-01",
    )
    walk.at(MANAGER).post(
        "/catalogue/layout/new",
        code="PH-006-B",
        title="One sample",
        assay="lysis_kinetics",
        size="96",
        host="B9",
        lysis="B2",
        diluent="B8",
        blank="A1",
        samples="E5",
    )
    method = walk.ask("SELECT id FROM method WHERE code = 'MB-012'")
    made = _drafted(walk, "method", method)
    walk.send(MANAGER, f"{made}/edit", f"{made}/edit", title="Viable count, anaerobic")
    walk.sign(MANAGER, made, f"{made}/author")
    walk.send(QUALITY, made, f"{made}/send-back", reason=REASON)
    walk.sign(MANAGER, made, f"{made}/author")
    walk.sign(QUALITY, made, f"{made}/approve")
    given_up = _drafted(walk, "method", int(made.rsplit("/", 1)[1]))
    walk.send(MANAGER, given_up, f"{given_up}/withdraw", reason=REASON)
    specification = walk.ask("SELECT id FROM specification WHERE state = 'approved'")
    draft = _drafted(walk, "specification", specification)
    walk.send(MANAGER, f"{draft}/lines/1", f"{draft}/lines/1", name="Identity of the strain")
    added = walk.send(
        MANAGER,
        f"{draft}/lines/new",
        f"{draft}/lines/new",
        name="Viable count again",
        lower="1.0e9",
        criterion_text="Not less than 1.0 × 10^9 CFU/dose",
        unit="CFU/dose",
        method="MB-012",
    )
    moved_on(added)
    walk.send(MANAGER, draft, f"{draft}/withdraw", reason=REASON)


def _drafted(walk, word, key):
    page = f"/catalogue/{word}/{key}"
    return moved_on(walk.send(MANAGER, page, f"{page}/new-version", reason=REASON)).location


def _lots(walk):
    walk.new_lot(NEW)
    walk.register(MADE)
    walk.sign(MANAGER, f"/lots/{MADE}", f"/lots/{MADE}/hold", reason=REASON)
    walk.sign(MANAGER, f"/lots/{MADE}", f"/lots/{MADE}/resume", reason=REASON)
    walk.sign(ANALYST, f"/lots/{MADE}", f"/lots/{MADE}/samples/{MADE}-S1/void", reason=REASON)
    walk.sign(MANAGER, f"/lots/{MADE}", f"/lots/{MADE}/cancel", reason=REASON)
    digest = walk.see(MANAGER, f"/lots/{FAILING}")
    assert "on hold" in digest.words
    walk.at(QUALITY).post(
        f"/lots/{FAILING}/reject", login=QUALITY.login, password=QUALITY.password, reason=REASON
    )


def _previews(walk):
    refused = walk.upload(b"this is no plate", "notes.txt")
    key = refused.location.rsplit("/", 1)[1]
    walk.at(ANALYST).post(f"/imports/{key}/read-again")
    walk.at(ANALYST).post(f"/imports/{key}/discard", reason=REASON)
    again = walk.upload(bench.plate_file("left out"))
    key = int(again.location.rsplit("/", 1)[1])
    walk.lay_out(key, {})
    walk.at(ANALYST).post(f"/imports/{key}/leave-out", well="E5", reason=REASON)
    walk.at(ANALYST).post(f"/imports/{key}/take-back", well="E5")


def _street(walk):
    """Registration to release, with an invalid run, a correction, a void and a withdrawal."""
    run = walk.start(NEW, "plate_count", ANALYST)
    walk.fill(run, ANALYST, bench.count(blank="3"))
    walk.submit(run, ANALYST)
    run = walk.start(NEW, "plate_count", ANALYST, REASON)
    walk.fill(run, ANALYST, bench.count())
    walk.cell(run, ANALYST, "plate:1:-6:2", "164", REASON)
    walk.submit(run, ANALYST)
    walk.done(NEW, "sequence_identity", SECOND_ANALYST, bench.identity())
    walk.done(NEW, "absence", SECOND_ANALYST, bench.absence())
    walk.plate({1: NEW})
    walk.review(walk.result(NEW, "absence"), decision="return", reason=REASON)
    walk.submit(
        walk.ask("SELECT max(run_id) FROM result WHERE id = :id", id=walk.result(NEW, "absence")),
        SECOND_ANALYST,
    )
    for assay in ("sequence_identity", "plate_count", "absence", "lysis_kinetics"):
        walk.review(walk.result(NEW, assay))
    first = walk.prepare(NEW)
    walk.sign(REVIEWER, f"/certificates/{first}", f"/certificates/{first}/void", reason=REASON)
    walk.sign(QUALITY, f"/release/{NEW}", f"/release/{NEW}/hold", reason=REASON)
    walk.sign(QUALITY, f"/lots/{NEW}", f"/lots/{NEW}/resume", reason=REASON)
    key = walk.certify(NEW)
    walk.release(NEW)
    walk.see(INSPECTOR, f"/certificates/{key}")
    walk.sign(QUALITY, f"/certificates/{key}", f"/certificates/{key}/withdraw", reason=REASON)
    walk.at(QUALITY).post(
        f"/release/{NEW}/reject", login=QUALITY.login, password=QUALITY.password, reason=REASON
    )


def _trail(walk):
    for export in ("export.csv", "export.jsonl"):
        answer = walk.at(INSPECTOR).post(f"/audit/{export}")
        assert answer.data
    walk.at(INSPECTOR).post("/audit/verify")
    assert walk.at(INSPECTOR).post("/certificates/register.json").data


@pytest.fixture(scope="module")
def watched(shared_app, shared_demo):
    """Everything that can be done, done once, each request watched."""
    witness = Witness(shared_app, shared_demo.urls.owner)
    walk = Walk(shared_app, shared_demo)
    for scene in (
        _laboratory,
        _catalogue,
        _people,
        _lots,
        _previews,
        _street,
        _trail,
        _own_account,
    ):
        scene(walk)
    shared_app.wsgi_app = witness.inner
    witness.watch.close()
    return witness.seen


@pytest.mark.req("AT-01")
def test_the_trail_tells_exactly_what_changed_in_every_request(watched):
    untold = [
        (endpoint, status, _unequal(found.changed, found.told))
        for endpoint, status, found in watched
        if found.changed != found.told
    ]

    assert untold == []


def _unequal(changed, told):
    places = changed.keys() | told.keys()
    return {p: (changed.get(p), told.get(p)) for p in places if changed.get(p) != told.get(p)}


@pytest.mark.req("DI-10")
@pytest.mark.req("AT-01")
def test_the_walk_does_everything_that_can_be_done(watched, shared_app):
    done = {endpoint for endpoint, status, _ in watched if status < 400}

    possible = {rule.endpoint for rule, method in rules(shared_app) if method == "POST"}

    assert possible - done == set()


@pytest.mark.req("AC-21")
def test_every_request_that_was_accepted_left_an_event(watched):
    silent = {endpoint for endpoint, status, found in watched if status < 400 and not found.actions}

    assert silent <= SILENT


SILENT = {"audit.verify"}
"""Asks and changes nothing."""


@pytest.mark.req("AC-21")
def test_refused_sign_ins_are_told_too(watched):
    refused = [
        action
        for endpoint, status, found in watched
        if endpoint == "account.enter" and status == 422
        for action in found.actions
    ]

    assert refused.count("password.wrong") == 6
    assert {"login.unknown", "account.locked"} <= set(refused)


def test_nearly_every_kind_of_event_happens_in_the_walk(watched, shared_app):
    """What does not is done at the command line or before the first lot."""
    happened = {action for _, _, found in watched for action in found.actions}

    assert {each for each in set(TEMPLATES) - happened if each not in ELSEWHERE} == set()


ELSEWHERE = {
    "laboratory.founded",
    "authority.created",
    "authority.revoked",
    "login.refused",
    "lot.in_test",
    "certificate.downloaded",
    "file.downloaded",
    "access.refused",
    "backup.made",
    "backup.restored",
}
