"""A whole number in a form, refused with what was typed and what to type."""

from wtforms import IntegerField


class Whole(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as refusal:
            typed = " ".join(valuelist)
            raise ValueError(f"“{typed}” is not a whole number; write digits only.") from refusal
