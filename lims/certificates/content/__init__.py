"""Everything a certificate of analysis says, fixed when it is prepared.

Nothing here floats: numbers are text as printed, with the unrounded text beside them. The overall
conclusion is computed from the rows and cannot be set, so it cannot contradict them.
Sources: ICH Q7 11.4; WHO model certificate of analysis.
"""

from lims.certificates.content.certificate import (
    LOGO_LIMIT,
    CertificateContent,
    Conclusion,
)
from lims.certificates.content.facts import (
    ChainHead,
    ExpectedSigner,
    Footnote,
    Laboratory,
    Lookup,
    Lot,
    Manufacturer,
    Original,
    Product,
    RecordSignature,
    Specification,
    Superseded,
)
from lims.certificates.content.results import (
    Family,
    LineVerdict,
    MethodReference,
    Reported,
    TestLine,
)
from lims.certificates.content.text import (
    RichText,
    Script,
    Span,
    italic,
    plain,
    rich,
)

SCHEMA_VERSION = 1
"""Of the JSON form; raised with every change of these classes."""

__all__ = [
    "LOGO_LIMIT",
    "SCHEMA_VERSION",
    "CertificateContent",
    "ChainHead",
    "Conclusion",
    "ExpectedSigner",
    "Family",
    "Footnote",
    "Laboratory",
    "LineVerdict",
    "Lookup",
    "Lot",
    "Manufacturer",
    "MethodReference",
    "Original",
    "Product",
    "RecordSignature",
    "Reported",
    "RichText",
    "Script",
    "Span",
    "Specification",
    "Superseded",
    "TestLine",
    "italic",
    "plain",
    "rich",
]
