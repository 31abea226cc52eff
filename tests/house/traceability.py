"""Which test shows which requirement: `python -m tests.house.traceability` writes the table.

Requirements are the ids of the compliance paper. Their texts stay there: the table names the ids,
and the tests that carry `@pytest.mark.req(id)`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAPER = ROOT.parent / "shared" / "compliance.md"
TABLE = ROOT / "docs" / "traceability.md"
_ROW = re.compile(r"^\| ((?:[A-Z]{2})-\d{2}) \|", re.MULTILINE)

_HEAD = """# Which test shows which requirement

Written by `python -m tests.house.traceability` from the marks in the tests; do not edit. The ids are those of the
requirements list (identity and access AC, electronic signatures ES, audit trail AT, data integrity DI, calculation
and review LR, out of specification OO, release RL, certificate CO, time TI, backup and archive BK and AR, inspectors
EX, system SY). A requirement without a test is not claimed.
"""


def marks() -> dict[str, list[str]]:
    """Tests by requirement, as `file::test`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        whole = _of_module(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for each in sorted({*whole, *_requirements(node.decorator_list)}):
                    name = f"{path.relative_to(ROOT)}::{node.name}"
                    found.setdefault(each, []).append(name)
    return found


def _of_module(tree: ast.Module) -> set[str]:
    return {
        each
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        for each in _requirements(ast.walk(node.value))
    }


def _requirements(nodes: object) -> Iterator[str]:
    for node in nodes:  # type: ignore[attr-defined]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.req":
            yield from (each.value for each in node.args if isinstance(each, ast.Constant))


def requirements() -> list[str]:
    """The ids of the paper, in its order; empty where the paper is not at hand."""
    if not PAPER.exists():
        return []
    return list(dict.fromkeys(_ROW.findall(PAPER.read_text(encoding="utf-8"))))


def written(ids: list[str], found: dict[str, list[str]]) -> str:
    rows = [f"| {each} | {'<br>'.join(found.get(each, [])) or 'none yet'} |" for each in ids]
    shown = sum(each in found for each in ids)
    table = [
        "",
        f"{shown} of {len(ids)} requirements have a test.",
        "",
        "| id | tests |",
        "| --- | --- |",
    ]
    return _HEAD + "\n".join([*table, *rows]) + "\n"


def known_ids() -> list[str]:
    """The ids of the table as it stands: what is checked where the paper is not at hand."""
    return re.findall(r"^\| ([A-Z]{2}-\d{2}) \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)


def main() -> int:
    ids, found = requirements(), marks()
    if not ids:
        sys.stderr.write(f"The requirements paper is not at {PAPER.name}.\n")
        return 1
    TABLE.write_text(written(ids, found), encoding="utf-8")
    sys.stdout.write("Without a test: " + ", ".join(i for i in ids if i not in found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
