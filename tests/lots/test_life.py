"""The life of a lot and of a certificate: every step that exists, and no other."""

from itertools import product

import pytest

from lims.certificates import rules as certificates
from lims.certificates.models import Certificate, CertificateState
from lims.foundation.errors import WrongState
from lims.lots import rules as lots
from lims.lots.models import Lot, LotState

LOT = {
    "registered": {"in test", "on hold", "cancelled"},
    "in test": {"tested", "on hold", "cancelled"},
    "tested": {"in test", "released", "rejected", "on hold"},
    "on hold": {"registered", "in test", "tested", "rejected", "cancelled"},
    "released": {"on hold"},
    "rejected": set(),
    "cancelled": set(),
}
CERTIFICATE = {
    "prepared": {"signed by QC", "void"},
    "signed by QC": {"issued", "void"},
    "issued": {"void"},
    "void": set(),
}


@pytest.mark.req("LR-05")
@pytest.mark.parametrize(("here", "there"), list(product(LotState, LotState)))
def test_a_lot_takes_the_steps_of_the_table_only(here, there):
    lot = Lot(number="BL07-26-0001", state=here)

    if there.value in LOT[here.value]:
        lots.check_move(lot, there)
    else:
        with pytest.raises(WrongState, match="BL07-26-0001"):
            lots.check_move(lot, there)


@pytest.mark.req("LR-05")
@pytest.mark.parametrize(("here", "there"), list(product(CertificateState, CertificateState)))
def test_a_certificate_takes_the_steps_of_the_table_only(here, there):
    certificate = Certificate(number="COA-26-0001", version=1, state=here)

    if there.value in CERTIFICATE[here.value]:
        certificates.check_move(certificate, there)
    else:
        with pytest.raises(WrongState, match="COA-26-0001"):
            certificates.check_move(certificate, there)
