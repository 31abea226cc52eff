"""`lims calc` as a validator meets it: answers, refusals, checks."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lims.cli.calc import command
from lims.science.catalogue import names
from lims.science.documentation import document

_PAGE = Path(__file__).parents[2] / "docs" / "calculations.md"
_FOLDER = Path(__file__).parents[3] / "shared" / "reference-cases"


def run(*arguments: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(command, list(arguments), input=given)


def test_it_reads_inputs_and_prints_answers():
    result = run("generations", given='{"N0": 1, "Nt": 8}')

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"generations": 3.0}


def test_a_byte_order_mark_is_read_over():
    result = run("generations", given=b'\xef\xbb\xbf{"N0": 1, "Nt": 8}')

    assert json.loads(result.stdout) == {"generations": 3.0}


def test_infinity_is_text_and_decimals_are_numbers():
    given = {"positive": [3], "tubes": [3], "amount": [1]}

    assert json.loads(run("mpn_mle", given=json.dumps(given)).stdout)["mpn"] == "inf"
    minus = run("induction_call", given='{"uninduced_pfu_per_ml": 5, "induced_pfu_per_ml": 0}')
    assert json.loads(minus.stdout)["log10_ratio"] == "-inf"
    rounded = run("bam_round", given='{"values": [0.155, 12700]}')
    assert json.loads(rounded.stdout) == {"rounded": [0.16, 13000]}


def test_an_unused_key_is_named_but_does_not_stop():
    result = run("generations", given='{"N0": 1, "Nt": 8, "Nx": 3}')

    assert result.exit_code == 0
    assert result.stderr == "Warning: Nx was not used.\n"


@pytest.mark.parametrize(
    ("function", "given", "words"),
    [
        ("nothing", "{}", "No calculation is called “nothing”"),
        ("generations", "", "not JSON"),
        ("generations", '{"N0": 1', "not JSON"),
        ("generations", b"\xff", "not UTF-8"),
        ("generations", "[" * 100_000, "beyond what can be read"),
        ("generations", '{"N0": ' + "9" * 5000 + "}", "beyond what can be read"),
        ("generations", "[1]", "inputs must be an object, not a list."),
        ("generations", "3", "inputs must be an object, not a number."),
        ("generations", '{"N0": 1}', "Nt is missing."),
        ("generations", '{"N0": 1, "Nt": null}', "Nt is missing."),
        ("generations", '{"N0": 1, "Nt": "8"}', "Nt must be a number, not text."),
        ("generations", '{"N0": 1, "Nt": true}', "Nt must be a number, not true or false."),
        ("generations", '{"N0": 1, "Nt": NaN}', "Nt must be a finite number."),
        ("generations", '{"N0": 1, "Nt": 1e999}', "Nt must be a finite number."),
        ("generations", '{"N0": 1, "Nt": ' + "9" * 400 + "}", "Nt must be a finite number."),
        ("generations", '{"N0": 0, "Nt": 1}', "N0 must be above zero, not 0."),
        ("proportion_ci", '{"live": 1.5, "total": 3}', "live must be a whole number, not 1.5."),
        ("proportion_ci", '{"live": -1, "total": 3}', "live must not be negative, but is -1."),
        (
            "poisson_ci_exact",
            '{"count": 1, "confidence": 1}',
            "confidence must lie between 0 and 1",
        ),
        ("maldi_call", '{"scores": 2, "species_ok": []}', "scores must be a list, not a number."),
        ("maldi_call", '{"scores": [2], "species_ok": [1]}', "species_ok[0] must be true or false"),
        ("maldi_call", '{"scores": ["x"], "species_ok": [true]}', "scores[0] must be a number"),
        ("mic_vs_cutoff", '{"rows": [3]}', "rows[0] must be an object, not a number."),
        ("mic_vs_cutoff", '{"rows": [{"mic": "<", "cutoff": 2}]}', "mic must be a number such as"),
        ("mic_vs_cutoff", '{"rows": [{"mic": "R", "cutoff": 2}]}', "mic must be a number"),
        (
            "usp_7_20_compare",
            '{"rows": [{"op": "EQ", "limit": "1", "unrounded": "1"}]}',
            "rows[0].op must be",
        ),
        (
            "usp_7_20_compare",
            '{"rows": [{"op": "NLT", "limit": "x", "unrounded": "1"}]}',
            "is not a limit",
        ),
        (
            "usp_7_20_compare",
            '{"rows": [{"op": "NLT", "limit": "1", "unrounded": "NaN"}]}',
            "finite number",
        ),
        (
            "weighted_mean_count",
            '{"plates": [], "ci": "guess"}',
            "ci must be “exact_poisson_on_sum”",
        ),
        ("weighted_mean_count", '{"plates": []}', "No plate bears a count."),
        ("bam_report", '{"rows": [{"dilutions": [1], "counts": []}]}', "Each dilution needs"),
        ("bam_report", '{"rows": [{"dilutions": [1], "counts": [[1.5]]}]}', "whole number"),
        ("bam_report", '{"rows": [], "countable": [1]}', "least and the largest"),
        ("censored_poisson_mle", '{"counts": [1], "volumes": []}', "the same length"),
        ("mpn_mle", '{"positive": [1], "tubes": [2, 3], "amount": [1]}', "the same length"),
        (
            "mpn_mle",
            '{"positive": [1], "tubes": [2], "amount": [1e-320]}',
            "too small or too large",
        ),
        (
            "kinetic_lysis",
            '{"time_h": [0, 1], "control_od": [1, 1], "treated_od": [1, 1], "blank_od": 0, "criteria": "as usual"}',
            "criteria must name",
        ),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_status_3(function: str, given, words: str):
    result = run(function, given=given)

    assert result.exit_code == 3
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["--check"], ["generations", "file.json"]])
def test_wrong_usage_is_exit_status_2(arguments: list[str]):
    assert run(*arguments).exit_code == 2


def test_list_names_every_function_with_inputs_units_and_source():
    result = run("--list")

    assert result.exit_code == 0
    for name in names():
        assert f"\n{name}  (" in f"\n{result.stdout}"
    entries = json.loads(run("--list", "--json").stdout)
    assert {entry["name"] for entry in entries} == set(names())
    assert all(entry["inputs"] and entry["units"] and entry["source"] for entry in entries)


def case_file(folder: Path, text: str) -> str:
    path = folder / "cases.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


def one_case(folder: Path, **changes: object) -> str:
    case = {
        "id": "gen",
        "function": "generations",
        "inputs": {"N0": 1, "Nt": 8},
        "expected": {"generations": 3, "published": 2.9},
        **changes,
    }
    return case_file(folder, json.dumps({"cases": [case]}))


def test_check_passes_what_agrees(tmp_path: Path):
    result = run("--check", one_case(tmp_path))

    assert (result.exit_code, result.stdout) == (0, "1 of 1 cases agree.\n")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expected": {"generations": 3.1}}, "generations: expected 3.1, got 3.0"),
        ({"expected": {"other": 1}}, "other: expected 1, got 'nothing'"),
        ({"expected": {"generations": [3]}}, "generations: expected [3], got 3.0"),
        ({"expected": {"generations": {"x": 3}}}, "generations: expected {'x': 3}, got 3.0"),
        ({"expected": {"generations": "3"}}, "generations: expected '3', got 3.0"),
        ({"expected": {"generations": None}}, "generations: expected None, got 3.0"),
        ({"expected": {"generations": "inf"}}, "generations: expected 'inf', got 3.0"),
        ({"function": "nothing"}, "No calculation is called"),
        ({"inputs": {}}, "N0 is missing."),
    ],
)
def test_check_prints_what_differs(tmp_path: Path, changes: dict[str, object], words: str):
    result = run("--check", one_case(tmp_path, **changes))

    assert result.exit_code == 1
    assert words in result.stdout
    assert "0 of 1 cases agree." in result.stdout


@pytest.mark.parametrize(
    ("tolerance", "agrees"),
    [
        ({}, False),
        ({"generations": {"abs": 0.01}}, True),
        ({"generations": {"abs": 0.001}}, False),
        ({"generations": {"rel": 0.003}}, True),
        ({"generations": {"rel": 0.001, "abs": 0.01}}, True),
        ({"generations": "exact"}, False),
        ({"all_numeric": {"abs": 0.01}}, True),
        ({"all_numeric": {"abs": 0.01}, "generations": {"abs": 0}}, False),
    ],
)
def test_tolerances(tmp_path: Path, tolerance: dict[str, object], agrees: bool):
    path = one_case(tmp_path, expected={"generations": 3.009}, tolerance=tolerance)

    assert (run("--check", path).exit_code == 0) is agrees


def test_exact_means_equal_as_numbers(tmp_path: Path):
    path = one_case(tmp_path, tolerance={"generations": "exact"})

    assert run("--check", path).exit_code == 0


def test_a_list_is_compared_item_by_item(tmp_path: Path):
    inputs = {"values": [12700, 12400]}
    for expected, code in (([13000, 12000], 0), ([13000, 12001], 1), ([13000], 1)):
        path = one_case(
            tmp_path,
            function="bam_round",
            inputs=inputs,
            expected={"rounded": expected},
            tolerance={"rounded": "exact"},
        )
        assert run("--check", path).exit_code == code


@pytest.mark.parametrize("text", ["", "{}", '{"cases": [3]}', '{"cases": [{}]}', "[]"])
def test_a_file_that_is_no_case_file_is_refused(tmp_path: Path, text: str):
    result = run("--check", case_file(tmp_path, text))

    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1


def test_a_missing_file_is_refused(tmp_path: Path):
    result = run("--check", str(tmp_path / "none.json"))

    assert result.exit_code == 3
    assert "cannot be read" in result.stderr


@pytest.mark.skipif(not _FOLDER.exists(), reason="the reference cases lie beside the project")
def test_check_over_all_shared_cases():
    paths = [str(path) for path in sorted(_FOLDER.glob("*.json"))]
    result = run("--check", *paths)

    assert result.exit_code == 0, result.stdout


def test_the_page_of_calculations_is_current():
    # Written by: lims calc --document > docs/calculations.md
    assert _PAGE.read_text(encoding="utf-8") == document()


def test_the_page_is_printed_whole():
    assert run("--document").stdout == document()
