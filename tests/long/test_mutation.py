"""At least nine of ten mutants of the arithmetic die; `mutate_science.py` makes and runs them."""

import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parent / "mutate_science.py"
_SHARES = {
    "rounding": ("rounding", "limits"),
    "criteria": ("acceptance", "criteria"),
    "plate count": ("plates", "plate_choice", "plate_count"),
    "lysis": ("lysis_curves", "lysis", "lysis_plate"),
}


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("family", _SHARES)
def test_nine_of_ten_mutants_die(family: str):
    modules = _SHARES[family]
    found = subprocess.run(
        [sys.executable, str(_SCRIPT), "--together", *modules],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout + found.stderr
