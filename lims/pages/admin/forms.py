"""What the pages of people accept: shape only."""

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from lims.accounts.roles import TITLES
from lims.web.fields import Day

_ROLES = [(role.value, title) for role, title in TITLES.items()]


class InviteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    login = StringField("Login", [DataRequired("Enter a login."), Length(max=80)])
    name = StringField("Full name", [DataRequired("Enter the full name."), Length(max=120)])
    roles = SelectMultipleField("Roles", choices=lambda: _ROLES)
    reason = StringField("Reason", [Length(max=2000)])


class GrantForm(FlaskForm):  # type: ignore[misc]
    role = SelectField("Role", choices=lambda: _ROLES)
    starts_on = Day("First day", [InputRequired("Enter the date as 2026-11-22.")])
    ends_on = Day("Last day", [Optional()])
    reason = StringField("Reason", [Length(max=2000)])


class AsOfForm(FlaskForm):  # type: ignore[misc]
    """The day whose access rights are asked for; a question, so without a token."""

    class Meta:
        csrf = False

    on = Day("As of", [InputRequired("Enter the date as 2026-11-22.")])
