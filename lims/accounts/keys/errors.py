"""Why a key or the authority cannot be used."""

from lims.foundation.errors import RuleBroken


class WrongPassword(RuleBroken):
    """The password, the server's secret or the envelope is not the one the key was wrapped with."""

    def __init__(self) -> None:
        super().__init__("The password does not open this signing key.")


class EnvelopeUnreadable(RuleBroken):
    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"The stored signing key cannot be read: {problem}.")


class AuthorityUnavailable(RuleBroken):
    """The file of the laboratory's authority is missing, unreadable or open to others."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"The laboratory's certificate authority cannot be used: {problem}.")
