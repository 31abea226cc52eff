"""From a density of live bacteria to what one dose holds."""

from collections.abc import Sequence
from decimal import Decimal

from lims.science.errors import BadInputs
from lims.science.rounding import CONTEXT, log10
from lims.science.trace import operation


@operation("N per dose = N per g × fill mass")
def per_dose(density: Decimal, mass_g: Decimal) -> Decimal:
    """Units per dose from units per gram and the fill mass of one dose, g."""
    if mass_g <= 0:
        raise BadInputs(f"The fill mass of a dose must be above zero, not {mass_g} g.")
    return CONTEXT.multiply(density, mass_g)


@operation("c = weighed mass / suspension volume")
def sample_per_ml(mass_g: Decimal, volume_ml: Decimal) -> Decimal:
    """Sample in each mL of the primary suspension, g/mL."""
    if mass_g <= 0 or volume_ml <= 0:
        raise BadInputs(f"Mass and volume must be above zero, not {mass_g} g and {volume_ml} mL.")
    return CONTEXT.divide(mass_g, volume_ml)


@operation("N = 10^(mean of log10 Nᵢ)")
def mean_of_preparations(densities: Sequence[Decimal]) -> Decimal:
    """One value from independent preparations: the mean of their logarithms."""
    total = sum((log10(density) for density in densities), Decimal(0))
    return CONTEXT.power(Decimal(10), CONTEXT.divide(total, Decimal(len(densities))))
