"""Every setting is documented: no variable is read that a person could not know of."""

import ast
import re
from pathlib import Path

from click.testing import CliRunner

from lims.cli import main

ROOT = Path(__file__).parents[2]
OF_THE_SYSTEM = {"XDG_RUNTIME_DIR", "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"}
BETWEEN_OUR_PROCESSES = {"LIMS_CLUSTER_TO_STOP"}
"""Set by `lims serve` for the server that it becomes; nobody sets them by hand."""
_NAME = re.compile(r"(?:LIMS|LIVELOT|DATABASE)_[A-Z_]+")


def _read():
    """Names in upper case that stand as texts in the product's code."""
    found = {}
    for path in (ROOT / "config.py", ROOT / "wsgi.py", *sorted((ROOT / "lims").rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _NAME.fullmatch(node.value)
            ):
                found.setdefault(node.value, str(path.relative_to(ROOT)))
    return found


def _asked_of_the_environment():
    """Whatever its name: each constant key that is asked of `os.environ`."""
    found = set()
    for path in sorted((ROOT / "lims").rglob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            found |= set(
                re.findall(r"""(?:environ|environment)(?:\.get\(|\[)["'](\w+)["']""", line)
            )
    return found


def test_every_variable_is_documented():
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    told += CliRunner().invoke(main, ["serve", "--help"]).output

    undocumented = {
        name: where
        for name, where in _read().items()
        if name not in told and name not in BETWEEN_OUR_PROCESSES
    }

    assert undocumented == {}


def test_no_variable_is_read_under_a_name_that_looks_like_no_setting():
    known = set(_read()) | OF_THE_SYSTEM | BETWEEN_OUR_PROCESSES

    assert _asked_of_the_environment() - known == set()
