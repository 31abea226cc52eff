"""`lims read`: one document or a few lines; exit 0 read, 3 refused, never a traceback."""

import json

import pytest
from click.testing import CliRunner

from lims.cli import main
from tests.instruments.workbook_bytes import row, workbook

MARS = (
    "User: U,Path: C:\\BMG\\CLARIOstar\\U,Test run no.: 12\nTest name: t,Date: 29/02/2024,"
    "Time: 14:00:00\nAbsorbance\n\nRaw Data (600)\n\n,1,2,3\nA,0.1,overflow,0.3\n"
)
KEYS = {
    "reader",
    "reader_version",
    "sha256",
    "instrument",
    "started_at",
    "plates",
    "records",
    "messages",
}


@pytest.fixture
def run(tmp_path):
    def call(content, *options):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        return CliRunner().invoke(main, ["read", str(path), *options])

    return call


def test_json_is_one_document_with_stable_keys(run):
    result = run(MARS.encode(), "--json")

    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(document) == KEYS
    assert document["started_at"] == {
        "text": "29/02/2024 14:00:00",
        "value": "2024-02-29T14:00:00",
        "zone": "local",
        "day_month_order": "proved",
    }
    read = document["plates"][0]["reads"][0]
    assert read["wells"] == {"A1": [0.1], "A2": [None], "A3": [0.3]}
    assert read["flags"] == [{"well": "A2", "index": 0, "flag": "saturated", "text": "overflow"}]


def test_without_json_a_person_reads_a_few_lines(run):
    result = run(MARS.encode())

    assert result.exit_code == 0
    assert "plate 1: 12" in result.stdout
    assert "Raw Data (600): absorbance endpoint, 3 wells x 1, 2 numbers, 1 flagged" in result.stdout


@pytest.mark.parametrize(
    "content",
    [b"hello", b"\x00\x01", workbook(row(1, [1]) + '<row r="9"><c r="XFD9"><v>1</v></c></row>')],
)
def test_refusal_is_one_sentence_on_the_error_stream_and_in_the_document(run, content):
    result = run(content, "--json")

    refused = json.loads(result.stdout)["refused"]
    assert result.exit_code == 3
    assert result.stderr.strip() == refused["reason"]
    assert refused["reason"].startswith("file.csv: ")
    assert refused["reason"].endswith(".")
    assert "Traceback" not in result.output


def test_missing_file_is_a_mistake_of_the_command_line():
    assert CliRunner().invoke(main, ["read", "/nowhere/file.csv"]).exit_code == 2
