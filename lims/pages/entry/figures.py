"""What a run gives, fit for a page: the answer, its place between limits, its calculation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import log10
from typing import TypeAlias

from lims import charts
from lims.assays.assay import CheckState, Evaluation, Reported
from lims.results import rules
from lims.results.models import Result, ResultState
from lims.science import criteria_data, rounding
from lims.science.acceptance import Bounds, Criterion
from lims.science.criteria import Measured, Verdict
from lims.science.limits import Limit
from lims.science.outcome import Outcome
from lims.science.plain import Plain, decode, encode

_SIGNS = {
    CheckState.PASSED: "p",
    CheckState.FAILED: "f",
    CheckState.WARNING: "w",
    CheckState.OPEN: "o",
}
_LONGEST_TEXT = 60
_LONGEST_ROW = 8
_Single: TypeAlias = "str | Decimal | None"
_FIGURES = 6


@dataclass(frozen=True)
class Answer:
    """One result as its card shows it.

    Attributes:
        stage: `recorded`, `ready` (to be recorded as it stands), `so far`, `invalid`, `empty`.
        verdict: compared with the specification; None while readings are missing.
        also: what stands beside the value in parentheses.
        unrounded: the value before the one rounding, with all its digits.
        bar: SVG of the value between its limits; empty where there are none.
    """

    test: str
    lot: str
    stage: str
    value: str = ""
    unit: str = ""
    verdict: Verdict | None = None
    also: str = ""
    unrounded: str = ""
    criterion: str = ""
    reason: str = ""
    bar: str = ""


@dataclass(frozen=True)
class Shown:
    """One step of a calculation, its inputs fit for a page."""

    name: str
    formula: str
    inputs: Mapping[str, Plain]
    value: Plain
    unit: str


def answer(result: Result, evaluation: Evaluation) -> Answer:
    """The result as recorded, or as it would be, or as far as the readings go."""
    line = result.test.line
    bare = Answer(line.name, result.test.lot.number, "empty", criterion=line.criterion_text)
    criterion = criteria_data.from_data(line.criterion)
    if result.state is ResultState.INVALID:
        return replace(bare, stage="invalid")
    if result.reported is not None and result.state is not ResultState.RETURNED:
        return _recorded(bare, result, criterion)
    if not evaluation.valid:
        return replace(bare, stage="invalid")
    if evaluation.reported is not None:
        return _of(replace(bare, stage="ready"), evaluation.reported, criterion)
    outcome = evaluation.outcome
    if outcome is None or outcome.value is None or outcome.invalid:
        return bare
    found = _of(replace(bare, stage="so far"), _preview(outcome), criterion)
    return replace(found, verdict=None)


def _recorded(bare: Answer, result: Result, criterion: Criterion) -> Answer:
    text = " ".join(part for part in (result.qualifier, result.reported) if part)
    value = Decimal(result.unrounded) if result.unrounded else None
    return replace(
        bare,
        stage="recorded",
        value=text,
        unit=result.unit or "",
        verdict=result.verdict,
        also=result.also,
        unrounded=result.unrounded or "",
        bar=_bar(value, criterion, bare.test),
    )


def _of(bare: Answer, reported: Reported, criterion: Criterion) -> Answer:
    found = rules.printed(reported, criterion)
    value = reported.measured.value
    number = value if isinstance(value, Decimal) else None
    return replace(
        bare,
        value=f"{found.qualifier} {found.text}".strip(),
        unit=found.unit,
        verdict=found.verdict,
        also=found.also,
        unrounded=found.unrounded,
        reason=found.reason,
        bar=_bar(number, criterion, bare.test),
    )


def _preview(outcome: Outcome) -> Reported:
    """What the readings so far give: not a result, and never recorded."""
    value = outcome.value
    if isinstance(value, str):
        return Reported(Measured(value), words=value.capitalize())
    logarithm = outcome.details.get("log10")
    also = f"{rounding.to_places(logarithm, 2)} log10" if isinstance(logarithm, Decimal) else ""
    number = rounding.exact(str(value))
    return Reported(Measured(number, outcome.unit, outcome.qualifier), also=also)


def _bar(value: Decimal | None, criterion: Criterion, name: str) -> str:
    """The value between its limits; on log10 where the limits are written as powers of ten."""
    if value is None or not isinstance(criterion, Bounds):
        return ""
    limits = [Limit(text) for text in (criterion.lower, criterion.upper) if text is not None]
    logarithmic = all(limit.is_scientific for limit in limits) and value > 0
    lower, upper = (
        _at(text, logarithmic=logarithmic) for text in (criterion.lower, criterion.upper)
    )
    at = log10(value) if logarithmic else float(value)
    scale = "log10 " if logarithmic else ""
    told = " and ".join(f"{limit:g}" for limit in (lower, upper) if limit is not None)
    words = [
        f"{limit:.2f}" if logarithmic and limit is not None else "" for limit in (lower, upper)
    ]
    return charts.range_bar(
        at,
        lower,
        upper,
        f"{name} between its limits",
        f"{scale}{at:.2f}, limits {scale}{told}",
        low_words=words[0],
        high_words=words[1],
    )


def _at(text: str | None, *, logarithmic: bool) -> float | None:
    if text is None:
        return None
    return log10(Limit(text).value) if logarithmic else float(Limit(text).value)


def checks(evaluations: Sequence[Evaluation]) -> list[tuple[str, str, str, str]]:
    """Each check of the run once: sign, words, what is expected, what was found."""
    rows = [
        (_SIGNS[check.state], check.name, check.detail, check.value)
        for evaluation in evaluations
        for check in evaluation.checks
    ]
    return list(dict.fromkeys(rows))


def kept_checks(told: Sequence[Mapping[str, str]]) -> list[tuple[str, str, str, str]]:
    """The checks as they were recorded when the run was submitted."""
    return [
        (_SIGNS[CheckState(each["state"])], each["name"], each["detail"], each["value"])
        for each in told
    ]


def short_list(outcome: Outcome | None) -> list[tuple[str, str]]:
    """The steps that lead to the value, without those that only accompany it."""
    if outcome is None:
        return []
    kept: set[int] = set()
    wanted = [(_single(outcome.value), len(outcome.trace))]
    while wanted:
        value, before = wanted.pop()
        made = _made_at(outcome, value, before)
        if made is not None and made not in kept:
            kept.add(made)
            wanted += [(_single(each), made) for each in outcome.trace[made].inputs.values()]
    return [_short(outcome, at) for at in sorted(kept)]


def _made_at(outcome: Outcome, value: _Single, before: int) -> int | None:
    """The first step that gave a value, among those done before it was used."""
    for at, step in enumerate(outcome.trace[:before]):
        if value is not None and _single(step.value) == value:
            return at
    return None


def _short(outcome: Outcome, at: int) -> tuple[str, str]:
    step = outcome.trace[at]
    return step.name.capitalize(), f"{_figure(_single(step.value))} {step.unit}".strip()


def steps(outcome: Outcome | None) -> list[Shown]:
    """The whole trace with its unrounded values; a long text shows its beginning and length."""
    if outcome is None:
        return []
    return [
        Shown(
            step.name,
            step.formula,
            {key.replace("_", " "): _readable(value) for key, value in step.inputs.items()},
            _readable(step.value),
            step.unit,
        )
        for step in outcome.trace
    ]


def _single(value: object) -> _Single:
    """A value that is one figure or word, also when it stands alone in a list."""
    plain = decode(encode(value))
    if isinstance(plain, Sequence) and not isinstance(plain, str) and len(plain) == 1:
        plain = plain[0]
    if isinstance(plain, int | float | Decimal) and not isinstance(plain, bool):
        return rounding.exact(str(plain))
    return plain if isinstance(plain, str) else None


def _figure(value: _Single) -> str:
    """A value at a glance: six figures; the trace beside it has them all."""
    if not isinstance(value, Decimal):
        return str(value)
    if value == value.to_integral_value() and abs(value) < 10**_FIGURES:
        return f"{int(value)}"
    mantissa, _, exponent = str(rounding.to_figures(value, _FIGURES).normalize()).partition("E")
    shown = f"{mantissa} × 10^{int(exponent)}" if exponent else mantissa
    return shown.replace("-", "−")


def _readable(value: object) -> Plain:
    return _shortened(decode(encode(value)))


def _shortened(value: Plain) -> Plain:
    if isinstance(value, str):
        if len(value) <= _LONGEST_TEXT:
            return value
        return f"{value[:_LONGEST_TEXT]}… ({len(value)} letters)"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key.replace("_", " "): _shortened(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_row(inner) or _shortened(inner) for inner in value]
    return value


def _row(value: Plain) -> str:
    """A row of a table by its ends: a page does not hold every read of every well twice."""
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) <= _LONGEST_ROW:
        return ""
    return f"{value[0]} … {value[-1]}, {len(value)} values"


def faults(told: Sequence[Mapping[str, str]]) -> list[str]:
    """Which checks failed when a run was submitted, in words."""
    return [
        f"{name}: {value} ({detail})" if value else f"{name}: {detail}"
        for sign, name, detail, value in kept_checks(told)
        if sign == "f"
    ]
