import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.certificates import schema
from lims.certificates.content import (
    Conclusion,
    LineVerdict,
    Reported,
    Script,
    Span,
    Specification,
    Superseded,
    plain,
    rich,
)
from lims.certificates.errors import ContentRefused, ContentUnreadable
from tests.certificates import specimen

CODES = [line.code for line in specimen.LINES]
rows = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(LineVerdict)), unique_by=lambda row: row[0]
)


def with_rows(verdicts):
    by_code = {line.code: line for line in specimen.LINES}
    lines = tuple(
        replace(
            by_code[code],
            verdict=verdict,
            result=None if verdict is LineVerdict.MISSING else by_code[code].result,
        )
        for code, verdict in verdicts
    )
    return specimen.content(lines=lines)


@pytest.mark.req("CO-04")
@given(rows)
def test_failing_missing_or_open_row_never_complies(verdicts):
    content = with_rows(verdicts)

    given_verdicts = {verdict for _, verdict in verdicts}
    bad = given_verdicts - {LineVerdict.CONFORMS, LineVerdict.REPORTED}
    absent = set(CODES) - {code for code, _ in verdicts}
    if bad or absent:
        assert content.conclusion is not Conclusion.COMPLIES
        assert "All results meet" not in content.conclusion_sentence
    if LineVerdict.DOES_NOT_CONFORM in given_verdicts:
        assert content.conclusion is Conclusion.DOES_NOT_COMPLY


@given(rows)
def test_json_gives_the_same_content_back(verdicts):
    content = with_rows(verdicts)

    text = schema.to_json(content)

    assert schema.from_json(text) == content
    assert schema.to_json(schema.from_json(text)) == text


def test_all_conforming_rows_comply():
    assert specimen.content().conclusion is Conclusion.COMPLIES


def test_rows_for_information_alone_do_not_comply():
    lines = tuple(replace(line, verdict=LineVerdict.REPORTED) for line in specimen.LINES)

    assert specimen.content(lines=lines).conclusion is Conclusion.INCOMPLETE


def test_specified_test_without_a_row_leaves_the_conclusion_open():
    wider = Specification("SPEC-204", "7", (*CODES, "endotoxin"))

    assert specimen.content(specification=wider).conclusion is Conclusion.INCOMPLETE


def test_json_whose_conclusion_contradicts_its_rows_is_refused():
    text = schema.to_json(specimen.content()).replace('"does_not_conform"', '"conforms"')
    failing = text.replace('"verdict":"conforms"', '"verdict":"does_not_conform"', 1)

    with pytest.raises(ContentUnreadable, match="conclusion is not what the rows give"):
        schema.from_json(failing)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"version":1', '"version":1.0', "1.0 is a floating number"),
        ('"version":1', '"version":"1"', "content.version"),
        ('"version":1', '"version":true', "content.version"),
        ('"schema_version":1', '"schema_version":2', "schema_version"),
        ('"number":"COA-26-0482"', '"numero":"COA-26-0482"', "number"),
        ('"2026-11-21T14:05:09Z"', '"2026-11-21T14:05:09"', "chain_head.at"),
        ('"expires_on":"2028-04-27"', '"expires_on":"27.4.2028"', "content.lot.expires_on"),
        ('"verdict":"conforms"', '"verdict":"fine"', "verdict"),
        ('"logo":null', '"logo":"???"', "content.laboratory.logo"),
        ('"signers":[', '"signers":[7,', "content.signers[0]"),
        ('"version":1', '"version":NaN', "NaN"),
        ('"schema_version":1', '"schema_version":1,"more":2', "other members"),
        ('"lines":[', '"lines":7,"x":[', "content"),
        ('"number":"COA-26-0482"', '"number":" "', "content.number"),
    ],
)
def test_json_of_another_shape_is_refused_by_its_place(old, new, place):
    text = schema.to_json(specimen.content())
    assert old in text

    with pytest.raises(ContentUnreadable) as refused:
        schema.from_json(text.replace(old, new, 1))

    assert place in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"schema":1}'])
def test_text_that_is_no_certificate_is_refused(text):
    with pytest.raises(ContentUnreadable):
        schema.from_json(text)


def test_part_of_another_type_is_refused():
    document = json.loads(schema.to_json(specimen.content()))
    for name, value in (("lines", 7), ("lot", []), ("logo", 3), ("sampled_on", 20261104)):
        changed = json.loads(json.dumps(document))
        part = changed["content"]["laboratory"] if name == "logo" else changed["content"]
        part[name] = value

        with pytest.raises(ContentUnreadable, match=name):
            schema.from_json(json.dumps(changed))


def test_value_of_a_kind_that_no_certificate_holds_is_refused():
    with pytest.raises(ContentRefused):
        schema.to_json(specimen.content(closing=1.5))


def test_expected_signers_are_read_alone():
    text = schema.to_json(specimen.content())

    assert schema.signers_from_json(text) == (specimen.QC, specimen.QA)
    with pytest.raises(ContentUnreadable):
        schema.signers_from_json(text.replace('"content":{', '"content":[],"x":{'))


def test_nothing_in_the_json_floats():
    floats = []

    json.loads(schema.to_json(specimen.content()), parse_float=floats.append)

    assert floats == []


@pytest.mark.parametrize(
    ("reported", "text"),
    [
        (Reported(number="3.2", exponent="9", unit="CFU/dose"), "3.2 × 109 CFU/dose"),
        (Reported("<", number="10", unit="CFU/g"), "Less than 10 CFU/g"),
        (Reported("~", number="2.5", exponent="-3"), "Estimated 2.5 × 10−3"),
        (Reported(category="Not detected", tested_quantity="10 g"), "Not detected in 10 g"),
        (
            Reported(number="3.2", exponent="9", unit="CFU", detail=rich("9.51 log10")),
            "3.2 × 109 CFU (9.51 log10)",
        ),
    ],
)
def test_result_is_printed_as_reported(reported, text):
    assert plain(reported.printed()) == text


def test_powers_of_ten_are_raised_and_nothing_else_is():
    assert rich("10^9 CFU, 2^3, x10^4, 10^-2") == (
        Span("10"),
        Span("9", Script.SUPERSCRIPT),
        Span(" CFU, 2^3, x10^4, 10"),
        Span("−2", Script.SUPERSCRIPT),
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"version": 0}, "version"),
        ({"version": 2}, "supersedes"),
        ({"supersedes": Superseded("COA-26-0001", 1, "why", "what")}, "supersedes"),
        ({"signers": ()}, "signers"),
        ({"signers": (specimen.QC, specimen.QC)}, "signers"),
        ({"signers": (replace(specimen.QC, field="QC approval"),)}, "signers"),
        ({"lines": (specimen.LINES[0], specimen.LINES[0])}, "lines"),
        ({"footnotes": ()}, "cfu"),
        ({"prepared_at": datetime(2026, 11, 21, 14, 0)}, "prepared_at"),  # noqa: DTZ001
    ],
)
def test_content_that_contradicts_itself_is_refused(changes, field):
    with pytest.raises(ContentRefused) as refused:
        specimen.content(**changes)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "made",
    [
        {"number": "1", "category": "Absent"},
        {},
        {"number": "1", "qualifier": "about"},
        {"category": "Absent", "exponent": "3"},
    ],
)
def test_result_is_either_a_number_or_a_category(made):
    with pytest.raises(ContentRefused):
        Reported(**made)


def test_verdict_needs_a_result():
    with pytest.raises(ContentRefused):
        replace(specimen.LINES[0], result=None)


def test_prepared_time_is_written_in_utc():
    assert specimen.content().prepared_at.tzinfo is UTC
