"""Why a certificate cannot be made or signed, in sentences for the person who asked for it."""

import unicodedata

from lims.foundation.errors import RuleBroken


class ContentRefused(RuleBroken):
    """The content contradicts itself or lacks what every certificate states."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"The certificate cannot be made: {field} {problem}.", **{field: problem})


class ContentUnreadable(RuleBroken):
    """A JSON text is not a certificate content of this schema."""

    def __init__(self, place: str, problem: str) -> None:
        self.place, self.problem = place, problem
        super().__init__(f"This is no readable certificate content: {place} {problem}.")


class RegisterRefused(RuleBroken):
    """A text is no register that this laboratory signed."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"The register {problem}. Download it again from the laboratory.")


class GlyphMissing(ContentRefused):
    """A character that the certificate's fonts cannot show, so it would print as a blank."""

    def __init__(self, field: str, character: str) -> None:
        self.character = character
        name = unicodedata.name(character, "unnamed character")
        super().__init__(field, f"holds U+{ord(character):04X} ({name}), which cannot be printed")


class TextDoesNotFit(ContentRefused):
    """A text that would run out of its place even at the smallest readable size."""

    def __init__(self, field: str, text: str) -> None:
        self.text = text
        shown = text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004
        super().__init__(field, f"is too long for its place: “{shown}”")


class SigningRefused(RuleBroken):
    """The certificate cannot take this signature now."""


class NotSignable(SigningRefused):
    """The bytes are no prepared certificate of ours."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"This file cannot be signed: {problem}.")


class DraftNotSignable(SigningRefused):
    def __init__(self) -> None:
        super().__init__("A draft cannot be signed. Prepare the certificate first.")


class FieldUnknown(SigningRefused):
    def __init__(self, field: str, known: tuple[str, ...]) -> None:
        self.field, self.known = field, known
        super().__init__(
            f"The certificate has no signature field “{field}”; it has {', '.join(known)}."
        )


class FieldFilled(SigningRefused):
    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"The signature “{field}” has already been given.")


class WrongOrder(SigningRefused):
    def __init__(self, field: str, first: str) -> None:
        self.field, self.first = field, first
        super().__init__(f"“{first}” signs before “{field}”, and has not signed yet.")


class WrongMeaning(SigningRefused):
    """Role or meaning differ from what the certificate prints beside the field."""

    def __init__(self, field: str, expected: str, given: str) -> None:
        self.field, self.expected, self.given = field, expected, given
        super().__init__(
            f"The field “{field}” is for “{expected}”; this signature would say “{given}”."
        )


class SignerAgain(SigningRefused):
    def __init__(self, login: str) -> None:
        self.login = login
        super().__init__(f"{login} has already signed this certificate; another person signs next.")


class KeyNotValid(SigningRefused):
    """The signer's certificate is outside its life, or belongs to somebody else."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"This signing key cannot be used: {problem}.")
