"""Entry: every reading saved as its cell is left, every refusal at its field, nothing overwritten."""

import pytest

from lims.demonstration import people, street
from lims.demonstration.people import ANALYST, INSPECTOR, REVIEWER, SECOND_ANALYST
from lims.lots import queries as lots
from lims.lots.models import LotState
from lims.results.models import ResultState, TestState
from tests.pages import bench

CELL = "plate:1:-7:1"


@pytest.fixture
def ana(browser):
    return browser(ANALYST)


@pytest.fixture
def run(demo):
    return bench.open_count(demo)


def fill(browser, run, **other):
    """Record what the count lacks, cell by cell, as the sheet does."""
    for key, text in {**bench.COUNT, **other}.items():
        shown = bench.version(browser.get(f"/entry/{run}").text)
        answer = browser.post(f"/entry/{run}/reading", htmx=True, **{key: text, "version": shown})
        assert answer.status_code == 200, answer.text


def submitted(browser, run, **other):
    fill(browser, run, **other)
    return browser.post(f"/entry/{run}/submit", version="")


# --- beginning --------------------------------------------------------------------------------


def test_starting_a_planned_test_opens_its_sheet(demo, ana):
    test = bench.id_of(demo, "sequence_identity")

    answer = ana.post(f"/entry/start/{test}")

    assert answer.status_code == 302
    page = ana.get(answer.location).text
    assert "consensus as FASTA" in page
    assert "Nothing yet" in page


def test_a_test_that_is_read_from_a_file_begins_with_its_plate(demo, ana):
    test = bench.id_of(demo, "lysis_kinetics")

    assert ana.get(f"/entry/begin/{test}").location == "/imports/"
    assert ana.post(f"/entry/start/{test}").location == "/imports/"


def test_a_test_under_way_is_not_started_again(demo, ana):
    answer = ana.post(f"/entry/start/{bench.id_of(demo, 'plate_count')}", reason="once more please")

    assert answer.status_code == 422
    assert "in progress" in answer.text
    assert "once more please" in answer.text


def test_a_repeat_after_an_invalid_run_asks_why(demo, ana, run):
    assert submitted(ana, run, blank="3").status_code == 302
    test = bench.id_of(demo, "plate_count")

    assert "Diluent blank: 3" in ana.get(f"/entry/begin/{test}").text
    refused = ana.post(f"/entry/start/{test}", reason="x")
    started = ana.post(f"/entry/start/{test}", reason="New diluent opened, old one grew")

    assert refused.status_code == 422
    assert "Give a reason" in refused.text
    assert started.status_code == 302
    assert "New diluent opened" in ana.get(started.location).text


# --- one cell ---------------------------------------------------------------------------------


def test_a_cell_is_saved_and_the_server_answers_with_the_live_value(demo, ana, run):
    shown = bench.version(ana.get(f"/entry/{run}").text)

    answer = ana.post(f"/entry/{run}/reading", htmx=True, **{CELL: "19", "version": shown})

    assert answer.status_code == 200
    for piece in ('id="answer"', 'id="version"', 'id="f-plate-1--7-1-was"', 'id="calc"'):
        assert piece in answer.text
    assert "1.4 × 10<sup>10</sup>" in answer.text
    assert "Used, n = 1" in answer.text
    assert bench.readings(demo, run)[CELL].text == "19"


def test_a_code_is_kept_in_its_long_form_and_told_back(ana, run):
    answer = ana.post(f"/entry/{run}/reading", htmx=True, **{CELL: "t", "version": ""})

    assert 'data-recorded="TNTC"' in answer.text


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        (CELL, "1,5", "Enter whole colonies from 0 up"),
        (CELL, "10^9", "Enter whole colonies from 0 up"),
        (CELL, "-3", "Enter whole colonies from 0 up"),
        ("blank", "TNTC", "is not a count"),
        ("reference_lot", "NO-SUCH-1", "There is no material NO-SUCH-1"),
        ("aerobe", "perhaps", "is none of"),
        ("remark", "\x07", "control character"),
    ],
)
def test_a_bad_text_is_refused_at_its_field_and_kept(demo, ana, run, key, text, sentence):
    answer = ana.post(f"/entry/{run}/reading", htmx=True, **{key: text, "version": ""})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert key not in bench.readings(demo, run)

    page = ana.post(f"/entry/{run}/reading", **{key: text, "version": ""})
    assert page.status_code == 422
    assert sentence in page.text
    assert text.strip("\x07") in page.text
    assert "Error:" in page.text


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("mass:1", "5,02", "Write the decimal sign as a point, for example 5.02"),
        ("mass:1", "", "Sample weighed is empty"),
        ("incubation_end", "2199-01-01T10:00", "lies in the future"),
        ("incubation_end", "yesterday", "is not a date and time"),
        ("balance", "MRS-7731", "There is no instrument MRS-7731"),
    ],
)
def test_a_bad_correction_is_refused_like_a_bad_first_entry(demo, ana, run, key, text, sentence):
    page = ana.get(f"/entry/{run}").text
    before = bench.readings(demo, run)[key].text

    answer = ana.post(
        f"/entry/{run}/reading",
        htmx=True,
        **{key: text, "version": bench.version(page), "reason": "typed wrongly before"},
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert bench.readings(demo, run)[key].text == before


def test_an_expired_medium_is_offered_with_why_not_and_refused(demo, ana, run):
    bench.expire(demo, "REF-EC01")

    page = ana.get(f"/entry/{run}").text
    answer = ana.post(f"/entry/{run}/reading", htmx=True, reference_lot="REF-EC01", version="")

    assert "REF-EC01 Escherichia coli control expired on" in page
    assert '<option value="REF-EC01">' not in page
    assert answer.status_code == 422
    assert "expired on" in answer.text


def test_an_unknown_field_is_not_found(ana, run):
    answer = ana.post(f"/entry/{run}/reading", htmx=True, colour="blue")

    assert answer.status_code == 404
    assert "colour" in answer.text


def test_an_empty_cell_that_was_never_recorded_is_no_entry(demo, ana, run):
    answer = ana.post(f"/entry/{run}/reading", htmx=True, **{CELL: "", "version": ""})

    assert answer.status_code == 200
    assert CELL not in bench.readings(demo, run)


def test_a_correction_needs_a_reason_and_the_old_value_stays(demo, ana, run):
    shown = bench.version(ana.get(f"/entry/{run}").text)
    cell = {"plate:1:-6:2": "164", "version": shown}

    refused = ana.post(f"/entry/{run}/reading", htmx=True, **cell)
    changed = ana.post(f"/entry/{run}/reading", htmx=True, **cell, reason="Recounted with grid")

    assert refused.status_code == 422
    assert "Give a reason" in refused.text
    assert changed.status_code == 200
    assert "169</del>" in changed.text
    page = ana.get(f"/entry/{run}").text
    assert "169</del>" in page
    assert "Recounted with grid" in page
    assert bench.readings(demo, run)["plate:1:-6:2"].version == 2


def test_two_people_saving_one_cell_see_both_values_and_lose_none(demo, ana, run, browser):
    abe = browser(SECOND_ANALYST)
    shown = bench.version(ana.get(f"/entry/{run}").text)

    first = abe.post(f"/entry/{run}/reading", htmx=True, **{CELL: "19", "version": shown})
    second = ana.post(f"/entry/{run}/reading", htmx=True, **{CELL: "20", "version": shown})

    assert first.status_code == 200
    assert second.status_code == 409
    assert "Abe Pipette recorded “19” meanwhile; you entered “20”" in second.text
    assert bench.readings(demo, run)[CELL].text == "19"
    again = ana.post(
        f"/entry/{run}/reading",
        htmx=True,
        **{CELL: "20", "version": bench.version(second.text), "reason": "Counted again together"},
    )
    assert again.status_code == 200
    assert bench.readings(demo, run)[CELL].text == "20"


def test_a_save_tells_that_somebody_else_changed_another_cell(ana, run, browser):
    shown = bench.version(ana.get(f"/entry/{run}").text)
    browser(SECOND_ANALYST).post(
        f"/entry/{run}/reading", htmx=True, **{CELL: "19", "version": shown}
    )

    answer = ana.post(f"/entry/{run}/reading", htmx=True, blank="0", version=shown)

    assert "Somebody else changed Dilution 10^−7, plate 1" in answer.text


def test_a_save_that_shows_no_version_overwrites_nothing(demo, ana, run):
    answer = ana.post(f"/entry/{run}/reading", htmx=True, **{"plate:1:-6:1": "180"})

    assert answer.status_code == 409
    assert bench.readings(demo, run)["plate:1:-6:1"].text == "182"


# --- without script ---------------------------------------------------------------------------


def test_without_script_one_bad_field_keeps_no_other_from_being_saved(demo, ana, run):
    before = bench.events(demo, "reading.recorded")
    form = {**bench.COUNT, "plate:1:-7:2": "16.5", "version": ""}

    answer = ana.post(f"/entry/{run}/reading", **form)

    assert answer.status_code == 422
    assert 'href="#f-plate-1--7-2"' in answer.text
    assert 'value="16.5"' in answer.text
    kept = bench.readings(demo, run)
    assert kept[CELL].text == "19"
    assert "plate:1:-7:2" not in kept
    assert bench.events(demo, "reading.recorded") == before + len(bench.COUNT) - 1


def test_without_script_a_correction_asks_for_its_reason_on_the_page(demo, ana, run):
    shown = bench.version(ana.get(f"/entry/{run}").text)
    form = {"plate:1:-6:2": "164", "version": shown}

    refused = ana.post(f"/entry/{run}/reading", **form)
    saved = ana.post(f"/entry/{run}/reading", **form, reason="Recounted with the grid", leave="y")

    assert refused.status_code == 422
    assert 'id="reason"' in refused.text or 'name="reason"' in refused.text
    assert 'value="164"' in refused.text
    assert saved.status_code == 302
    assert bench.readings(demo, run)["plate:1:-6:2"].reason == "Recounted with the grid"


def test_without_script_a_stale_save_shows_both_values(ana, run, browser):
    shown = bench.version(ana.get(f"/entry/{run}").text)
    browser(SECOND_ANALYST).post(
        f"/entry/{run}/reading", htmx=True, **{CELL: "19", "version": shown}
    )

    answer = ana.post(f"/entry/{run}/reading", **{CELL: "20", "version": shown})

    assert answer.status_code == 409
    assert "<td>19</td><td>20</td>" in answer.text


# --- submitting -------------------------------------------------------------------------------


def test_submitting_too_early_links_each_missing_field(ana, run):
    answer = ana.post(f"/entry/{run}/submit", version="")

    assert answer.status_code == 422
    assert 'href="#f-plate-1--7-1"' in answer.text
    assert "Diluent blank is not recorded yet." in answer.text


def test_submitting_saves_what_stands_on_the_sheet_first(demo, ana, run):
    answer = ana.post(f"/entry/{run}/submit", **bench.COUNT, version="")

    assert answer.status_code == 302
    result = bench.result_of(demo, "plate_count")
    assert result.state is ResultState.RECORDED
    assert (result.reported, result.unit) == ("1.4 × 10^10", "CFU/dose")


def test_a_sheet_sent_twice_is_recorded_once(demo, ana, run):
    before = bench.events(demo, "result.recorded")
    fill(ana, run)

    first, second = (ana.post(f"/entry/{run}/submit", version="") for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "is submitted" in second.text
    assert bench.events(demo, "result.recorded") == before + 1


def test_after_submitting_the_sheet_is_read_only_with_everything_visible(demo, ana, run, browser):
    submitted(ana, run)

    for who in (ana, browser(INSPECTOR), browser(REVIEWER)):
        page = who.get(f"/entry/{run}").text
        assert 'id="version"' not in page
        assert "<b>182</b>" in page
        assert "exp. " in page
        assert "Full trace" in page
    refused = ana.post(f"/entry/{run}/reading", htmx=True, **{CELL: "20", "version": ""})
    assert refused.status_code == 422
    assert bench.readings(demo, run)[CELL].text == "19"


def test_an_invalid_run_says_which_control_failed_and_that_it_may_be_repeated(demo, ana, run):
    assert (
        "the run ends without a result"
        in ana.post(f"/entry/{run}/reading", htmx=True, blank="3", version="").text
    )
    submitted(ana, run, blank="3")

    page = ana.get(f"/entry/{run}").text

    assert "This run is invalid and gives no result" in page
    assert "Diluent blank 3" in page
    assert f"/entry/begin/{bench.id_of(demo, 'plate_count')}" in page
    assert bench.result_of(demo, "plate_count").state is ResultState.INVALID


def test_a_failing_result_holds_the_lot_and_is_neither_edited_nor_repeated(demo, ana, run):
    shown = bench.version(ana.get(f"/entry/{run}").text)
    ana.post(
        f"/entry/{run}/reading",
        htmx=True,
        **{"mass:1": "0.02", "version": shown, "reason": "Weighing slip read again"},
    )
    fill(ana, run)
    assert "the lot is put on hold" in ana.get(f"/entry/{run}").text

    ana.post(f"/entry/{run}/submit", version="")

    page = ana.get(f"/entry/{run}").text
    assert "does not conform" in page
    assert "on hold" in page
    edited = ana.post(f"/entry/{run}/reading", htmx=True, **{CELL: "1", "version": ""})
    repeated = ana.post(
        f"/entry/start/{bench.id_of(demo, 'plate_count')}", reason="I do not like it at all"
    )
    assert (edited.status_code, repeated.status_code) == (422, 422)
    with bench.looking(demo) as session:
        assert lots.get(session, street.IN_TEST).state is LotState.ON_HOLD
        test = bench.planned(session, street.IN_TEST, "plate_count")
        assert test.state is TestState.IN_REVIEW
        assert len(test.results) == 1


# --- what is computed -------------------------------------------------------------------------


def test_recomputing_gives_the_same_digits(demo, ana):
    run = bench.result_of(demo, "plate_count", street.RELEASED).run_id

    assert "recomputed now, same digits" in ana.get(f"/entry/{run}/recompute").text


def test_one_changed_byte_of_the_file_is_named_by_recompute(demo, ana):
    run = bench.result_of(demo, "lysis_kinetics", street.RELEASED).run_id
    assert ana.get(f"/entry/{run}/recompute").text.count("same digits") == 2

    bench.spoil(demo)

    page = ana.get(f"/entry/{run}/recompute")
    assert page.status_code == 200
    assert "not the same any more" in page.text
    assert street.RELEASED in page.text
    assert street.FAILING in page.text
    assert "no longer give their SHA-256" in page.text


def test_a_lysis_run_shows_its_file_curves_and_figures_beside_their_limits(demo, ana):
    run = bench.result_of(demo, "lysis_kinetics", street.RELEASED).run_id

    page = ana.get(f"/entry/{run}").text

    assert street.PLATE in page
    assert "E5, E6, E7" in page
    assert "lysis at or below 0.8" in page
    assert page.count("<figure") == 3
    assert "0.94" in page
    assert "0.52" in page


def test_the_absence_sheet_shows_its_three_steps_in_order(demo, ana):
    run = bench.result_of(demo, "absence").run_id

    page = ana.get(f"/entry/{run}").text

    assert page.index("1  Enrichment") < page.index("2  Subculture") < page.index("3  Confirmation")
    assert "Not detected in 10 g" in page


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", people.LOGINS, ids=lambda who: who.login)
def test_only_analysts_enter_and_everybody_may_look(demo, browser, who, run):
    person = browser(who)
    test = bench.id_of(demo, "sequence_identity")
    enters = who in {ANALYST, SECOND_ANALYST}

    for address in ("/entry/", f"/entry/{run}", f"/entry/{run}/recompute"):
        assert person.get(address).status_code == 200
    assert ('name="version"' in person.get(f"/entry/{run}").text) == enters
    assert person.get(f"/entry/begin/{test}").status_code == (200 if enters else 403)
    reading = person.post(f"/entry/{run}/reading", htmx=True, blank="0", version="")
    assert reading.status_code == (200 if enters else 403)
    for address in (f"/entry/{run}/submit", f"/entry/start/{test}"):
        assert (person.post(address).status_code == 403) == (not enters)


def test_nobody_enters_without_signing_in(browser, run):
    stranger = browser(None)

    assert "/account/sign-in" in stranger.get(f"/entry/{run}").location
    assert stranger.post(f"/entry/{run}/reading", htmx=True, blank="0").status_code == 401


def test_the_list_of_entries_takes_the_same_statements_whatever_it_shows(app, demo, ana):
    with bench.statements(app) as few:
        ana.get("/entry/")
    for assay in ("sequence_identity",):
        ana.post(f"/entry/start/{bench.id_of(demo, assay)}")
    with bench.statements(app) as more:
        ana.get("/entry/")

    assert len(few) == len(more)
