"""Mixing of colours as the style sheet does it, for pictures that must stand alone.

Sources: B. Ottosson, A perceptual color space for image processing (OKLab), 2020; WCAG 2.2.
"""

from collections.abc import Sequence

Triple = tuple[float, float, float]

_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
_LINEAR_END = 0.0031308
_ENCODED_END = 0.04045


def mix(first: str, second: str, part: float) -> str:
    """`second` mixed into `first` in OKLab, as color-mix(in oklab) does; `part` from 0 to 1."""
    a, b = _lab(first), _lab(second)
    return _hex(_rgb_of([x + (y - x) * part for x, y in zip(a, b, strict=True)]))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of WCAG 2.2, from 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _times(matrix: Sequence[Triple], vector: Sequence[float]) -> Triple:
    x, y, z = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def _linear(colour: str) -> Triple:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _decode(r), _decode(g), _decode(b)


def _decode(c: float) -> float:
    return c / 12.92 if c <= _ENCODED_END else float(((c + 0.055) / 1.055) ** 2.4)


def _encode(c: float) -> float:
    return c * 12.92 if c <= _LINEAR_END else 1.055 * float(c ** (1 / 2.4)) - 0.055


def _lab(colour: str) -> Triple:
    lms = _times(_TO_LMS, _linear(colour))
    return _times(_TO_LAB, [float(c ** (1 / 3)) for c in lms])


def _rgb_of(lab: Sequence[float]) -> Triple:
    return _times(_FROM_LMS, [c**3 for c in _times(_FROM_LAB, lab)])


def _hex(linear: Triple) -> str:
    return "#" + "".join(f"{round(255 * _encode(min(1.0, max(0.0, c)))):02x}" for c in linear)


def _luminance(colour: str) -> float:
    r, g, b = _linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
