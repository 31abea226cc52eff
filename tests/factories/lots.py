"""Many lots in a laboratory, through the actions that a page would call."""

from datetime import timedelta
from decimal import Decimal

from lims.audit.act import Act
from lims.demonstration.people import ANALYST, SECOND_ANALYST
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.lots import queries as lots
from lims.lots.actions import NewLot
from lims.lots.models import Lot
from lims.results import queries as results
from lims.runs import queries as runs
from lims.samples import actions as samples
from lims.samples import queries as sample_queries
from lims.samples.actions import Receipt
from lims.samples.models import Condition
from lims.workflow import recording, registration
from tests.laboratory import Laboratory
from tests.stories import bench


class LotFactory:
    """Lots numbered on from the last; `received` and `tested` say how far each is."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.stage, self.last = laboratory.stage(), 500

    def close(self) -> None:
        self.stage.close()

    def make(self, count: int, *, received: bool = False, tested: bool = False) -> None:
        for _ in range(count):
            self.last += 1
            number = f"BL07-26-{self.last:04d}"
            with self.stage.does(ANALYST, Permission.LOT_REGISTER) as act:
                lot = registration.register(act, _told(number), "BL07-CAP")
                if received or tested:
                    _receive(act, lot)
            if tested:
                self._absence(number)

    def _absence(self, number: str) -> None:
        """One result in review for the lot, all its readings in one act."""
        with self.stage.does(SECOND_ANALYST, Permission.RESULT_ENTER) as act:
            tests = results.tests_of(act.session, lots.get(act.session, number))
            test = next(each for each in tests if each.line.method.assay == "absence")
            run = recording.start(act, test)
            for key, text in bench.absence().items():
                recording.enter(act, runs.get(act.session, run.id), key, text, 0)
            recording.submit(act, run)


def _told(number: str) -> NewLot:
    today = clock.now().date()
    made, expires = today - timedelta(days=15), today + timedelta(days=500)
    return NewLot(number, "40 000 capsules", made, expires, today + timedelta(days=3))


def _receive(act: Act, lot: Lot) -> None:
    sample = sample_queries.get(act.session, f"{lot.number}-S1")
    day = clock.now().date() - timedelta(days=6)
    told = Receipt(Decimal(60), "capsules", Condition.INTACT, Decimal("5.0"), "C-02, 5 °C", day)
    samples.receive(act, sample, told)
