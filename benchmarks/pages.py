"""Lot list and lot page at 200 and 20,000 lots, and one import, each beside its yardstick.

The yardstick U of a page is one indexed query and a Jinja table of 50 rows in a bare Flask
application, in the same process and minute. The yardstick D of the import is decoding the same
bytes: read, split, make numbers. Run it from the project's root:

    .venv/bin/python -m benchmarks.pages

It prints medians of ratios over alternated rounds and writes docs/benchmarks-pages.md.
"""

import csv
import io
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, render_template_string
from sqlalchemy import create_engine, event, text

from lims.app import create_app
from lims.demonstration.people import ANALYST
from lims.demonstration.setting import set_up
from lims.demonstration.street import PLATE, RELEASED, walk
from lims.foundation.embedded import ensure_started
from lims.foundation.migrate import upgrade
from tests.laboratory import Browser, Laboratory, make_home

ROUNDS = 15
INTRODUCTION = """Medians of {rounds} alternated rounds in one process, through the whole
application (session, permissions, navigation, headers) but without the network.
Yardstick of a page: one indexed query and a Jinja table of 50 rows in a bare Flask
application. Yardstick of the import: decoding the same bytes (csv, float). Only the
ratios count; the machine was shared. Repeat with `.venv/bin/python -m benchmarks.pages`."""
DATA = Path(__file__).parents[1] / "lims" / "demonstration" / "data" / PLATE
OUTPUT = Path(__file__).parents[1] / "docs" / "benchmarks-pages.md"

LOTS = """
SELECT set_config('lims.act', 'benchmark', true);
INSERT INTO lot (number, product_id, specification_id, size, substance_lot, cell_bank,
    manufactured_on, expires_on, due_on, state, state_reason, registered_by_id, registered_at,
    revision)
SELECT 'GEN-' || to_char(n, 'FM000000'), l.product_id, l.specification_id, '100 capsules', '', '',
    DATE '2026-01-01', DATE '2027-01-01', DATE '2026-02-01', 'in test', '', l.registered_by_id,
    now(), 1
FROM lot l, generate_series(CAST(:first AS integer), CAST(:last AS integer)) n
WHERE l.number = :model;
INSERT INTO sample (code, lot_id, state, unit, storage, void_reason)
SELECT number || '-S1', id, 'expected', '', '', '' FROM lot
WHERE number LIKE 'GEN-%' AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.lot_id = lot.id);
INSERT INTO planned_test (lot_id, line_id, sample_id, state, revision)
SELECT l.id, line.id, s.id, 'planned', 1
FROM lot l JOIN sample s ON s.lot_id = l.id
JOIN specification_line line ON line.specification_id = l.specification_id
WHERE l.number LIKE 'GEN-%'
    AND NOT EXISTS (SELECT 1 FROM planned_test t WHERE t.lot_id = l.id)
"""

BARE_PAGE = """<!doctype html><table>{% for row in rows %}<tr><td>{{ row.number }}</td>
<td>{{ row.size }}</td><td>{{ row.state }}</td><td>{{ row.due_on }}</td></tr>{% endfor %}</table>"""


def fill(laboratory: Laboratory, first: int, last: int) -> None:
    engine = create_engine(laboratory.urls.owner)
    with engine.begin() as connection:
        for statement in LOTS.split(";\n"):
            given = {"first": first, "last": last, "model": RELEASED} if ":" in statement else {}
            connection.execute(text(statement), given)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    engine.dispose()


def bare_application(laboratory: Laboratory) -> Flask:
    app, engine = Flask("bare"), create_engine(laboratory.urls.application)

    @app.get("/")
    def index() -> str:
        query = text("SELECT number, size, state, due_on FROM lot ORDER BY id DESC LIMIT 50")
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        return render_template_string(BARE_PAGE, rows=rows)

    return app


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float, float]:
    """Median of ours in ms, of the yardstick in ms, and of their ratio, alternated."""
    for _ in range(3):
        ours(), bare()
    pairs = [(timed(ours), timed(bare)) for _ in range(ROUNDS)]
    ratios = [a / b for a, b in pairs]
    print(f"   ratios {min(ratios):.1f} to {max(ratios):.1f}")
    return (
        1000 * statistics.median(a for a, _ in pairs),
        1000 * statistics.median(b for _, b in pairs),
        statistics.median(ratios),
    )


def statements(app: Flask, work: Callable[[], object]) -> int:
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    engine = app.extensions["livelot"]["database"].engine
    event.listen(engine, "before_cursor_execute", seen)
    work()
    event.remove(engine, "before_cursor_execute", seen)
    return count


def decode(content: bytes) -> int:
    """What D measures: read, split, make numbers of everything that is one."""
    numbers = 0
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
        for cell in row:
            try:
                float(cell)
            except ValueError:
                continue
            numbers += 1
    return numbers


def imports(browser: Browser, content: bytes) -> tuple[float, float, float]:
    """Uploads of the same plate with another plate name each time, beside decoding its bytes."""
    token = browser.token()
    counter = iter(range(1000))

    def upload() -> None:
        changed = content.replace(
            b"Plate Number,Plate 1", b"Plate Number,Plate %d" % (next(counter) + 2), 1
        )
        sent = {"csrf_token": token, "file": (io.BytesIO(changed), "plate.csv")}
        answer = browser.client.post("/imports/", data=sent, content_type="multipart/form-data")
        assert answer.status_code == 302, answer.text[:500]
        assert re.search(r"/imports/\d+", answer.location)

    return compare(upload, lambda: decode(content))


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="livelot-bench-"))
    cluster = ensure_started(folder / "postgres", durable=False)
    rows: list[tuple[str, str, float, float, float, int | str]] = []
    try:
        urls = cluster.create_database("bench")
        upgrade(urls.owner)
        make_home(folder / "home")
        laboratory = Laboratory(urls, folder / "home")
        stage = laboratory.stage()
        set_up(stage)
        walk(stage)
        stage.close()
        app = create_app(laboratory.settings())
        browser = Browser(app, ANALYST)
        bare = bare_application(laboratory).test_client()
        size = 0
        for wanted in (200, 20_000):
            fill(laboratory, size + 1, wanted)
            size = wanted
            for name, address in (("lot list", "/lots/"), ("lot page", f"/lots/{RELEASED}")):
                print(name, wanted)
                found = compare(lambda a=address: browser.get(a), lambda: bare.get("/"))
                count = statements(app, lambda a=address: browser.get(a))
                rows.append((name, f"{wanted} lots", *found, count))
        print("import")
        rows.append(("import of 96 × 97", "1 file", *imports(browser, DATA.read_bytes()), "–"))
        app.extensions["livelot"]["database"].close()
    finally:
        cluster.destroy()
    write(rows)


def write(rows: list[tuple[str, str, float, float, float, int | str]]) -> None:
    lines = [
        "# Pages and import",
        "",
        INTRODUCTION.format(rounds=ROUNDS),
        "",
        "| what | data | ours, ms | bare, ms | ratio | SQL statements |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, data, ours, bare, ratio, count in rows:
        lines.append(f"| {name} | {data} | {ours:.1f} | {bare:.1f} | {ratio:.1f} | {count} |")
        print(lines[-1])
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
