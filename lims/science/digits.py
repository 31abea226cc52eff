"""Numbers as a person writes them: all their digits, no exponent, no idle zeros."""

from decimal import Decimal


def shown(value: float | Decimal) -> str:
    """`50`, `0.25`, `0.04882812`."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
