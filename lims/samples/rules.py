"""Decisions about samples: pure."""

from datetime import date
from decimal import Decimal

from lims.foundation.errors import RuleBroken, WrongState
from lims.samples.models import Sample, SampleState


def check_receivable(sample: Sample, amount: Decimal, unit: str) -> None:
    if sample.state is not SampleState.EXPECTED:
        raise WrongState(f"Sample {sample.code}", sample.state.value, "expected")
    if amount <= 0:
        sentence = "Enter an amount above zero."
        raise RuleBroken(sentence, amount=sentence)
    if not unit.strip():
        sentence = "Say what the amount is counted in: capsules, g, mL."
        raise RuleBroken(sentence, unit=sentence)


def check_usable(sample: Sample) -> None:
    """Only a sample that came can be tested."""
    if sample.state is not SampleState.RECEIVED:
        raise WrongState(f"Sample {sample.code}", sample.state.value, "received")


def check_sampled(sampled_on: date, manufactured_on: date, today: date) -> None:
    """A sample is taken after the lot was made and before it is received."""
    if not manufactured_on <= sampled_on <= today:
        sentence = (
            f"The sampling date {sampled_on} must lie between the manufacture on "
            f"{manufactured_on} and today."
        )
        raise RuleBroken(sentence, sampled_on=sentence)
