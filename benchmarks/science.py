"""How much the science costs beside the same arithmetic in bare numpy and scipy.

    python benchmarks/science.py [--rounds N] [--share S] [--report FILE]

Four workloads at full size (`--share 1`): 10,000 plate-count results, 1,000 fits of a 4PL curve
to 96 wells, 1,000 lysis plates of 96 wells and 97 reads, 1,000 shelf-life decisions of three lots
with seven ages. Each is run with the trace, without it, and bare, in turns within one process;
medians of the rounds are reported. The bare versions were written for speed, check nothing, keep
nothing and round nothing; they must give the same numbers, which is asserted first.
"""

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import log10
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import brentq, least_squares
from scipy.special import chdtrc, fdtrc, gammainccinv, gammaincinv, stdtrit

from lims.science.dose_response import fit_logistic
from lims.science.lysis_plate import Layout, plate_lysis
from lims.science.plate_count import BAM, Plate, estimate
from lims.science.shelf_life import Criterion, Point, shelf_life

Answer = float
Run = Callable[[], list[Answer]]


@dataclass(frozen=True)
class Workload:
    """Three ways to the same answers; `size` says how many results one run gives."""

    name: str
    size: int
    traced: Run
    plain: Run
    bare: Run


# --- plate counts ----------------------------------------------------------------------------


def plate_counts(size: int) -> Workload:
    generator = np.random.default_rng(1)
    counts = generator.poisson([150, 150, 30, 30], size=(size, 4)).clip(25, 250)
    dilutions = (Decimal("1e-6"), Decimal("1e-6"), Decimal("1e-7"), Decimal("1e-7"))
    volume = Decimal("0.1")
    given = [
        [Plate(d, volume, int(c)) for d, c in zip(dilutions, row, strict=True)] for row in counts
    ]
    rows = [tuple(map(int, row)) for row in counts]

    def ours(*, trace: bool) -> list[Answer]:
        return [float(estimate(plates, BAM, trace=trace).value) for plates in given]

    def bare() -> list[Answer]:
        return [_bare_count(row, (1e-7, 1e-7, 1e-8, 1e-8))[0] for row in rows]

    return Workload(
        "plate-count results", size, partial(ours, trace=True), partial(ours, trace=False), bare
    )


def _bare_count(counts: Sequence[int], amounts: Sequence[float]) -> tuple[float, ...]:
    """Estimate, log10, exact limits, linearity and dispersion tests."""
    total, amount = sum(counts), sum(amounts)
    estimated = total / amount
    lower = gammaincinv(total, 0.025) / amount
    upper = gammainccinv(total + 1, 0.025) / amount
    c, m = np.array(counts), np.array(amounts)
    g2 = 2 * np.sum(c * np.log(c / (total * m / amount)))
    tests = [chdtrc(3, g2)]
    for pair in (counts[:2], counts[2:]):
        mean = (pair[0] + pair[1]) / 2
        tests.append(chdtrc(1, ((pair[0] - mean) ** 2 + (pair[1] - mean) ** 2) / mean))
    return (estimated, log10(estimated), lower, upper, *tests)


# --- 4PL curves ------------------------------------------------------------------------------


def curves(size: int) -> Workload:
    generator = np.random.default_rng(2)
    doses = np.repeat(np.logspace(-2, 2, 12), 8)
    truth = 0.1 + (2.0 - 0.1) / (1 + (doses / 1.5) ** 1.2)
    wells = [truth + generator.normal(0, 0.03, len(doses)) for _ in range(size)]
    x, ys = doses.tolist(), [y.tolist() for y in wells]

    def ours(*, trace: bool) -> list[Answer]:
        return [float(fit_logistic(x, y, trace=trace).value) for y in ys]

    def bare() -> list[Answer]:
        return [_bare_curve(doses, y) for y in wells]

    return Workload(
        "4PL fits of 96 wells", size, partial(ours, trace=True), partial(ours, trace=False), bare
    )


def _bare_curve(x: np.ndarray, y: np.ndarray) -> float:
    """C by scipy's own least squares, with standard errors from its Jacobian."""
    logs = np.log(x)

    def residuals(p: np.ndarray) -> np.ndarray:
        return p[3] + (p[0] - p[3]) / (1 + np.exp(p[1] * (logs - p[2]))) - y

    start = np.array([y[:8].mean(), 1.0, np.log(1.0), y[-8:].mean()])
    found = least_squares(residuals, start, method="lm", xtol=1e-12, ftol=1e-12, gtol=1e-12)
    variance = 2 * found.cost / (len(y) - 4)
    np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)) * variance)
    return float(np.exp(found.x[2]))


# --- lysis plates ----------------------------------------------------------------------------


def plates(size: int) -> Workload:
    time_h = np.arange(97) * 0.25
    layout = Layout(
        blanks=tuple(range(4)),
        controls=tuple(range(4, 9)),
        samples={f"S{at}": tuple(9 + 3 * at + k for k in range(3)) for at in range(27)},
        positives=(90, 91, 92),
        negatives=(93, 94, 95),
    )
    base = [_plate(np.random.default_rng(seed), time_h) for seed in range(min(size, 20))]
    readings = [base[at % len(base)] for at in range(size)]

    def ours(*, trace: bool) -> list[Answer]:
        found = (plate_lysis(time_h, od, layout, trace=trace) for od in readings)
        return [float(plate.wells.area_ratio[9:90].sum()) for plate in found]

    def bare() -> list[Answer]:
        return [_bare_plate(time_h, od, layout) for od in readings]

    return Workload(
        "lysis plates, 96 × 97", size, partial(ours, trace=True), partial(ours, trace=False), bare
    )


def _plate(generator: np.random.Generator, time_h: np.ndarray) -> np.ndarray:
    growth = 0.05 + 1 / (1 + np.exp(-(time_h - 8)))
    lysis = growth * np.where(time_h > 8, np.exp(-(time_h - 8) / 2), 1)
    rows = [0 * growth] * 4 + [growth] * 5
    for sample in range(27):
        rows += [lysis if sample % 3 == 0 else growth] * 3
    rows += [lysis] * 3 + [growth] * 3
    return 0.09 + np.array(rows) + generator.normal(0, 0.002, (96, len(time_h)))


def _bare_plate(time_h: np.ndarray, od: np.ndarray, layout: Layout) -> float:
    y = od - od[list(layout.blanks)].mean(axis=0)
    control = y[list(layout.controls)].mean(axis=0)
    means = np.array([y[list(wells)].mean(axis=0) for wells in layout.samples.values()])
    reference = np.trapezoid(control, time_h)
    ratios, lysed = _bare_figures(time_h, y, control, reference)
    mean_ratios, _ = _bare_figures(time_h, means, control, reference)
    for wells, ratio in zip(layout.samples.values(), mean_ratios, strict=True):
        _ = lysed[list(wells)].sum() >= 2 or ratio <= 0.9
    return float(ratios[9:90].sum())


def _bare_figures(
    time_h: np.ndarray, y: np.ndarray, control: np.ndarray, reference: float
) -> tuple[np.ndarray, np.ndarray]:
    ratios = np.trapezoid(y, time_h, axis=1) / reference
    peaks = np.maximum.accumulate(y, axis=1)
    drops = np.where(peaks > 0.05, (peaks - y) / peaks, 0)
    at = drops.argmax(axis=1)
    deepest = drops[np.arange(len(y)), at]
    below = (y < 0.8 * control) & (control > 0)
    (below[:, 1:] & below[:, :-1]).argmax(axis=1)
    y.argmax(axis=1)
    np.where(np.arange(y.shape[1]) >= at[:, None], y, -np.inf).max(axis=1)
    return ratios, (ratios <= 0.8) | (deepest >= 0.3)


# --- shelf life ------------------------------------------------------------------------------

AGES = np.array([0, 3, 6, 9, 12, 18, 24], dtype=float)


def shelf_lives(size: int) -> Workload:
    generator = np.random.default_rng(4)
    lots = 10 - 0.012 * AGES + generator.normal(0, 0.02, (size, 3, len(AGES)))
    given = [
        [
            Point(f"L{lot}", float(month), float(value))
            for lot, row in enumerate(rows)
            for month, value in zip(AGES, row, strict=True)
        ]
        for rows in lots
    ]
    criterion = Criterion(lower=9.5)

    def ours(*, trace: bool) -> list[Answer]:
        found = (shelf_life(points, criterion, trace=trace) for points in given)
        return [float(each.details["F_batch_time"]) for each in found]

    def bare() -> list[Answer]:
        return [_bare_shelf_life(rows, 9.5) for rows in lots]

    return Workload(
        "shelf-life fits", size, partial(ours, trace=True), partial(ours, trace=False), bare
    )


def _bare_shelf_life(rows: np.ndarray, limit: float) -> float:
    """The three models, both F tests, and every crossing, as the product reports them."""
    k, n = rows.shape
    tc, means = AGES - AGES.mean(), rows.mean(axis=1)
    stt = tc @ tc
    slopes = (rows - means[:, None]) @ tc / stt
    own = ((rows - means[:, None] - slopes[:, None] * tc) ** 2).sum(axis=1)
    common = slopes.mean()
    rss_f, rss_s = own.sum(), ((rows - means[:, None] - common * tc) ** 2).sum()
    rss_l = ((rows - means.mean() - common * tc) ** 2).sum()
    df = k * n - 2 * k
    f1 = (rss_s - rss_f) / (k - 1) / (rss_f / df)
    f2 = (rss_l - rss_s) / (k - 1) / (rss_f / df)
    fdtrc(k - 1, df, f1), fdtrc(k - 1, df, f2)
    _bare_crossing(means.mean(), common, rss_l / (k * n - 2), k * n - 2, k * n, k * stt, limit)
    for lot in range(k):
        for slope, rss, freedom, spread in (
            (common, rss_s, k * n - k - 1, k * stt),
            (slopes[lot], rss_f, df, stt),
            (slopes[lot], own[lot], n - 2, stt),
        ):
            _bare_crossing(means[lot], slope, rss / freedom, freedom, n, spread, limit)
    return float(f1)


def _bare_crossing(
    mean: float, slope: float, ms: float, df: int, n: int, stt: float, limit: float
) -> float:
    q, centre = stdtrit(df, 0.95), AGES.mean()

    def above(t: float) -> float:
        d = t - centre
        return mean + slope * d - q * (ms * (1 / n + d * d / stt)) ** 0.5 - limit

    return brentq(above, 0, 500) if above(500) < 0 < above(0) else float("nan")


# --- running ---------------------------------------------------------------------------------


def measure(workload: Workload, rounds: int) -> dict[str, float]:
    """Median seconds of each way, taken in turns."""
    assert np.allclose(workload.plain(), workload.bare(), rtol=1e-5), workload.name
    ways = {"traced": workload.traced, "plain": workload.plain, "bare": workload.bare}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            started = time.process_time()
            run()
            seconds[name].append(time.process_time() - started)
    return {name: statistics.median(found) for name, found in seconds.items()}


def report(rows: list[tuple[Workload, dict[str, float]]], rounds: int) -> str:
    lines = [
        "# What the science costs",
        "",
        "Written by `python benchmarks/science.py --report docs/benchmarks-science.md`; see there",
        "what the bare versions do. Each way computes the same numbers (asserted to 1e-5) from the",
        f"same data in one process, in turns; medians of {rounds} rounds, processor time for the",
        "whole size. Repeat with `--rounds` and, for a quick look, `--share 0.05`.",
        "The bare versions are what a skilled person would write for speed alone: no checks, no",
        "decimal arithmetic, no units, no warnings, no sentences, nothing kept.",
        "",
        f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__},",
        f"{platform.machine()}, a shared machine with other work running.",
        "",
        "| workload | size | traced | without | bare | traced/bare | without/bare | one, traced |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for workload, s in rows:
        each = 1e3 * s["traced"] / workload.size
        lines.append(
            f"| {workload.name} | {workload.size:,} | {s['traced']:.2f} s | {s['plain']:.2f} s "
            f"| {s['bare']:.2f} s | {s['traced'] / s['bare']:.1f} "
            f"| {s['plain'] / s['bare']:.1f} | {each:.2f} ms |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    sizes = {plate_counts: 10_000, curves: 1000, plates: 1000, shelf_lives: 1000}
    rows = []
    for make, size in sizes.items():
        workload = make(max(1, int(size * options.share)))
        rows.append((workload, measure(workload, options.rounds)))
        print(f"{workload.name}: {rows[-1][1]}", file=sys.stderr, flush=True)
    text = report(rows, options.rounds)
    print(text)
    if options.report is not None:
        options.report.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
