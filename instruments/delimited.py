"""Delimited text to rows of cells."""

import csv
import re

from instruments import limits
from instruments.errors import Malformed, TooLarge
from instruments.places import Place

_HEAD_LINES = 400
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
csv.field_size_limit(limits.FILE_BYTES)


def find_delimiter(lines: list[str]) -> str:
    """Tab, semicolon or comma: whichever separates most, decimal commas not counted."""
    head = "\n".join(lines[:_HEAD_LINES])
    tabs, semicolons, commas = (head.count(sign) for sign in "\t;,")
    if commas >= max(tabs, semicolons) > 0:
        commas -= len(_DECIMAL_COMMA.findall(head))
    if tabs >= max(semicolons, commas, 1):
        return "\t"
    return ";" if semicolons > commas else ","


def split_lines(lines: list[str], delimiter: str, file: str) -> list[list[str]]:
    """Rows of cells; row i is line i + 1, also where a quoted cell spans lines.

    Raises:
        TooLarge: more lines, columns or cells than the limits allow.
        Malformed: a quoted field that the csv rules cannot read.
    """
    if len(lines) > limits.LINES:
        raise TooLarge(
            file, "lines", found=f"{len(lines):,} lines", allowed=f"{limits.LINES:,} lines"
        )
    fields = sum(line.count(delimiter) for line in lines) + len(lines)
    if fields > limits.CELLS:
        raise TooLarge(file, "cells", found=f"{fields:,} cells", allowed=f"{limits.CELLS:,} cells")
    if any('"' in line for line in lines):
        rows = _quoted(lines, delimiter, file)
    else:
        rows = [line.split(delimiter) for line in lines]
    widest = max(map(len, rows), default=0)
    if widest > limits.COLUMNS:
        raise TooLarge(
            file, "columns", found=f"{widest:,} columns", allowed=f"{limits.COLUMNS:,} columns"
        )
    return rows


def _quoted(lines: list[str], delimiter: str, file: str) -> list[list[str]]:
    # With their ends: a quote that spans lines must not join the digits of two lines to a number.
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            while len(rows) < reader.line_num - 1:
                rows.append([])
            rows.append(row)
    except csv.Error as error:
        raise Malformed(
            file,
            place=Place(reader.line_num),
            found=str(error),
            expected="quoted fields after the usual rules of csv",
        ) from error
    return rows
