"""What signing needs from the machine: a secret, and the place of the authority's key."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class HashCost:
    """Of argon2id; less than this default belongs in tests only, and production refuses it."""

    time: int = 3
    memory_kib: int = 65_536
    parallelism: int = 4


@dataclass(frozen=True)
class Strongbox:
    """Attributes: secret: of the server, 32 bytes or more; authority: file of the CA's key."""

    secret: bytes = field(repr=False)
    authority: Path
    cost: HashCost = field(default_factory=HashCost)
