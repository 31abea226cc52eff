"""A whole plate of lysis curves: validity of its controls first, then a call for each sample.

Compare only wells of the same plate. Source: Storms et al. 2020, PHAGE 1:27.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from lims.science import lysis_curves as curve
from lims.science.errors import BadInputs
from lims.science.lysis import (
    PLATE_DEFAULT,
    Call,
    Figures,
    LysisRule,
    checked_curves,
    checked_time,
    figures,
    record,
    well_details,
)
from lims.science.lysis_curves import DUST, Flags, Floats
from lims.science.outcome import Outcome
from lims.science.trace import SILENT, Step, Trace, Tracing, operation, tracing


@dataclass(frozen=True, slots=True)
class Layout:
    """Which rows of the readings are what; rows are numbers from 0.

    Attributes:
        blanks: medium wells; their mean at each read is subtracted from every well.
        controls: uninfected control wells.
        samples: treated wells by sample.
        positives: wells that must lyse; may be empty where the method has none.
        negatives: treated wells that must not lyse, such as the diluent control.
    """

    blanks: tuple[int, ...]
    controls: tuple[int, ...]
    samples: Mapping[str, tuple[int, ...]]
    positives: tuple[int, ...] = ()
    negatives: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlateOutcome:
    """What a plate says.

    Attributes:
        invalid: why no result exists on this plate; empty when the controls passed.
        samples: a call for each sample; each carries the plate's `invalid`.
        control: figures of the controls (growth, control_cv_percent, positive, negative).
        wells: figures of every row of the readings, for a picture of the plate.
        time: hours of the reads used.
    """

    invalid: tuple[str, ...]
    samples: Mapping[str, Outcome]
    control: Mapping[str, object]
    wells: Figures
    time: Floats = field(repr=False)

    @property
    def valid(self) -> bool:
        return not self.invalid


def plate_lysis(
    time_h: ArrayLike,
    od: ArrayLike,
    layout: Layout,
    rule: LysisRule = PLATE_DEFAULT,
    *,
    window: tuple[float, float] | None = None,
    trace: bool = True,
) -> PlateOutcome:
    """Judge a plate of OD600 curves.

    Args:
        time_h: hours of the reads, strictly increasing.
        od: readings, shape (wells, reads), not corrected. Wells that no role names may hold
            anything; the others need a number at every read of the window.
        layout: role of the wells.
        rule: thresholds.
        window: first and last hour used, inclusive; all reads when `None`.
        trace: keep the steps of every sample.

    Returns:
        Per sample an `Outcome` whose value is a `Call`: lysis when enough replicate wells meet
        the criterion; equivocal when some do, or the mean curve's area ratio is not above the
        equivocal ratio; else no lysis. `details` has the mean curve's figures, `wells` one entry
        per well, and wells_lysed.

    Raises:
        BadInputs: the readings or the layout do not fit together.
        NoAnswer: the control has no area above the blank.

    Source: Storms et al. 2020, PHAGE 1:27.
    """
    time = checked_time(time_h)
    raw = _windowed(od, time, window)
    time = time if window is None else checked_time(time[_inside(time, window)])
    used = _used(layout, len(raw), rule.least_wells)
    checked_curves(raw[used], time)
    plate = _Plate.read(time, raw, layout, rule, tracing(trace))
    invalid = plate.invalid()
    means = plate.sample_means()
    samples = {
        name: plate.sample(wells, means, at, invalid, trace=trace)
        for at, (name, wells) in enumerate(layout.samples.items())
    }
    return PlateOutcome(invalid, samples, plate.control_details(), plate.found, time)


@dataclass(frozen=True, slots=True)
class _Plate:
    """The plate after correction, with the figures of all its wells."""

    time: Floats
    raw: Floats
    layout: Layout
    rule: LysisRule
    blank: Floats
    curves: Floats
    control: Floats
    control_area: float
    found: Figures
    steps: tuple[Step, ...]

    @classmethod
    def read(
        cls, time: Floats, raw: Floats, layout: Layout, rule: LysisRule, steps: Tracing
    ) -> "_Plate":
        controls = raw[list(layout.controls)]
        blank = steps.step("blank", "OD", curve.mean_curve, od=raw[list(layout.blanks)])
        inner = steps.step("controls, corrected", "OD", curve.corrected, od=controls, blank=blank)
        control = steps.step("control, mean curve", "OD", curve.mean_curve, od=inner)
        area = steps.step("control area", "OD·h", curve.areas, time=time, curves=control[None, :])
        with np.errstate(invalid="ignore"):  # wells without a role may hold anything
            curves = raw - blank
            found = figures(time, curves, control, float(area[0]), rule)
        return cls(
            time,
            raw,
            layout,
            rule,
            blank,
            curves,
            control,
            float(area[0]),
            found,
            steps.steps,
        )

    # --- validity ---

    @property
    def growth(self) -> float:
        return float(curve.growths(self.control[None, :])[0])

    @property
    def control_cv(self) -> float:
        return curve.cv_of(self.found.area[list(self.layout.controls)])

    def invalid(self) -> tuple[str, ...]:
        rule = self.rule
        found: list[str] = []
        if self.growth < rule.control_growth - DUST:
            found.append(
                f"The control grew by {self.growth:.3f} OD; {rule.control_growth} is needed."
            )
        if self.control_cv > rule.control_cv + DUST:
            found.append(
                f"The control areas vary by {self.control_cv:.1f} %; NMT {rule.control_cv} %."
            )
        if self._call(self.layout.positives) not in {None, Call.LYSIS}:
            found.append("The positive control did not lyse.")
        if self._call(self.layout.negatives) is Call.LYSIS:
            found.append("The negative control lysed.")
        return tuple(found)

    def control_details(self) -> dict[str, object]:
        positive, negative = self._call(self.layout.positives), self._call(self.layout.negatives)
        return {
            "growth": self.growth,
            "control_cv_percent": self.control_cv,
            "auc_control": self.control_area,
            "positive": None if positive is None else positive.value,
            "negative": None if negative is None else negative.value,
        }

    def _call(self, wells: Sequence[int]) -> Call | None:
        if not wells:
            return None
        ratio = float(self.found.area[list(wells)].mean()) / self.control_area
        return _call(self.found.lysed[list(wells)].tolist(), ratio, self.rule)

    # --- samples ---

    def sample_means(self) -> "_Means":
        """The mean curve of every sample with its figures, in the order of the layout."""
        groups = self.layout.samples.values()
        curves = np.array([curve.mean_curve(self.curves[list(wells)]) for wells in groups])
        if not len(curves):
            curves = self.curves[:0]
        found = figures(self.time, curves, self.control, self.control_area, self.rule)
        return _Means(curves, found)

    def sample(
        self,
        wells: Sequence[int],
        means: "_Means",
        at: int,
        invalid: tuple[str, ...],
        *,
        trace: bool,
    ) -> Outcome:
        picked = list(wells)
        flags = tuple(self.found.lysed[picked].tolist())
        ratio = float(means.found.area_ratio[at])
        steps = self._sample_steps(picked, means, at) if trace else SILENT
        word = steps.step("call", "", call, lysed=flags, area_ratio=ratio, **_thresholds(self.rule))
        details = {
            "auc_control": self.control_area,
            **well_details(self.time, means.found, at),
            "wells": tuple(well_details(self.time, self.found, row) for row in picked),
            "wells_lysed": sum(flags),
            "lysis_called": word == Call.LYSIS.value,
        }
        return Outcome(
            word,
            invalid=(*invalid, *self._too_few(picked)),
            warnings=(_PLAQUES,) if word == Call.EQUIVOCAL.value else (),
            trace=self.steps + steps.steps if trace else (),
            details=details,
        )

    def _too_few(self, picked: Sequence[int]) -> tuple[str, ...]:
        least = self.rule.least_wells
        if len(picked) >= least:
            return ()
        return (f"Only {len(picked)} wells; {least} are needed for a call.",)

    def _sample_steps(self, picked: list[int], means: "_Means", at: int) -> Trace:
        steps, curves = Trace(), self.curves[picked]
        raw = {"od": self.raw[picked], "blank": self.blank}
        steps.keep("wells, corrected", "OD", curve.corrected, curves, raw)
        each, mean = self.found.of(picked), means.curves[at : at + 1]
        record(steps, self.time, curves, self.control, self.control_area, each, self.rule)
        steps.keep("mean curve", "OD", curve.mean_curve, mean[0], {"od": curves})
        figure = means.found.of([at])
        record(steps, self.time, mean, self.control, self.control_area, figure, self.rule)
        return steps


@dataclass(frozen=True, slots=True)
class _Means:
    curves: Floats
    found: Figures


_PLAQUES = "Equivocal: confirm by a plaque assay."


@operation("lysis in at least the needed wells; equivocal if some, or mean ratio ≤ limit")
def call(
    lysed: Sequence[bool], area_ratio: float, share_of_wells: float, equivocal_ratio: float
) -> str:
    """The call of a sample from its replicate wells and the area ratio of its mean curve."""
    if sum(lysed) >= ceil(share_of_wells * len(lysed) - DUST):
        return Call.LYSIS.value
    if any(lysed) or area_ratio <= equivocal_ratio + DUST:
        return Call.EQUIVOCAL.value
    return Call.NO_LYSIS.value


def _thresholds(rule: LysisRule) -> dict[str, float]:
    return {"share_of_wells": rule.share_of_wells, "equivocal_ratio": rule.equivocal_ratio}


def _call(lysed: Sequence[bool], ratio: float, rule: LysisRule) -> Call:
    return Call(call(lysed, ratio, rule.share_of_wells, rule.equivocal_ratio))


def _inside(time: Floats, window: tuple[float, float]) -> Flags:
    return (time >= window[0] - DUST) & (time <= window[1] + DUST)


def _windowed(od: ArrayLike, time: Floats, window: tuple[float, float] | None) -> Floats:
    raw: Floats = np.array(od, dtype=float)
    if raw.ndim != 2 or raw.shape[1] != len(time):  # noqa: PLR2004
        raise BadInputs("The readings need one row per well and one column per time.")
    return raw if window is None else raw[:, _inside(time, window)]


def _used(layout: Layout, rows: int, least: int) -> list[int]:
    named = [
        *layout.blanks,
        *layout.controls,
        *layout.positives,
        *layout.negatives,
        *(well for wells in layout.samples.values() for well in wells),
    ]
    if not layout.blanks or len(layout.controls) < least:
        raise BadInputs(f"A plate needs a blank and at least {least} control wells.")
    if len(set(named)) != len(named) or min(named) < 0 or max(named) >= rows:
        raise BadInputs("A well has two roles or is not among the readings.")
    if any(not wells for wells in layout.samples.values()):
        raise BadInputs("Every sample needs at least one well.")
    return named
