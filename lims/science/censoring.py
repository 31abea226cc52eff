"""Results as laboratories write them: `12`, `<10`, `<=0.25`, `> 256`, `~3`."""

import re
from decimal import Decimal

from lims.science.errors import BadInputs
from lims.science.inputs import as_decimal
from lims.science.outcome import Qualifier

_WRITTEN = re.compile(r"\s*(?P<sign><=|>=|[<>≤≥~=]?)\s*(?P<number>.*?)\s*")
_SIGNS = {"<=": Qualifier.AT_MOST, ">=": Qualifier.AT_LEAST, "": Qualifier.EQUAL}


def read_result(value: object, name: str = "result") -> tuple[Qualifier, Decimal]:
    """The qualifier and the number of a result given as number or text.

    Raises:
        BadInputs: no number follows the sign; codes such as TNTC have no bound and are refused.
    """
    if not isinstance(value, str):
        return Qualifier.EQUAL, as_decimal(value, name)
    written = _WRITTEN.fullmatch(value)
    if written is None or not written["number"]:
        raise BadInputs(
            f"{name} must be a number such as 12 or a bound such as <10, not “{value}”."
        )
    sign = written["sign"]
    qualifier = _SIGNS[sign] if sign in _SIGNS else Qualifier(sign)
    return qualifier, as_decimal(written["number"], name)
