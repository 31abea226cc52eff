"""What the selects of the forms offer, and the records behind a choice."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import assays
from lims.control import queries as documents
from lims.control.models import Controlled
from lims.methods.models import Method
from lims.pages.catalogue.forms import (
    LayoutForm,
    LineForm,
    ProductForm,
    ReferenceForm,
    SpecificationForm,
)
from lims.products.models import Product, Strain


def offer(form: FlaskForm, session: Session) -> None:
    """Fill the choices of a form: only what is approved can be referred to."""
    if isinstance(form, ProductForm):
        form.strains.choices = _strains(session)
    if isinstance(form, ReferenceForm):
        form.strain.choices = _strains(session)
    if isinstance(form, LayoutForm):
        form.assay.choices = [(each.key, each.title) for each in assays.every() if each.takes_file]
    if isinstance(form, SpecificationForm):
        form.product.choices = _approved(session, Product)
    if isinstance(form, LineForm):
        form.method.choices = _approved(session, Method)


def _approved(session: Session, kind: type[Controlled]) -> list[tuple[str, str]]:
    found = documents.approved(session, kind)
    return [(each.code, f"{each.label}, {each.title}") for each in found]


def _strains(session: Session) -> list[tuple[str, str]]:
    found = session.scalars(select(Strain).order_by(Strain.code))
    return [(each.code, f"{each.code}, {each.taxon} {each.designation}") for each in found]


def strains(session: Session, codes: Sequence[str]) -> Sequence[Strain]:
    return session.scalars(select(Strain).where(Strain.code.in_(codes)).order_by(Strain.code)).all()
