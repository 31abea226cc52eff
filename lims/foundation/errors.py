"""Refusals. Each carries its facts and one full sentence for the person who caused it."""


class LimsError(Exception):
    """A refusal that a person can understand and act upon."""


class NotFound(LimsError):
    def __init__(self, what: str, key: object) -> None:
        self.what, self.key = what, key
        super().__init__(f"There is no {what} {key}.")


class NotAllowed(LimsError):
    """The person may not do this."""


class Stale(LimsError):
    """Somebody else changed the record since it was shown.

    Attributes:
        theirs: what stands in the record now.
        yours: what was to be saved.
    """

    def __init__(self, what: str, yours: str = "", theirs: str = "") -> None:
        self.what, self.yours, self.theirs = what, yours, theirs
        super().__init__(
            f"{what} was changed by somebody else after you opened it"
            + (f": it now says “{theirs}”, you entered “{yours}”. " if theirs or yours else ". ")
            + "Nothing was saved; look at the new state and decide again."
        )


class RuleBroken(LimsError):
    """What was asked contradicts a rule of the laboratory.

    Attributes:
        fields: messages by form field, where the refusal belongs to one.
    """

    def __init__(self, sentence: str, **fields: str) -> None:
        self.fields = fields
        super().__init__(sentence)


class WrongState(RuleBroken):
    def __init__(self, what: str, state: str, wanted: str) -> None:
        self.what, self.state, self.wanted = what, state, wanted
        super().__init__(f"{what} is {state}; this needs it to be {wanted}.")


class ReasonMissing(RuleBroken):
    def __init__(self) -> None:
        sentence = "Give a reason of at least 10 characters that says why, in words."
        super().__init__(sentence, reason=sentence)
