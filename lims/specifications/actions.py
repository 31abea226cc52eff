"""What happens to specifications: drafted with their lines, edited until they are approved."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims import assays
from lims.audit.act import Act
from lims.control import actions as control
from lims.control.models import DocumentState
from lims.foundation.errors import RuleBroken
from lims.methods.models import Method
from lims.products.models import Product
from lims.science import criteria_data
from lims.science.acceptance import Criterion
from lims.specifications.models import Specification, SpecificationLine


@dataclass(frozen=True)
class LineTold:
    """One required test: `criterion_text` is what the certificate prints."""

    name: str
    method: Method
    criterion: Criterion
    criterion_text: str


def _check(product: Product, lines: Sequence[LineTold]) -> None:
    if product.state is not DocumentState.APPROVED:
        raise RuleBroken(f"{product.label} is not approved; approve the product first.")
    if not lines:
        raise RuleBroken("A specification demands at least one test.")
    for line in lines:
        if line.method.state is not DocumentState.APPROVED:
            raise RuleBroken(f"{line.method.label} is not approved; approve the method first.")
        if not line.name.strip() or not line.criterion_text.strip():
            raise RuleBroken("Each line has a name and a criterion in words.")


def draft(
    act: Act, code: str, title: str, product: Product, lines: Sequence[LineTold], reason: str = ""
) -> Specification:
    """A specification, or a new version of one, as a draft."""
    if not code.strip() or not title.strip():
        raise RuleBroken("A specification has a code and a title.", code="Enter code and title.")
    _check(product, lines)
    made = Specification(code=code.strip(), title=title.strip(), product_id=product.id)
    made.product = product
    made.lines = [_line(position, told) for position, told in enumerate(lines, start=1)]
    control.draft(act, made, reason)
    return made


def add_line(act: Act, specification: Specification, told: LineTold) -> SpecificationLine:
    control.check_editable(specification)
    _check(specification.product, [told])
    line = _line(len(specification.lines) + 1, told)
    specification.lines.append(line)
    act.session.flush()
    control.edited(act, specification)
    return line


def edit_line(act: Act, specification: Specification, position: int, told: LineTold) -> None:
    """Change one line of a draft in place."""
    control.check_editable(specification)
    _check(specification.product, [told])
    line = next((each for each in specification.lines if each.position == position), None)
    if line is None:
        raise RuleBroken(f"There is no line {position}.")
    fresh = _line(position, told)
    for name in ("family", "name", "method_id", "criterion", "criterion_text"):
        setattr(line, name, getattr(fresh, name))
    line.method = told.method
    control.edited(act, specification)


def _line(position: int, told: LineTold) -> SpecificationLine:
    line = SpecificationLine(
        position=position,
        family=assays.find(told.method.assay).family.value,
        name=told.name.strip(),
        method_id=told.method.id,
        criterion=criteria_data.as_data(told.criterion),
        criterion_text=told.criterion_text.strip(),
    )
    line.method = told.method
    return line
