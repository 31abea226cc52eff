"""What the trail can be narrowed to, as the address says it: shape only."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import Length, Optional

from lims.pages.whole import Whole
from lims.web.fields import Day


class FilterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """All of it stands in the address; a question, so without a token."""

    class Meta:
        csrf = False

    lot = StringField("Lot", [Length(max=40)])
    person = StringField("Person", [Length(max=40)])
    action = StringField("Action", [Length(max=60)])
    record = StringField("Record", [Length(max=40)])
    words = StringField("Words", [Length(max=80)])
    since = Day("From", [Optional()])
    until = Day("To", [Optional()])
    quiet = BooleanField("Hide sign-ins and views")
    before = Whole("Before", [Optional()])
