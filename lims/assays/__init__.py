"""The kinds of test. Each module says what is recorded, when a run is valid, how a result follows.

`find` gives an assay by its key; a new kind of test is one module here with its sheet template.
"""

from importlib import import_module

from lims.assays.assay import Assay, UnknownAssay

KEYS = ("sequence_identity", "plate_count", "absence", "lysis_kinetics")


def find(key: str) -> Assay:
    """The assay a method names.

    Raises:
        UnknownAssay: no module carries that key.
    """
    if key not in KEYS:
        raise UnknownAssay(key)
    assay = import_module(f"lims.assays.{key}").ASSAY
    assert isinstance(assay, Assay)  # noqa: S101
    return assay


def every() -> tuple[Assay, ...]:
    return tuple(find(key) for key in KEYS)
