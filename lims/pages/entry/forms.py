"""What the entry pages accept beside the readings themselves."""

from flask_wtf import FlaskForm
from wtforms import StringField


class RepeatForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Why a test is done again; whether the reason says enough is a rule, not a shape."""

    reason = StringField("Reason of the repeat")
