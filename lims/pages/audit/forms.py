"""What the trail can be narrowed to, as the address says it: shape only."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, StringField
from wtforms.validators import Length, Optional


class FilterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """All of it stands in the address; a question, so without a token."""

    class Meta:
        csrf = False

    lot = StringField("Lot", [Length(max=40)])
    person = StringField("Person", [Length(max=40)])
    action = StringField("Action", [Length(max=60)])
    record = StringField("Record", [Length(max=40)])
    words = StringField("Words", [Length(max=80)])
    since = DateField("From", [Optional()])
    until = DateField("To", [Optional()])
    quiet = BooleanField("Hide sign-ins and views")
    before = IntegerField("Before", [Optional()])
