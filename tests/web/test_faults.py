"""A fault of ours shows a number and no secret, also after everything was rolled back."""

import pytest

from lims.demonstration.people import MANAGER
from lims.demonstration.street import IN_TEST
from lims.lots import actions as lots


@pytest.mark.req("SY-07")
def test_a_fault_inside_an_act_answers_with_a_number_and_changes_nothing(browser, monkeypatch):
    mia = browser(MANAGER)

    def broken(*_args: object) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(lots, "hold", broken)
    answer = mia.post(
        f"/lots/{IN_TEST}/hold",
        login=MANAGER.login,
        password=MANAGER.password,
        reason="Cold store alarm in the night",
    )

    assert answer.status_code == 500
    assert "incident number" in answer.text
    assert "secret detail" not in answer.text
    assert "On hold" not in mia.get(f"/lots/{IN_TEST}").text
