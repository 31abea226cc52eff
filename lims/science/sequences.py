"""Nucleotide sequences as text: what a FASTA file may hold, and what a base code allows."""

from dataclasses import dataclass

from lims.science.errors import BadInputs

# IUPAC-IUB 1984 (NC-IUB, Eur J Biochem 150:1): the bases each code stands for.
BASES_OF = {
    "A": "A",
    "C": "C",
    "G": "G",
    "T": "T",
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}
_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")

#: Longest sequence that is aligned, in bases: marker genes, not genomes.
MAX_BASES = 5_000


@dataclass(frozen=True, slots=True)
class Sequence:
    """A named nucleotide sequence: upper case, T for U, no blanks."""

    name: str
    letters: str

    @property
    def reverse_complement(self) -> str:
        return self.letters.translate(_COMPLEMENT)[::-1]


def compatible(one: str, other: str) -> bool:
    """Whether two codes share a base, so that the pair may be a match."""
    return not set(BASES_OF[one]).isdisjoint(BASES_OF[other])


def sequence(text: str, name: str) -> Sequence:
    """A sequence from bare letters.

    Args:
        text: IUPAC nucleotide codes in any case; blanks and line ends are dropped, U is read as T.
        name: says in a refusal which sequence is meant.

    Raises:
        BadInputs: empty, longer than `MAX_BASES`, or with a sign that is no nucleotide code.
    """
    letters = "".join(text.split()).upper().replace("U", "T")
    if not letters:
        raise BadInputs(f"The sequence {name} is empty.")
    if len(letters) > MAX_BASES:
        raise BadInputs(
            f"The sequence {name} has {len(letters)} bases; at most {MAX_BASES} are aligned."
        )
    for at, letter in enumerate(letters, start=1):
        if letter not in BASES_OF:
            raise BadInputs(
                f"The sequence {name} has “{letter}” at position {at}, which is no nucleotide code."
            )
    return Sequence(name, letters)


def read_fasta(text: str, name: str) -> Sequence:
    """The one sequence of a FASTA text; text without a header line counts as bare letters.

    Args:
        text: the content of the file.
        name: used when the record has no name of its own.

    Raises:
        BadInputs: more than one record, letters before the header, or what `sequence` refuses.
    """
    lines = text.lstrip("\ufeff").strip().splitlines()
    headers = [at for at, line in enumerate(lines) if line.startswith(">")]
    if not headers:
        return sequence(text.lstrip("\ufeff"), name)
    if len(headers) > 1:
        raise BadInputs(f"{name} holds {len(headers)} sequences; one is needed.")
    if headers[0] != 0:
        raise BadInputs(f"{name} has text before its header line.")
    words = lines[0][1:].split()
    return sequence("".join(lines[1:]), words[0] if words else name)
