class ScienceError(Exception):
    """Root of every refusal of a calculation; its text is a full sentence for the analyst."""


class BadInputs(ScienceError):
    """What was given is missing, mistyped or cannot be: nothing was calculated."""


class NoAnswer(ScienceError):
    """The inputs are sound, but the method gives no number for them."""


class UnknownCalculation(ScienceError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"No calculation is called “{name}”; `lims calc --list` names them all.")
