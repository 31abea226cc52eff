"""What the account pages accept."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    login = StringField("Login", [DataRequired("Enter your login.")])
    password = PasswordField("Password", [DataRequired("Enter your password.")])
    next = HiddenField()


class UnlockForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField("Password", [DataRequired("Enter your password.")])
    next = HiddenField()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField("New password", [DataRequired("Choose a password.")])
    again = PasswordField(
        "New password again", [EqualTo("password", "The two passwords are not the same.")]
    )


class ChangePasswordForm(NewPasswordForm):
    old = PasswordField("Present password", [DataRequired("Enter your present password.")])
