"""What the gallery page shows: invented figures, the same on every run."""

import math

from lims import charts
from lims.charts.kinetics import Series


class Item(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def growth(lysis: float | None = None, top: float = 1.25, hours: int = 24) -> Series:
    points = []
    for i in range(hours * 4 + 1):
        t = i / 4
        rise = 0.03 + (top - 0.03) / (1 + math.exp(2.2 * (4.4 - t)))
        if lysis is not None and t > lysis:
            rise = 0.06 + (top - 0.06) * math.exp(-(t - lysis) / 1.4) + 0.012 * (t - lysis)
        points.append((t, round(rise + 0.006 * math.sin(3.1 * t), 4)))
    return points


def wells() -> list[charts.Well]:
    looks = {"B": "blank", "C": "ctl", "P": "std", "S": ""}
    made = []
    for r in range(8):
        for c in range(12):
            role = "BCP"[c] if c < 3 else "S" if r < 6 else "B" if (r == 7 and c > 8) else ""
            value = {"B": 0.041, "C": 1.24, "P": 0.09, "S": 0.21 if r == 4 and c > 8 else 1.18}.get(
                role, 0
            )
            value += 0.01 * ((r * 12 + c) % 7)
            flag = "blank reads 0.187, limit 0.080" if (r, c) == (2, 0) else ""
            made.append(
                charts.Well(
                    f"{'ABCDEFGH'[r]}{c + 1}",
                    role,
                    f"{value:.2f}" if role else "",
                    charts.heat_level(value, 0, 1.35),
                    looks.get(role, ""),
                    flag,
                )
            )
    return made


def wells384() -> list[charts.Well]:
    return [
        charts.Well(
            f"{'ABCDEFGHIJKLMNOP'[r]}{c + 1}",
            "S",
            f"{(r + c) / 38:.2f}",
            charts.heat_level(r + c, 0, 38),
        )
        for r in range(15)
        for c in range(24)
    ]


def panels() -> list[charts.Panel]:
    host = growth()
    lysed = {"Indicator LB-5": 7.4, "Lysis control": 5.2}
    names = [*(f"Indicator LB-{n}" for n in range(1, 7)), "Lysis control"]
    return [
        charts.Panel(
            name,
            growth(lysed.get(name), 1.24),
            host,
            drop_at=lysed.get(name),
            words="Lysis" if name in lysed else "No lysis",
            flagged=name == "Indicator LB-5",
        )
        for name in names
    ]


def detail_panel() -> charts.Panel:
    host = growth()
    return charts.Panel(
        "Indicator LB-5",
        growth(7.4),
        host,
        replicates=[growth(7.1), growth(7.7)],
        band=[(t, (v or 0) * 0.955, (v or 0) * 1.045) for t, v in host],
        drop_at=7.4,
    )


def control_points() -> list[charts.ControlPoint]:
    values = [
        10.55,
        10.57,
        10.52,
        10.58,
        10.54,
        10.56,
        10.51,
        10.43,
        10.55,
        10.58,
        10.59,
        10.6,
        10.61,
        10.62,
    ]
    return [
        charts.ControlPoint(f"{101 + i}", v, beyond=i == 7, in_run=i > 8)
        for i, v in enumerate(values)
    ]


LINES = charts.ControlLines(10.55, 10.458, 10.642, 10.412, 10.688)
STABILITY = [
    (0, 10.64),
    (1, 10.57),
    (2, 10.61),
    (3, 10.55),
    (6, 10.53),
    (9, 10.44),
    (12, 10.43),
    (18, 10.31),
]


def fit() -> list[charts.FitPoint]:
    def at(month: float) -> charts.FitPoint:
        mean = 10.62 - 0.0175 * month
        half = 0.03 + 0.0022 * abs(month - 6)
        return charts.FitPoint(month, mean, mean - half, mean + half)

    return [at(m / 2) for m in range(73)]


def pictures() -> Item:
    shown = panels()
    axes = charts.axes_for(shown)
    points = control_points()
    return Item(
        plate=charts.plate_grid(wells()),
        plate384=charts.plate_grid(wells384(), 16, 24),
        panels=[
            Item(
                title=p.title,
                svg=charts.mini(p, axes, f"{p.words}, compared with the host control"),
                tone="bad" if p.flagged else "ctl" if p.title == "Lysis control" else "",
                left="index 0.66" if p.drop_at else "index 0.01",
                right="limit 0.10",
            )
            for p in shown
        ],
        detail=charts.detail(
            detail_panel(),
            axes,
            "The density falls from 7.4 h while the host control stays at 1.25",
            sample_note="n = 3, thin lines",
            control_note="mean ± 2 SD, n = 6",
        ),
        detail_table=charts.curves_table([detail_panel()], "Optical density by time"),
        control=charts.control(
            points,
            LINES,
            "Viable count, log10",
            "One lot lies below minus 2 SD and the last five lie above the mean",
            runs=[charts.ShadedRun(9, 13, "Rule 3: 5 in a row above the mean")],
            across_label="Lot, in order of test date",
        ),
        control_table=charts.control_table(points, "Viable count by lot", "log10 CFU"),
        stability=charts.stability(
            STABILITY,
            fit(),
            charts.Limit(10.0, "Lower limit 10.0"),
            "Viable count at 5 °C",
            "The lower bound meets the limit of 10.0 at 29.4 months",
            crossing=29.4,
            pulls=[24, 30],
            time_label="Time at 5 °C ± 3 °C, months",
            value_label="Viable count, log10 CFU per capsule",
        ),
        stability_table=charts.stability_table(
            STABILITY,
            [10.62 - 0.0175 * t for t, _ in STABILITY],
            "Values and regression",
            "log10 CFU",
        ),
        spark=charts.spark([p.value for p in points], "Last lots", "One low value", odd=7),
        range_bar=charts.range_bar(
            10.55,
            10.0,
            11.0,
            "Viable count",
            "10.55 lies between 10.00 and 11.00",
            low_words="10.00",
            high_words="11.00",
        ),
    )


def frame_context() -> dict[str, object]:
    """The context that base.html asks for."""
    nav = [
        ("My queue", "queue", 9, "q", ""),
        ("Lots", "lot", "", "l", ""),
        ("Plate import", "plate", "", "", ""),
        ("Review", "eye", 4, "r", "Quality"),
        ("Release", "shield", 2, "", ""),
        ("Audit trail", "log", "", "", "Insight"),
        ("Products and methods", "gear", "", "", "Set-up"),
    ]
    return {
        "title": "Components",
        "nav": [
            Item(label=a, url="#", icon=b, count=c, active=a == "Lots", key=d, section=e)
            for a, b, c, d, e in nav
        ],
        "menu": [
            Item(label="Account", url="#", icon="user", method="get"),
            Item(label="Sign out", url="#", icon="out", method="post"),
        ],
        "person": Item(name="Analyst A", role="Analyst", initials="AA", shortcuts=True),
        "laboratory": Item(name="QC Microbiology"),
        "lock": Item(after=900, url="/lock", unlock_url="/unlock"),
        "theme": "light",
        "version": "0.1.0",
        "pictures": pictures(),
    }
