"""Every table in one import: what migrations compare with and what tests build."""

from importlib import import_module

NOUNS = (
    "audit",
    "site",
    "accounts",
    "control",
    "equipment",
    "products",
    "methods",
    "specifications",
    "lots",
    "samples",
    "runs",
    "results",
    "imports",
    "certificates",
    "disposition",
)


def load_models() -> None:
    """Import each noun's models, by name: the ground may not know the nouns above it."""
    for noun in NOUNS:
        import_module(f"lims.{noun}.models")
