"""One laboratory and one issued certificate for all tests; they are values and never change."""

import hashlib

import pytest

from lims.certificates.register_entry import RegisterEntry, RegisterState
from tests.certificates import laboratory
from tests.certificates.laboratory import Laboratory


@pytest.fixture(scope="session")
def lab() -> Laboratory:
    return laboratory.found()


@pytest.fixture(scope="session")
def prepared(lab: Laboratory) -> bytes:
    return lab.prepare()


@pytest.fixture(scope="session")
def signed_by_qc(lab: Laboratory, prepared: bytes) -> bytes:
    return lab.sign_qc(prepared)


@pytest.fixture(scope="session")
def issued(lab: Laboratory, signed_by_qc: bytes) -> bytes:
    return lab.sign_qa(signed_by_qc)


@pytest.fixture(scope="session")
def entry(issued: bytes) -> RegisterEntry:
    return RegisterEntry(
        number="COA-26-0482",
        version=1,
        sha256=hashlib.sha256(issued).hexdigest(),
        state=RegisterState.CURRENT,
        lot_number="BL07-26-0114",
        lot_state="released",
        signers=("rc", "qd"),
    )
