"""Find Chromium, or install it: `python tests/browser/install_chromium.py [--find]`.

Prints the path of the browser on its last line. Looks for the system's own first, then for
Playwright's; else installs the system's package (as root), else Playwright's build. Ends with a
sentence and status 1 when the machine is left without: the browser tests are never skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# The package's name in each family; the first that the machine's package manager knows is taken.
_INSTALLERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "apt-get": (
        ("update", "-q"),
        ("install", "-q", "-y", "--no-install-recommends", "chromium"),
    ),
    "dnf": (("install", "-q", "-y", "chromium"),),
    "apk": (("add", "--quiet", "chromium"),),
}


def find() -> Path | None:
    """A browser that answers when asked for its version; LIVELOT_CHROMIUM names one by hand."""
    named = os.environ.get("LIVELOT_CHROMIUM")
    candidates = [named] if named else [*map(shutil.which, _NAMES), _playwrights()]
    for candidate in candidates:
        if candidate and _answers(candidate):
            return Path(candidate)
    return None


def _answers(program: str) -> bool:
    """Asked, not looked up: on some systems `chromium` is a script that only advises to install."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, timeout=60, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "Chrom" in done.stdout


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright  # slow, and often not needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try the system's packages when we may, then Playwright's own build."""
    for manager, steps in _INSTALLERS.items():
        if os.geteuid() == 0 and shutil.which(manager):
            if all(_run([manager, *step]) for step in steps) and find():
                return
            break
    _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _run(command: Sequence[str]) -> bool:
    sys.stderr.write(f"  {' '.join(command)}\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Its talk goes to our error stream: our own output is the path alone.
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )
    return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    path = find()
    if path is None and "--find" not in arguments:
        sys.stderr.write("There is no Chromium here; installing it.\n")
        install()
        path = find()
    if path is None:
        sys.stderr.write(
            "There is no Chromium, and the browser tests need one. Run “make browser”, install the "
            "package chromium by hand, or name a browser by LIVELOT_CHROMIUM.\n"
        )
        return 1
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
