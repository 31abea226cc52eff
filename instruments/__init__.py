"""Instrument files: bytes in, a reading out. Knows nothing of the rest of the product.

`read(content, filename)` is the one entrance. Everything else is imported when first used, so that
importing this package costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruments.readings import Reading

__all__ = ["read"]


def read(content: bytes, filename: str) -> "Reading":
    """Read an instrument file; see `instruments.catalogue.read`."""
    from instruments import catalogue  # noqa: PLC0415

    return catalogue.read(content, filename)
