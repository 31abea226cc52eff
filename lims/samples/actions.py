"""What happens to samples: expected, received, voided."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lims.accounts import signing
from lims.accounts.models import Meaning
from lims.audit.act import Act
from lims.foundation.errors import WrongState
from lims.lots.models import Lot
from lims.samples import queries, rules
from lims.samples.models import Condition, Sample, SampleState


@dataclass(frozen=True)
class Receipt:
    """In which amount and condition a sample came."""

    amount: Decimal
    unit: str
    condition: Condition
    temperature_c: Decimal | None
    storage: str
    sampled_on: date


def expect(act: Act, lot: Lot) -> Sample:
    """Announce a sample of a lot, with the code its label will carry."""
    number = len(queries.of_lot(act.session, lot)) + 1
    sample = Sample(code=f"{lot.number}-S{number}", lot_id=lot.id, state=SampleState.EXPECTED)
    act.session.add(sample)
    act.session.flush()
    act.note("sample.expected", sample)
    return sample


def receive(act: Act, sample: Sample, receipt: Receipt) -> None:
    rules.check_receivable(sample, receipt.amount, receipt.unit)
    rules.check_sampled(receipt.sampled_on, sample.lot.manufactured_on, act.at.date())
    sample.state = SampleState.RECEIVED
    sample.amount, sample.unit = receipt.amount, receipt.unit.strip()
    sample.condition, sample.temperature_c = receipt.condition, receipt.temperature_c
    sample.storage = receipt.storage.strip()
    sample.sampled_on = receipt.sampled_on
    sample.received_by_id, sample.received_at = act.actor.id, act.at
    act.note(
        "sample.received",
        sample,
        condition=receipt.condition,
        amount=receipt.amount,
        unit=sample.unit,
    )


def void(act: Act, sample: Sample, password: str) -> None:
    """Declare a sample unusable, signed and with a reason; it stays visible."""
    if sample.state is SampleState.VOID:
        raise WrongState(f"Sample {sample.code}", sample.state.value, "expected or received")
    content: dict[str, object] = {"code": sample.code, "state": sample.state}
    sample.void_reason = act.need_reason()
    signing.sign(act, Meaning.VOIDED, sample, content, password)
    sample.state = SampleState.VOID
    act.note("sample.voided", sample)
