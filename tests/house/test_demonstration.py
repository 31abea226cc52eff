"""The demonstration does what people do on the pages: actions, permissions, passwords; no row by itself."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import lims.demonstration
from lims.foundation.db import Base
from lims.foundation.registry import load_models
from tests.house.test_access import TABLE

load_models()

FOLDER = Path(lims.demonstration.__file__).parent
ROOMS_OF_VERBS = ("actions", "workflow")
ASKS = (
    "queries",
    "models",
    "rules",
    "clock",
    "roles",
    "assays",
    "registry",
    "acceptance",
    "people",
    "performing",
    "setting",
    "street",
    "embedded",
    "strongbox",
    "errors",
    "entries",
    "permissions",
    "db",
    "act",
    "demonstration",
)
WRITES = re.compile(r"\.(add|add_all|merge|delete|execute|flush|commit|bulk_\w+|connection)\(")


def _sources():
    return [(path.name, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.py"))]


def test_the_demonstration_writes_nothing_past_an_action():
    """It may ask the session, and hand what it asked to an action; `merge` only re-attaches."""
    found = [
        (name, line.strip())
        for name, source in _sources()
        for line in source.splitlines()
        if WRITES.search(line) and ".merge(" not in line
    ]

    assert found == []


def test_the_demonstration_makes_no_record_and_changes_none_itself():
    kinds = {mapper.class_.__name__ for mapper in Base.registry.mappers}
    made, changed = [], []

    for name, source in _sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                made.append((name, node.func.id))
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                changed += [(name, ast.unparse(t)) for t in targets if isinstance(t, ast.Attribute)]

    assert made == []
    assert changed == []


def test_the_demonstration_imports_verbs_and_questions_only():
    modules = set()
    for _, source in _sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lims"):
                package = import_module(node.module)
                for each in node.names:
                    found = getattr(package, each.name, None)
                    name = found.__name__ if inspect.ismodule(found) else node.module
                    modules.add(name)

    strangers = {
        module
        for module in modules
        if not any(part in module.split(".") for part in (*ROOMS_OF_VERBS, *ASKS))
    }
    assert strangers == set()


def test_the_demonstration_asks_for_the_permissions_that_the_pages_ask_for():
    """`does(who, Permission.X)`: each X is the need of some route that changes records."""
    asked = {
        name
        for _, source in _sources()
        for name in re.findall(r"does\(\s*\w+,\s*Permission\.(\w+)", source)
    }
    on_pages = {
        need.name for (method, _), need in TABLE.items() if method == "POST" and need != "public"
    }

    assert asked
    assert asked <= on_pages
