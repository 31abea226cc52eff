"""What is typed at the bench by mistake, twice, or by two people: nothing lost, nothing invented."""

import pytest

from lims.demonstration.people import (
    ANALYST,
    SECOND_ANALYST,
)
from lims.demonstration.street import RELEASED
from tests.markup import Page
from tests.stories import bench
from tests.stories.asking import NUMBER


@pytest.mark.req("DI-05")
@pytest.mark.parametrize(
    "typed", ["1,5", "10^9", "-3", "many", "1e3", "12 colonies", "=1+1", "999999999999"]
)
def test_what_is_no_count_is_refused_in_its_cell_and_changes_nothing(walk, typed):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)

    answer = walk.cell(run, ANALYST, "plate:1:-6:1", typed)

    assert answer.status_code == 422
    assert typed.split()[0] in answer.text.replace("&lt;", "<")
    assert walk.ask("SELECT count(*) FROM observation WHERE run_id = :run", run=run) == 0


@pytest.mark.req("DI-05")
def test_tntc_is_a_count_that_was_too_many_and_a_blank_is_nothing(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)

    counted = walk.cell(run, ANALYST, "plate:1:-5:1", "tntc")
    left = walk.cell(run, ANALYST, "plate:1:-5:2", "")

    assert counted.status_code == left.status_code == 200
    assert walk.ask("SELECT text FROM observation WHERE run_id = :run", run=run) == "TNTC"


@pytest.mark.req("TI-05")
def test_a_moment_in_the_future_is_refused(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)

    answer = walk.cell(run, ANALYST, "incubation_start", bench.ago(-5))

    assert answer.status_code == 422
    assert "future" in answer.text


@pytest.mark.req("DI-04")
def test_each_cell_is_kept_with_its_own_moment(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    for replicate in (1, 2, 3):
        assert walk.cell(run, ANALYST, f"plate:1:-6:{replicate}", "170").status_code == 200

    kept = walk.ask(
        "SELECT count(DISTINCT recorded_at) FROM observation WHERE run_id = :run", run=run
    )

    assert kept == 3


@pytest.mark.req("AT-13")
def test_two_people_saving_one_cell_lose_neither_value(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    shown = (
        walk.see(SECOND_ANALYST, f"/entry/{run}").form(f"/entry/{run}/reading").fields["version"]
    )
    walk.cell(run, ANALYST, "plate:1:-6:1", "170")

    late = walk.at(SECOND_ANALYST).post(
        f"/entry/{run}/reading", htmx=True, **{"plate:1:-6:1": "180", "version": shown}
    )

    assert late.status_code == 409
    assert "170" in late.text
    assert "180" in late.text
    assert (
        walk.ask("SELECT string_agg(text, ',') FROM observation WHERE run_id = :run", run=run)
        == "170"
    )


@pytest.mark.req("AT-02")
@pytest.mark.parametrize("reason", ["", "short", "..........", "aaaaaaaaaaaa", "          "])
def test_a_correction_without_a_reason_in_words_is_refused(walk, reason):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    walk.cell(run, ANALYST, "plate:1:-6:1", "170")

    answer = walk.cell(run, ANALYST, "plate:1:-6:1", "171", reason)

    assert answer.status_code == 422
    assert walk.ask("SELECT count(*) FROM observation WHERE run_id = :run", run=run) == 1


def test_a_lot_number_that_was_used_and_a_date_in_the_future_are_refused_and_nothing_typed_is_lost(
    walk,
):
    used = walk.register(RELEASED)
    future = walk.register(NUMBER, manufactured_on="2099-01-01", expires_on="2099-12-31")

    assert used.status_code == future.status_code == 422
    assert Page(used.text).form("/lots/register").fields["cell_bank"] == "BL07-WCB-05, vial 212"
    assert "used once" in used.text
    assert "future" in future.text
