"""Dates, start times and durations in the forms that real files show."""

from datetime import date, datetime, time, timedelta

import pytest

from instruments.moments import day_first_in, seconds_of, started_at


@pytest.mark.parametrize(
    ("day", "clock", "value", "order"),
    [
        ("29/02/2016", "14:34:46", "2016-02-29T14:34:46", "proved"),
        ("10/14/2024", "2:23:45 PM", "2024-10-14T14:23:45", "proved"),
        ("29/9/2022", "3:55:14 pm", "2022-09-29T15:55:14", "proved"),
        ("20.02.2024", "16.37.46", "2024-02-20T16:37:46", "proved"),
        ("2024-04-18", "12:00:00 AM", "2024-04-18T00:00:00", "proved"),
        ("10/10/2022", "9:02:08 PM", "2022-10-10T21:02:08", "proved"),
        ("2/9/2006", "6:14:21 AM", "2006-02-09T06:14:21", "assumed"),
        ("03.06.2022", "11:19:15", "2022-06-03T11:19:15", "assumed"),
    ],
)
def test_start_tells_whether_day_and_month_are_proved(day, clock, value, order):
    started = started_at(day, clock)

    assert started is not None
    assert (started.value.isoformat(), started.day_month_order) == (value, order)
    assert started.zone == "local"
    assert started.text == f"{day} {clock}"


def test_name_with_a_date_chooses_but_proves_nothing():
    started = started_at("12/6/2024", "5:47:49 PM", hints="C:\\Runs\\20240612-test.xpt")

    assert started is not None
    assert started.value == datetime(2024, 6, 12, 17, 47, 49)  # noqa: DTZ001
    assert started.day_month_order == "assumed"


def test_zone_is_kept_where_the_file_states_it():
    started = started_at("2020-10-26T16:16:18-04:00".replace("T", " "))

    assert started is not None
    assert started.zone == "-04:00"
    assert started.value.utcoffset() == timedelta(hours=-4)


@pytest.mark.parametrize("offset", ["+62:00", "+01:75", "-9900"])
def test_an_offset_that_no_clock_has_is_left_out(offset):
    started = started_at(f"2031-03-11 10:00:00 {offset}")

    assert started is not None
    assert started.zone == "local"
    assert started.value == datetime(2031, 3, 11, 10)  # noqa: DTZ001


def test_dates_of_a_workbook_need_no_proof():
    started = started_at(date(2024, 10, 22), time(16, 17, 42))

    assert started is not None
    assert started.value.isoformat() == "2024-10-22T16:17:42"
    assert started.day_month_order == "proved"


@pytest.mark.parametrize("day", ["", "n/a", "32/13/2024", "Plate 1"])
def test_no_date_is_no_start(day):
    assert started_at(day, "12:00:00") is None


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("0:04:22", 262),
        ("24:14:16", 87256),
        ("92:47:31", 334051),
        ("0:00.210", 0.21),
        ("1:05", 65),
        ("1.02:03:04", 93784),
        ("2 h 60 min", 10800),
        ("0 min 38 s", 38),
        ("0 h ", 0),
        (time(0, 19, 10), 1150),
        (timedelta(days=1, hours=1), 90000),
        (datetime(1900, 1, 1, 1, 0, 0), 90000),  # noqa: DTZ001
    ],
)
def test_durations_are_seconds(cell, seconds):
    assert seconds_of(cell) == pytest.approx(seconds)


@pytest.mark.parametrize("cell", ["", "A1", "600", 12.0, datetime(2024, 1, 1)])  # noqa: DTZ001
def test_other_cells_are_no_duration(cell):
    assert seconds_of(cell) is None


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["7/2/2015", "11/17/2016"], False),
        (["7/2/2015", "17/11/2016 10:20"], True),
        (["29.02.2016"], True),
        (["18.05.24"], True),
        (["5/18/24"], False),
        (["7/2/2015"], None),
        (["11/17/2016", "17/11/2016"], None),
        (["1.13.3009.1401", "1.13.30", "Filter 14/13", "13/13/2016", ""], None),
    ],
)
def test_dates_of_one_program_prove_the_order_of_all(texts, order):
    assert day_first_in(texts) is order


def test_an_order_that_other_dates_prove_beats_every_guess():
    started = started_at("12/6/2024", "5:47:49 PM", hints="20241206.xpt", proved=True)

    assert started is not None
    assert started.value == datetime(2024, 6, 12, 17, 47, 49)  # noqa: DTZ001
    assert started.day_month_order == "proved"


@pytest.mark.parametrize("day", ["2023-09-19 00:00:00", datetime(2023, 9, 19)])  # noqa: DTZ001
def test_a_midnight_is_no_time_where_the_time_stands_apart(day):
    started = started_at(day, "16.37.46")

    assert started is not None
    assert started.value == datetime(2023, 9, 19, 16, 37, 46)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1900-01-01 00:15:22", 86_400 + 922),
        ("1 day, 0:35:22", 86_400 + 2122),
        ("2 days 10:00:00", 2 * 86_400 + 36_000),
        ("1900-02-31 00:15:22", None),
    ],
)
def test_durations_above_a_day_are_read_as_spreadsheets_and_scripts_write_them(text, seconds):
    assert seconds_of(text) == seconds
