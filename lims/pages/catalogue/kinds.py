"""The kinds of controlled document that the catalogue shows, and what is done to each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from flask import Blueprint
from sqlalchemy.orm import Session

from lims.audit.act import Act
from lims.control import actions as control
from lims.control import queries as documents
from lims.control.models import Controlled
from lims.foundation.errors import NotFound
from lims.methods import actions as methods
from lims.methods.models import Method, PlateLayout
from lims.products import actions as products
from lims.products.models import Product, ReferenceSequence
from lims.specifications import actions as specifications
from lims.specifications import queries as specification_queries
from lims.specifications.models import Specification

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")

Sign = Callable[[Act, Any, str, str | None], None]
Approve = Callable[[Act, Any, date, str, str | None], None]


@dataclass(frozen=True)
class Kind:
    """One kind of document: its word in addresses, its title, and its own verbs."""

    word: str
    title: str
    plural: str
    icon: str
    model: type[Controlled]
    again: Callable[[Act, Any], Controlled]
    author: Sign = control.author
    approve: Approve = control.approve


_KINDS = (
    Kind("specification", "Specification", "Specifications", "doc", Specification,
         specifications.new_version, specifications.author, specifications.approve),
    Kind("product", "Product", "Products", "lot", Product, products.new_product_version),
    Kind("method", "Method", "Methods", "gear", Method, methods.new_method_version),
    Kind("layout", "Plate layout", "Plate layouts", "plate", PlateLayout,
         methods.new_layout_version),
    Kind("reference", "Reference sequence", "Reference sequences", "dna", ReferenceSequence,
         products.new_reference_version),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.word: kind for kind in _KINDS}


def kind_of(word: str) -> Kind:
    if word not in KINDS:
        raise NotFound("kind of document", word)
    return KINDS[word]


def get(session: Session, kind: Kind, key: int) -> Controlled:
    """A document with all that its page shows, in a fixed number of statements."""
    if kind.model is Specification:
        return specification_queries.get(session, key)
    return documents.get(session, kind.model, key)


def table_of(document: Controlled) -> str:
    """The name under which the trail knows a document."""
    return cast("str", vars(type(document))["__tablename__"])
