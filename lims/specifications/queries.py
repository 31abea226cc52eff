"""Questions about specifications."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.control.models import DocumentState
from lims.foundation.errors import NotFound
from lims.products.models import Product
from lims.specifications.models import Specification, SpecificationLine


def get(session: Session, key: int) -> Specification:
    """A specification with its lines and their methods, in a fixed number of statements."""
    whole = (
        joinedload(Specification.product),
        selectinload(Specification.lines).joinedload(SpecificationLine.method),
    )
    found = session.scalar(select(Specification).where(Specification.id == key).options(*whole))
    if found is None:
        raise NotFound("specification", key)
    return found


def effective_for(session: Session, product: Product) -> Specification | None:
    """The approved specification of a product."""
    return session.scalar(
        select(Specification)
        .join(Specification.product)
        .where(Product.code == product.code, Specification.state == DocumentState.APPROVED)
        .order_by(Specification.approved_at.desc())
        .limit(1)
        .options(selectinload(Specification.lines).joinedload(SpecificationLine.method))
    )
