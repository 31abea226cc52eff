"""People who do their work through the pages: every request is one that a browser could send."""

import io
import re
from collections.abc import Mapping
from datetime import timedelta

from flask import Flask
from sqlalchemy import create_engine, text

from lims.demonstration.people import ANALYST, QUALITY, REVIEWER, SECOND_ANALYST, Login
from lims.foundation import clock
from tests.laboratory import Browser, Laboratory
from tests.markup import Page
from tests.stories import bench


def moved_on(answer):
    """The answer of a post that was accepted; else the page's words say why not."""
    assert answer.status_code == 302, f"{answer.status_code}: {Page(answer.text).words}"
    return answer


class Walk:
    """One laboratory with everybody's browser; the last answer is kept in `answer`."""

    def __init__(self, app: Flask, demo: Laboratory) -> None:
        self.app, self.demo = app, demo
        self._browsers: dict[Login, Browser] = {}

    def at(self, who: Login) -> Browser:
        """The browser of a person, signed in when first needed."""
        if who not in self._browsers:
            self._browsers[who] = Browser(self.app, who)
        return self._browsers[who]

    def leave(self, who: Login) -> None:
        """Forget a browser whose session ended; the next use signs in anew."""
        self._browsers.pop(who, None)

    def see(self, who: Login, address: str) -> Page:
        answer = self.at(who).get(address)
        assert answer.status_code == 200, (answer.status_code, answer.location)
        return Page(answer.text)

    def send(self, who: Login, page: str, action: str, having: Mapping[str, str] = {}, **typed):
        """Fill in the form on a page that posts to `action`, and send it."""
        fields = self.see(who, page).form(action, **having).fields | typed
        return self.at(who).client.post(action, data=fields)

    def sign(
        self,
        who: Login,
        page: str,
        action: str,
        having: Mapping[str, str] = {},
        password: str = "",
        **typed,
    ):
        """The same for a dialog that signs: login and password are typed."""
        words = {"login": who.login, "password": password or who.password}
        return self.send(who, page, action, having, **words, **typed)

    def ask(self, query: str, **values: object):
        """One value from the database, through the inspector's login."""
        engine = create_engine(self.demo.urls.reader)
        with engine.connect() as connection:
            found = connection.scalar(text(query), values)
        engine.dispose()
        return found

    # --- a lot and its tests ------------------------------------------------------------------

    def register(self, number: str, who: Login = ANALYST, **other: str):
        today = clock.now().date()
        told = {
            "number": number,
            "product": "BL07-CAP",
            "size": "41 200 capsules",
            "manufactured_on": str(today - timedelta(days=20)),
            "expires_on": str(today + timedelta(days=520)),
            "substance_lot": "DS-1",
            "cell_bank": "BL07-WCB-05, vial 212",
        }
        return self.send(who, "/lots/register", "/lots/register", **(told | other))

    def receive(self, number: str, who: Login = ANALYST, **other: str):
        told = {
            "amount": "60",
            "unit": "capsules",
            "temperature_c": "5.1",
            "storage": "C-02, 5 °C",
            "sampled_on": str(clock.now().date() - timedelta(days=6)),
        }
        address = f"/lots/{number}/samples/{number}-S1/receive"
        return self.send(who, address, address, **(told | other))

    def new_lot(self, number: str) -> None:
        moved_on(self.register(number))
        moved_on(self.receive(number))

    def test(self, number: str, assay: str) -> int:
        return self.ask(
            "SELECT t.id FROM planned_test t JOIN lot l ON l.id = t.lot_id"
            " JOIN specification_line s ON s.id = t.line_id JOIN method m ON m.id = s.method_id"
            " WHERE l.number = :number AND m.assay = :assay",
            number=number,
            assay=assay,
        )

    def result(self, number: str, assay: str) -> int:
        """The newest attempt at a test."""
        return self.ask(
            "SELECT max(id) FROM result WHERE test_id = :test", test=self.test(number, assay)
        )

    def state(self, number: str) -> str:
        return self.ask("SELECT state FROM lot WHERE number = :number", number=number)

    def start(self, number: str, assay: str, who: Login, reason: str = "") -> int:
        """Begin a test; the run's number."""
        address = f"/entry/start/{self.test(number, assay)}"
        answer = moved_on(self.at(who).post(address, reason=reason))
        found = re.fullmatch(r"/entry/(\d+)", answer.location)
        assert found, answer.location
        return int(found[1])

    def fill(self, run: int, who: Login, readings: Mapping[str, str], **more: str):
        """Type readings into the sheet and save it."""
        return self.send(who, f"/entry/{run}", f"/entry/{run}/reading", **readings, **more)

    def cell(self, run: int, who: Login, key: str, typed: str, reason: str = ""):
        """Leave one cell, as the script of the page sends it."""
        shown = self.see(who, f"/entry/{run}").form(f"/entry/{run}/reading").fields["version"]
        return self.at(who).post(
            f"/entry/{run}/reading", htmx=True, **{key: typed, "version": shown, "reason": reason}
        )

    def submit(self, run: int, who: Login):
        form = self.see(who, f"/entry/{run}").form(f"/entry/{run}/reading")
        return self.at(who).client.post(f"/entry/{run}/submit", data=form.fields)

    def done(self, number: str, assay: str, who: Login, readings: Mapping[str, str]) -> int:
        """A test from its start to its submission."""
        run = self.start(number, assay, who)
        moved_on(self.fill(run, who, readings))
        moved_on(self.submit(run, who))
        return run

    # --- a plate file -------------------------------------------------------------------------

    def upload(self, content: bytes, name: str = "plate.csv", who: Login = ANALYST):
        browser = self.at(who)
        return browser.client.post(
            "/imports/",
            data={"csrf_token": browser.token(), "file": (io.BytesIO(content), name)},
            content_type="multipart/form-data",
        )

    def lay_out(self, import_id: int, matched: Mapping[int, int], who: Login = ANALYST):
        """Layout and reader chosen, slots matched to tests."""
        layout = self.ask("SELECT id FROM plate_layout WHERE state = 'approved'")
        page, address = f"/imports/{import_id}", f"/imports/{import_id}/layout"
        slots = {f"slot-{slot}": str(test) for slot, test in matched.items()}
        first = {"layout": str(layout), "equipment": "RD-02"}
        return self.send(who, page, address, **first, **slots)

    def plate(self, numbers: Mapping[int, str], who: Login = ANALYST, mark: str = "2") -> int:
        """A plate file from upload to submission, its sample slots matched to lots."""
        answer = moved_on(self.upload(bench.plate_file(mark), who=who))
        import_id = int(answer.location.rsplit("/", 1)[1])
        tests = {slot: self.test(number, "lysis_kinetics") for slot, number in numbers.items()}
        moved_on(self.lay_out(import_id, tests, who))
        confirmed = moved_on(
            self.send(who, f"/imports/{import_id}", f"/imports/{import_id}/confirm")
        )
        run = int(confirmed.location.rsplit("/", 1)[1])
        moved_on(self.fill(run, who, bench.lysis()))
        moved_on(self.submit(run, who))
        return run

    # --- review, certificate, release ---------------------------------------------------------

    def review(
        self,
        result: int,
        who: Login = REVIEWER,
        decision: str = "approve",
        reason: str = "",
        **typed: str,
    ):
        address = f"/review/{result}"
        having = {"decision": decision}
        return self.sign(who, address, address, having, reason=reason, **typed)

    def tested(self, number: str) -> None:
        """All four tests of a new lot done by two people and reviewed by a third."""
        self.new_lot(number)
        self.done(number, "sequence_identity", SECOND_ANALYST, bench.identity())
        self.done(number, "plate_count", ANALYST, bench.count())
        self.done(number, "absence", SECOND_ANALYST, bench.absence())
        self.plate({1: number})
        for assay in ("sequence_identity", "plate_count", "absence", "lysis_kinetics"):
            moved_on(self.review(self.result(number, assay)))
        assert self.state(number) == "tested"

    def prepare(self, number: str, who: Login = REVIEWER) -> int:
        address = f"/certificates/prepare/{number}"
        answer = moved_on(self.send(who, f"/lots/{number}", address))
        return int(answer.location.rsplit("/", 1)[1])

    def certify(self, number: str) -> int:
        """A certificate prepared and signed for quality control."""
        key = self.prepare(number)
        moved_on(self.sign(REVIEWER, f"/certificates/{key}", f"/certificates/{key}/sign"))
        return key

    def release(self, number: str, who: Login = QUALITY, **typed: str):
        reason = {"reason": "All results conform, records reviewed"} | typed
        return self.sign(who, f"/release/{number}", f"/release/{number}/release", **reason)
