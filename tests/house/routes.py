"""What the house tests ask of every route: its address with keys that exist in the demonstration."""

from collections.abc import Mapping

from flask import Flask
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from lims.demonstration.people import SECOND_ANALYST
from lims.demonstration.street import IN_TEST
from tests.laboratory import Laboratory

_ASKED = {
    "certificate_id": "SELECT min(id) FROM certificate",
    "run_id": "SELECT max(run_id) FROM result WHERE state = 'draft'",
    "test_id": "SELECT min(id) FROM planned_test WHERE state = 'planned'",
    "import_id": "SELECT min(id) FROM plate_import",
    "result_id": "SELECT max(id) FROM result WHERE state = 'in review'",
    "person_id": "SELECT min(id) FROM person",
    "grant_id": "SELECT min(id) FROM role_grant",
    "equipment_id": "SELECT min(id) FROM equipment",
    "material_id": "SELECT min(id) FROM material",
    "document_id": "SELECT min(id) FROM method",
    "key": "SELECT sha256 FROM certificate_file ORDER BY id DESC LIMIT 1",
}
_FIXED = {
    "login": SECOND_ANALYST.login,
    "record_type": "lot",
    "record_id": 1,
    "number": IN_TEST,
    "token": "an-invitation-that-nobody-sent",
    "filename": "lims.css",
}


def keys_of(laboratory: Laboratory) -> dict[str, object]:
    """A value for each name that stands in angle brackets in a route."""
    engine = create_engine(laboratory.urls.reader)
    with engine.connect() as connection:
        asked = {name: connection.scalar(text(query)) for name, query in _ASKED.items()}
    engine.dispose()
    return {**asked, **_FIXED}


_CODES = {
    "/lots/": f"{IN_TEST}-S1",
    "/laboratory/instruments/": "INC-02",
    "/laboratory/materials/": "MRS-7731",
}


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every route with each of its methods."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def address(app: Flask, rule: Rule, keys: Mapping[str, object]) -> str:
    """The address of a route.

    Raises:
        KeyError: a new name stands in a route; give it a value above.
    """
    if rule.rule.startswith("/audit/events/"):
        keys = {**keys, "number": 1}
    if rule.rule.startswith("/catalogue/"):
        keys = {**keys, "key": 1, "word": "method", "position": 1}
    codes = [code for start, code in _CODES.items() if rule.rule.startswith(start)]
    known = {**keys, "code": codes[0]} if codes else keys
    values = {name: known[name] for name in rule.arguments}
    with app.test_request_context():
        built = rule.build(values, append_unknown=False)
    assert built is not None
    return built[1]
