"""What happens to specifications: drafted with their lines, edited until they are approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lims import assays
from lims.audit.act import Act
from lims.control import actions as control
from lims.control import queries as documents
from lims.control.models import Controlled, DocumentState
from lims.foundation.errors import RuleBroken
from lims.methods.models import Method
from lims.products.models import Product
from lims.science import criteria_data
from lims.science.acceptance import Criterion
from lims.specifications.models import Specification, SpecificationLine

D = TypeVar("D", bound=Controlled)


@dataclass(frozen=True)
class LineTold:
    """One required test: `criterion_text` is what the certificate prints."""

    name: str
    method: Method
    criterion: Criterion
    criterion_text: str


def _check_product(product: Product) -> None:
    if product.state is not DocumentState.APPROVED:
        sentence = f"{product.label} is not approved; approve the product first."
        raise RuleBroken(sentence, product=sentence)


def _check_line(line: LineTold) -> None:
    if line.method.state is not DocumentState.APPROVED:
        sentence = f"{line.method.label} is not approved; approve the method first."
        raise RuleBroken(sentence, method=sentence)
    if not line.name.strip() or not line.criterion_text.strip():
        raise RuleBroken("Each line has a name and a criterion in words.", name="Enter a name.")
    _check_unit(line)


def _check_unit(line: LineTold) -> None:
    """A limit in a unit that the method never reports could not be compared with any result."""
    offered = assays.find(line.method.assay).criterion_units(line.method.parameters)
    unit = getattr(line.criterion, "unit", None)
    if unit is not None and offered and unit not in offered:
        sentence = f"{line.method.label} reports in {' or '.join(offered)}, not in “{unit}”."
        raise RuleBroken(sentence, unit=sentence)


def draft(
    act: Act, code: str, title: str, product: Product, lines: Sequence[LineTold], reason: str = ""
) -> Specification:
    """A specification as a draft; lines may follow, but none is signed without."""
    if not code.strip() or not title.strip():
        raise RuleBroken("A specification has a code and a title.", code="Enter code and title.")
    _check_product(product)
    for line in lines:
        _check_line(line)
    made = Specification(code=code.strip(), title=title.strip(), product_id=product.id)
    made.product = product
    made.lines = [_line(position, told) for position, told in enumerate(lines, start=1)]
    control.draft(act, made, reason)
    return made


def new_version(act: Act, specification: Specification) -> Specification:
    """A draft with the same lines, bound to the product and methods that are in force now."""
    control.check_copied(specification)
    made = control.copy_of(specification)
    made.product = _in_force(act, Product, specification.product)
    made.product_id = made.product.id
    made.lines = [_copied(act, line) for line in specification.lines]
    control.draft(act, made, act.need_reason())
    return made


def _copied(act: Act, line: SpecificationLine) -> SpecificationLine:
    method = _in_force(act, Method, line.method)
    criterion = criteria_data.from_data(line.criterion)
    return _line(line.position, LineTold(line.name, method, criterion, line.criterion_text))


def _in_force(act: Act, kind: type[D], document: D) -> D:
    found = documents.find_approved(act.session, kind, document.code)
    if found is None:
        raise RuleBroken(f"No version of {document.code} is approved; approve one first.")
    return found


def author(act: Act, specification: Specification, password: str, shown: str | None = None) -> None:
    """The author signs; what the specification refers to has to be in force."""
    _check_bindings(specification)
    control.author(act, specification, password, shown)


def approve(
    act: Act,
    specification: Specification,
    effective_on: date,
    password: str,
    shown: str | None = None,
) -> None:
    """A second person signs; a method superseded meanwhile has to be bound anew first."""
    _check_bindings(specification)
    control.approve(act, specification, effective_on, password, shown)


def _check_bindings(specification: Specification) -> None:
    if not specification.lines:
        raise RuleBroken("A specification demands at least one test; add a line first.")
    bound: list[Controlled] = [
        specification.product,
        *(line.method for line in specification.lines),
    ]
    for each in bound:
        if each.state is not DocumentState.APPROVED:
            raise RuleBroken(
                f"{each.label} is {each.state.value}; {specification.label} refers to it. "
                "Bind the version in force before it is signed."
            )


def edit_head(act: Act, specification: Specification, title: str, shown: str | None = None) -> None:
    """Change the title of a draft; code and product stay."""
    control.check_editable(specification, shown)
    if not title.strip():
        raise RuleBroken("A specification has a title.", title="Enter the title.")
    specification.title = title.strip()
    control.edited(act, specification)


def add_line(
    act: Act, specification: Specification, told: LineTold, shown: str | None = None
) -> SpecificationLine:
    """One more required test in a draft."""
    control.check_editable(specification, shown)
    _check_line(told)
    line = _line(len(specification.lines) + 1, told)
    specification.lines.append(line)
    act.session.flush()
    control.edited(act, specification)
    return line


def edit_line(
    act: Act,
    specification: Specification,
    position: int,
    told: LineTold,
    shown: str | None = None,
) -> None:
    """Change one line of a draft in place."""
    control.check_editable(specification, shown)
    _check_line(told)
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
