"""What the import pages accept: shape only."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import DataRequired, Length


class UploadForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    file = FileField("File", [FileRequired("Choose the file that the reader's software wrote.")])


class LayoutForm(FlaskForm):  # type: ignore[misc]
    """Which read, layout and reader; the tests by slot come beside it as `slot-1`, `slot-2`."""

    position = StringField("Read", [DataRequired("Choose the read.")])
    layout = StringField("Layout", [DataRequired("Choose the layout.")])
    equipment = StringField("Reader", [DataRequired("Choose the reader.")])


class WellForm(FlaskForm):  # type: ignore[misc]
    well = StringField("Well", [DataRequired("Choose the well."), Length(max=4)])
    reason = StringField("Reason", [Length(max=500)])
