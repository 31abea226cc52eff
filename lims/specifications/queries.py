"""Questions about specifications."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from lims.control.models import DocumentState
from lims.products.models import Product
from lims.specifications.models import Specification, SpecificationLine


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
