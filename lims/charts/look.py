"""How each class of a picture looks on paper: lims.css, light theme, as attributes."""

from collections.abc import Mapping
from types import MappingProxyType

INK, INK_2, SURFACE, EDGE = "#16211f", "#43504d", "#ffffff", "#7b8783"
HEAT_LOW, HEAT_HIGH = "#f3f7f4", "#0b5a63"
FONT = "Inter, Helvetica, Arial, sans-serif"

_C1, _C2, _C3, _CONTROL, _FAIL, _WARN = (
    "#0b5a63",
    "#b4540a",
    "#57379a",
    "#5f6c68",
    "#a01c1a",
    "#754700",
)


def _stroke(colour: str, width: str, dash: str = "") -> dict[str, str]:
    look = {"fill": "none", "stroke": colour, "stroke-width": width}
    return {**look, "stroke-dasharray": dash} if dash else look


#: class of lims.css: its presentation attributes on white paper
LOOK: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ax": _stroke(EDGE, "1"),
        "gr": _stroke("#e6eae7", "1"),
        "l1": _stroke(_C1, "2"),
        "l2": _stroke(_C2, "2", "9 3"),
        "l3": _stroke(_C3, "2", "2 3"),
        "thin": {**_stroke(_C1, "1"), "stroke-opacity": "0.45"},
        "lc": _stroke(_CONTROL, "1.75", "5 3"),
        "bl": _stroke(_C1, "1.25", "2 3"),
        "ahead": _stroke(_C1, "2", "7 5"),
        "spec": _stroke(_FAIL, "1.75", "8 4"),
        "warnl": _stroke(_WARN, "1.25", "3 3"),
        "ctr": _stroke(INK_2, "1.25"),
        "mark": _stroke(INK, "1.25", "4 3"),
        "band": {"fill": _C1, "fill-opacity": "0.14", "stroke": "none"},
        "cband": {"fill": "#e6eae7", "stroke": "none"},
        "zone": {"fill": "#fbe8e6", "fill-opacity": "0.5", "stroke": "none"},
        "runs": {"fill": "#fcefd3", "fill-opacity": "0.75", "stroke": "none"},
        "pt": {"fill": SURFACE, "stroke": _C1, "stroke-width": "2"},
        "bad": {"fill": _FAIL, "stroke": SURFACE, "stroke-width": "1.5"},
        "odd": {"fill": _WARN, "stroke": SURFACE, "stroke-width": "1"},
        "plan": _stroke(_CONTROL, "1"),
        "tip": {"fill": INK, "stroke": "none"},
        "frame": {"fill": SURFACE, "stroke": "#dde2de", "stroke-width": "1"},
        "frame-bad": {"fill": SURFACE, "stroke": _FAIL, "stroke-width": "2"},
        "rail": {"fill": "#eaedea", "stroke": "#c6cec9", "stroke-width": "1"},
        "ok": {"fill": "#e3f1e7", "stroke": "#17633a", "stroke-width": "1"},
        "well": {"stroke": EDGE, "stroke-width": "0.75"},
        "well-blank": {"stroke": EDGE, "stroke-width": "1.25", "stroke-dasharray": "3 2"},
        "well-ctl": {"stroke": _C3, "stroke-width": "2"},
        "well-std": {"stroke": _C2, "stroke-width": "2"},
        "well-flag": {"stroke": _FAIL, "stroke-width": "2.5"},
        "none": {"fill": SURFACE, "stroke": "#dde2de", "stroke-width": "0.75"},
        "t": {"fill": INK_2},
        "t-s": {"fill": INK_2, "font-size": "9.5"},
        "lab": {"fill": INK, "font-weight": "600"},
        "c1lab": {"fill": _C1, "font-weight": "600"},
        "speclab": {"fill": _FAIL, "font-weight": "600"},
        "warnlab": {"fill": _WARN, "font-weight": "600"},
        "role": {"fill": INK, "font-size": "7", "font-weight": "700"},
        "role-hi": {"fill": SURFACE, "font-size": "7", "font-weight": "700"},
        "val": {"fill": INK, "font-size": "9"},
        "val-hi": {"fill": SURFACE, "font-size": "9"},
    }
)
