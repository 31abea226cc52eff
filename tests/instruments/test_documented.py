"""What is supported is written down."""

from pathlib import Path

import pytest

from instruments import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "instruments.md"


@pytest.mark.parametrize("name", [reader.NAME for reader in catalogue.readers()])
def test_reader_has_a_line_in_the_table(name):
    assert f"| `{name}` |" in PAGE.read_text("utf-8")


def test_no_line_names_a_reader_that_is_gone():
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    names = {line.split("`")[1] for line in lines if line.split("`")[1].islower()}

    assert names == {reader.NAME for reader in catalogue.readers()}
