"""Kills at random moments under load: nothing acknowledged is lost, nothing is half there.

A kill does not test what a disk does with its cache at a power cut; that is fsync's promise.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from lims.audit.verify import verify_chain
from lims.cli import ground
from lims.foundation import migrate
from lims.foundation.embedded import Cluster, ensure_started, server

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

_KILLS = int(os.environ.get("LIVELOT_KILLS", "200"))
_WRITERS = 4
_SEED = 20260101


@pytest.fixture
def laboratory(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster as a laboratory has it: fsync on."""
    cluster = ensure_started(tmp_path / "laboratory")
    migrate.upgrade(cluster.urls.owner)
    yield cluster
    cluster.stop()
    with (cluster.place.data / "postgresql.conf").open("a") as settings:
        settings.write("# made for tests: fsync is off\n")  # only such a cluster may be destroyed
    cluster.destroy()


@dataclass
class _Writers:
    """Processes that write without rest; each new one goes by a new name."""

    url: str
    said: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0

    def start(self) -> None:
        self.started += 1
        command = [sys.executable, Path(__file__).with_name("writer.py"), self.url]
        with self.said.open("ab") as said:
            self.running.append(subprocess.Popen([*command, f"W{self.started}"], stdout=said))

    def kill_one(self, chance: random.Random) -> None:
        victim = self.running.pop(chance.randrange(len(self.running)))
        victim.kill()
        victim.wait()
        self.start()

    def kill_all(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()

    def acknowledged(self) -> list[str]:
        return self.said.read_text().split()


def _column(cluster: Cluster, question: str) -> list[str]:
    with psycopg.connect(ground.conninfo(cluster.urls.reader)) as connection:
        return [str(row[0]) for row in connection.execute(question.encode())]


@pytest.mark.req("BK-03")
def test_no_kill_loses_what_was_acknowledged_or_leaves_half_an_act(
    laboratory: Cluster, tmp_path: Path
) -> None:
    chance = random.Random(_SEED)
    writers = _Writers(laboratory.urls.application, tmp_path / "acknowledged")
    for _ in range(_WRITERS):
        writers.start()
    time.sleep(2)
    for _ in range(_KILLS // 2):
        time.sleep(chance.uniform(0.02, 0.6))
        writers.kill_one(chance)
        time.sleep(chance.uniform(0.02, 0.6))
        server.kill(laboratory.place)
        assert ensure_started(laboratory.place.directory).started_here
    writers.kill_all()

    kept = _column(laboratory, "SELECT code FROM equipment")
    told = "SELECT hashed::jsonb #>> '{body,record,label}' FROM audit_event WHERE action = 'equipment.added'"
    second = (
        "SELECT hashed::jsonb #>> '{body,facts,code}' FROM audit_event WHERE action = 'kill.second'"
    )
    acknowledged = writers.acknowledged()

    assert len(acknowledged) > _KILLS
    assert set(acknowledged) - set(kept) == set()
    assert sorted(kept) == sorted(_column(laboratory, told)) == sorted(_column(laboratory, second))
    assert verify_chain(laboratory.urls.reader).intact
