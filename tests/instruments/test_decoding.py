"""Encodings and line ends as instruments write them."""

import pytest

from instruments.decoding import NotText, decode, lines_of


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        ("\ufeff37 °C".encode(), "utf-8", "37 °C"),
        ("37 °C".encode(), "utf-8", "37 °C"),
        (b"37 \xb0C", "cp1252", "37 °C"),
        (b"\xef\xbb\xbf37 \xb0C", "utf-8", "37 °C"),
        ("\ufeffA1\t°".encode("utf-16-le"), "utf-16-le", "A1\t°"),
        ("\ufeffA1\t°".encode("utf-16-be"), "utf-16-be", "A1\t°"),
        ("A1\tB2\tC3".encode("utf-16-le"), "utf-16-le", "A1\tB2\tC3"),
        ("A1\tB2\tC3".encode("utf-16-be"), "utf-16-be", "A1\tB2\tC3"),
    ],
)
def test_text_is_read_in_the_encoding_it_was_written(content, encoding, text):
    decoded = decode(content)

    assert (decoded.encoding, decoded.text) == (encoding, text)


def test_guessed_encodings_are_noted():
    assert decode(b"37 \xb0C").notes == ("not UTF-8; read as Windows-1252",)
    assert "Windows-1252 bytes" in decode(b"\xef\xbb\xbf37 \xb0C").notes[0]


def test_bytes_that_mean_nothing_become_the_replacement_sign():
    assert decode(b"a\x81\xb0").text == "a�°"


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\xef\xbb\xbfa\x00", b"\xff\xfe\x00\xd8"])
def test_binary_content_is_no_text(content):
    with pytest.raises(NotText):
        decode(content)


def test_bare_carriage_return_ends_a_line_and_a_form_feed_does_not():
    assert lines_of("a\rb\r\nc\nd\x0ce\x85f") == ["a", "b", "c", "d\x0ce\x85f"]
