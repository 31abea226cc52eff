"""What happens to lots: registration and changes of state."""

from dataclasses import dataclass
from datetime import date

from lims.audit.act import Act
from lims.foundation import clock
from lims.foundation.errors import RuleBroken, WrongState
from lims.lots import queries, rules
from lims.lots.models import Lot, LotState
from lims.site import queries as site
from lims.specifications.models import Specification


@dataclass(frozen=True)
class NewLot:
    """What a person says of a lot when it comes."""

    number: str
    size: str
    manufactured_on: date
    expires_on: date
    due_on: date | None = None
    substance_lot: str = ""
    cell_bank: str = ""


class NumberUsed(RuleBroken):
    def __init__(self, number: str) -> None:
        sentence = f"There is already a lot {number}; a lot number is used once."
        super().__init__(sentence, number=sentence)


def register(act: Act, told: NewLot, specification: Specification) -> Lot:
    """Enter a lot and bind it to the specification that is effective on this day (LR-02)."""
    number = told.number.strip()
    if not number:
        raise RuleBroken("Enter the lot number.", number="Enter the lot number.")
    if queries.find(act.session, number) is not None:
        raise NumberUsed(number)
    zone = site.laboratory(act.session).zone
    rules.check_dates(told.manufactured_on, told.expires_on, clock.local(act.at, zone).date())
    lot = Lot(
        number=number,
        product_id=specification.product_id,
        specification_id=specification.id,
        size=told.size.strip(),
        substance_lot=told.substance_lot.strip(),
        cell_bank=told.cell_bank.strip(),
        manufactured_on=told.manufactured_on,
        expires_on=told.expires_on,
        due_on=told.due_on,
        state=LotState.REGISTERED,
        registered_by_id=act.actor.id,
        registered_at=act.at,
    )
    act.session.add(lot)
    act.session.flush()
    act.note("lot.registered", lot, specification=specification.label)
    return lot


def move(act: Act, lot: Lot, to: LotState, event: str, **facts: object) -> None:
    """Take a lot to another state, where its life allows it."""
    rules.check_move(lot, to)
    lot.state = to
    lot.state_reason = act.reason
    act.note(event, lot, None, **facts)


def hold(act: Act, lot: Lot) -> None:
    """Put a lot on hold; what it was is kept, so that it can go on from there."""
    rules.check_move(lot, LotState.ON_HOLD)
    before = lot.state
    lot.state, lot.held_from, lot.state_reason = LotState.ON_HOLD, before, act.reason
    act.note("lot.held", lot, before=before)


def resume(act: Act, lot: Lot) -> None:
    """Take a lot off hold, back to where it stood."""
    if lot.state is not LotState.ON_HOLD or lot.held_from is None:
        raise WrongState(f"Lot {lot.number}", lot.state.value, "on hold")
    before, lot.held_from = lot.held_from, None
    lot.state, lot.state_reason = before, act.reason
    act.note("lot.resumed", lot, to=before)


def leave_hold(lot: Lot) -> None:
    """Forget what a held lot was, because it moves on to a final state."""
    lot.held_from = None


def content(lot: Lot) -> dict[str, object]:
    """What a signature about a lot covers."""
    return {
        "number": lot.number,
        "product": lot.product_id,
        "specification": lot.specification_id,
        "state": lot.state,
        "held_from": lot.held_from,
        "revision": lot.revision,
    }


def check_can_hold(lot: Lot) -> None:
    rules.check_move(lot, LotState.ON_HOLD)


def check_can_reject(lot: Lot) -> None:
    rules.check_move(lot, LotState.REJECTED)


def check_can_cancel(lot: Lot) -> None:
    rules.check_move(lot, LotState.CANCELLED)


def check_can_release(lot: Lot) -> None:
    rules.check_move(lot, LotState.RELEASED)
