"""A lot comes: it is entered, bound to its specification, its tests planned, a sample expected."""

from lims.audit.act import Act
from lims.control import queries as control
from lims.foundation.errors import RuleBroken
from lims.lots import actions as lots
from lims.lots.models import Lot
from lims.products.models import Product
from lims.results import actions as results
from lims.samples import actions as samples
from lims.specifications import queries as specifications


def register(act: Act, told: lots.NewLot, product_code: str) -> Lot:
    """Register a lot and plan the tests of the specification effective on this day.

    Raises:
        RuleBroken: the product or its specification is not approved; the number was used before.
    """
    product = control.find_approved(act.session, Product, product_code)
    if product is None:
        sentence = f"There is no approved product {product_code}."
        raise RuleBroken(sentence, product=sentence)
    specification = specifications.effective_for(act.session, product)
    if specification is None:
        sentence = f"{product.title} has no approved specification in force; QA has to approve one."
        raise RuleBroken(sentence, product=sentence)
    lot = lots.register(act, told, specification)
    sample = samples.expect(act, lot)
    results.plan(act, lot, specification.lines, sample)
    return lot
