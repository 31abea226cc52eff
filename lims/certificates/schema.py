"""Certificate content as canonical JSON and back: the machine-readable twin of the page.

Keys sorted, no spaces, UTF-8, no floating numbers. Reading is strict: an unknown, missing or
mistyped member is refused by its place, and so is a conclusion that the rows do not give.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TypeAlias, get_args, get_origin, get_type_hints

from lims.certificates.content import SCHEMA_VERSION, CertificateContent, ExpectedSigner
from lims.certificates.errors import ContentRefused, ContentUnreadable

SCHEMA = "livelot/certificate-of-analysis"

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


def to_json(content: CertificateContent) -> str:
    """The canonical text; the same content always gives the same characters."""
    document: Json = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "conclusion": content.conclusion.value,
        "content": _plain(content),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> CertificateContent:
    """The content that a text tells.

    Raises:
        ContentUnreadable: the text is not JSON, of another schema, or contradicts itself.
    """
    document = _document(text)
    content = _value(CertificateContent, document["content"], "content")
    assert isinstance(content, CertificateContent)  # noqa: S101 - narrows the generic reader
    if document["conclusion"] != content.conclusion.value:
        raise ContentUnreadable("conclusion", "is not what the rows give")
    return content


def signers_from_json(text: str) -> tuple[ExpectedSigner, ...]:
    """Who is expected to sign, without reading the rest.

    Raises:
        ContentUnreadable: as `from_json`.
    """
    content = _document(text)["content"]
    signers = content.get("signers") if isinstance(content, dict) else None
    return tuple(_signer(made) for made in _items(ExpectedSigner, signers, "content.signers"))


def _signer(value: object) -> ExpectedSigner:
    assert isinstance(value, ExpectedSigner)  # noqa: S101 - narrows the generic reader
    return value


def _document(text: str) -> dict[str, object]:
    try:
        document = json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
    except (ValueError, RecursionError) as error:
        raise ContentUnreadable("the text", "is not JSON") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ContentUnreadable("schema", f"is not {SCHEMA}")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise ContentUnreadable("schema_version", f"is not {SCHEMA_VERSION}")
    if set(document) != {"schema", "schema_version", "conclusion", "content"}:
        raise ContentUnreadable("the text", "has other members than the schema")
    return document


def _refuse_float(text: str) -> object:
    raise ContentUnreadable(text, "is a floating number; write it as text")


def _plain(value: object) -> Json:
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date | bytes):
        return _written(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {member.name: _plain(getattr(value, member.name)) for member in fields(value)}
    raise ContentRefused(type(value).__name__, "has no place in a certificate")


def _written(value: date | bytes) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


@cache
def _hints(kind: type) -> dict[str, object]:
    return get_type_hints(kind)


def _value(kind: object, value: object, place: str) -> object:
    if isinstance(kind, UnionType):
        return _optional(kind, value, place)
    if get_origin(kind) is tuple:
        return _items(get_args(kind)[0], value, place)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, value, place)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _read(kind, value, place, f"is none of {', '.join(kind)}")
    return _scalar(kind, value, place)


def _optional(kind: UnionType, value: object, place: str) -> object:
    if value is None:
        return None
    only = next(option for option in get_args(kind) if option is not NoneType)
    return _value(only, value, place)


def _items(kind: object, value: object, place: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise ContentUnreadable(place, "is not a list")
    return tuple(_value(kind, item, f"{place}[{at}]") for at, item in enumerate(value))


def _record(kind: type, value: object, place: str) -> object:
    hints = _hints(kind)
    if not isinstance(value, dict) or set(value) != set(hints):
        names = ", ".join(sorted(set(hints) ^ set(value if isinstance(value, dict) else ())))
        raise ContentUnreadable(place, f"lacks or has a member too many: {names}")
    read = {name: _value(hint, value[name], f"{place}.{name}") for name, hint in hints.items()}
    try:
        return kind(**read)
    except ContentRefused as error:
        raise ContentUnreadable(f"{place}.{error.field}", error.problem) from error


def _scalar(kind: object, value: object, place: str) -> object:
    if kind is str and isinstance(value, str):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is bytes:
        return _read(_bytes, value, place, "is not base64")
    if kind is datetime:
        return _read(_time, value, place, "is not a time in UTC")
    if kind is date:
        return _read(date.fromisoformat, value, place, "is not a date")
    raise ContentUnreadable(place, f"is not of the type {getattr(kind, '__name__', kind)}")


def _read(reader: Callable[[str], object], value: object, place: str, problem: str) -> object:
    if not isinstance(value, str):
        raise ContentUnreadable(place, problem)
    try:
        return reader(value)
    except (ValueError, binascii.Error) as error:
        raise ContentUnreadable(place, problem) from error


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _time(text: str) -> datetime:
    if not text.endswith("Z"):
        raise ValueError(text)
    return datetime.fromisoformat(text)
