"""What the review page accepts: shape only."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf

from lims.results.actions import ReviewDecision


class DecisionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """One press of approve or return; password and fingerprint are read by whoever signs."""

    decision = StringField(
        "Decision", [AnyOf([each.value for each in ReviewDecision], "Approve or return.")]
    )
    reason = StringField("Comment")
