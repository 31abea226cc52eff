import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).with_name("install_chromium.py")
_BROWSER = "#!/bin/sh\necho Chromium 141.0\n"
# Some systems have a `chromium` that only tells how to install one.
_ADVICE = "#!/bin/sh\necho 'please install the snap'; exit 1\n"
_APT = """#!/bin/sh
echo "apt-get $*" >> {folder}/asked
if [ "$1" = install ]; then printf '#!/bin/sh\\necho Chromium 141.0\\n' > {folder}/chromium; fi
/bin/chmod 755 {folder}/chromium 2>/dev/null; exit 0
"""


def _program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def _run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "LIVELOT_CHROMIUM"}
    empty = {"PATH": str(folder), "PLAYWRIGHT_BROWSERS_PATH": str(folder / "none")}
    return subprocess.run(
        [sys.executable, _SCRIPT, *arguments],
        env=environment | empty | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_the_systems_browser_is_found_under_its_usual_names(tmp_path: Path, name: str) -> None:
    path = _program(tmp_path, name, _BROWSER)

    assert _run(tmp_path).stdout == f"{path}\n"


def test_a_browser_named_by_hand_is_taken(tmp_path: Path) -> None:
    path = _program(tmp_path, "mine", _BROWSER)

    assert _run(tmp_path, "--find", LIVELOT_CHROMIUM=str(path)).stdout == f"{path}\n"


def test_a_machine_without_a_browser_is_told_so_and_nothing_is_skipped(tmp_path: Path) -> None:
    _program(tmp_path, "chromium", _ADVICE)

    done = _run(tmp_path, "--find")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "There is no Chromium" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs the system's packages")
def test_root_installs_the_systems_package(tmp_path: Path) -> None:
    _program(tmp_path, "apt-get", _APT.format(folder=tmp_path))

    done = _run(tmp_path)

    assert done.stdout == f"{tmp_path / 'chromium'}\n"
    assert (tmp_path / "asked").read_text().splitlines() == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends chromium",
    ]
