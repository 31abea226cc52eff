"""What analysts read at the bench, field by field, for each kind of test of the demonstration."""

from datetime import timedelta

from lims.assays.entries import MOMENT_FORMAT
from lims.demonstration.setting import DATA
from lims.foundation import clock

ZONE = "Europe/Vienna"


def ago(hours: float) -> str:
    """A moment on the laboratory's clock, as it is typed."""
    return clock.local(clock.now() - timedelta(hours=hours), ZONE).strftime(MOMENT_FORMAT)


def identity() -> dict[str, str]:
    return {
        "extraction": "DNA-118",
        "polymerase": "PCR-442",
        "sequencer": "SEQ-01",
        "sequenced_at": ago(30),
        "rrna_fasta": (DATA / "lot_16s.fasta").read_text(encoding="utf-8"),
        "strain_fasta": (DATA / "lot_strain_locus.fasta").read_text(encoding="utf-8"),
        "quality": "97.4",
        "blank": "negative",
        "template_control": "positive",
    }


def count(
    *, blank: str = "0", tenth: tuple[str, str, str] = ("182", "169", "175")
) -> dict[str, str]:
    """Plates of one preparation at 10^-5, 10^-6 and 10^-7; `tenth` are those at 10^-6."""
    plates = {-5: ("TNTC", "TNTC", "TNTC"), -6: tenth, -7: ("19", "16", "21")}
    return {
        "medium": "MRS-7731",
        "diluent": "MRD-5520",
        "balance": "BAL-01",
        "incubator": "INC-02",
        "mass:1": "5.02",
        "incubation_start": ago(75),
        "incubation_end": ago(2.8),
        "chamber": "JAR-04",
        "indicator": "anaerobic, colourless",
        **{
            f"plate:1:{exponent}:{replicate}": text
            for exponent, row in plates.items()
            for replicate, text in enumerate(row, start=1)
        },
        "blank": blank,
        "reference": "87",
        "reference_lot": "REF-BL07",
        "anaerobe": "growth",
        "aerobe": "no growth",
    }


def absence() -> dict[str, str]:
    return {
        "portion": "10",
        "balance": "BAL-01",
        "broth_lot": "MCB-2210",
        "incubator": "INC-03",
        "enrichment_start": ago(78),
        "enrichment_end": ago(48),
        "broth_seen": "turbid",
        "agar_lot": "MCA-2214",
        "subculture_start": ago(47.5),
        "subculture_end": ago(2),
        "colonies": "no colonies",
        "positive_lot": "REF-EC01",
        "positive": "growth",
        "spiked": "growth",
        "negative": "no growth",
    }


def lysis() -> dict[str, str]:
    """The bench facts beside a plate file."""
    return {
        "broth": "BRO-5531",
        "host": "REF-BL07",
        "phage": "PHG-02",
        "filtered_at": ago(31),
        "plate_started": ago(30),
    }


def plate_file(mark: str = "2") -> bytes:
    """The demonstration's plate under another protocol name: other bytes, the same readings."""
    real = (DATA / "epoch_phage_growth_Rep1.csv").read_bytes()
    changed = real.replace(b"OD600 Overnight.prt", f"OD600 Overnight {mark}.prt".encode())
    assert changed != real
    return changed
