"""A laboratory begins: its name, its certificate authority, its first administrator."""

from lims.accounts import actions as accounts
from lims.accounts import keys
from lims.accounts.models import Person, Role
from lims.accounts.signing import strongbox
from lims.audit.act import Act
from lims.site import actions as site


def found(
    act: Act,
    told: site.Description,
    administrator: tuple[str, str],
    *,
    demonstration: bool = False,
) -> tuple[Person, str]:
    """Found a laboratory and invite its first administrator.

    Args:
        administrator: login and full name.

    Returns:
        The administrator and the one-time secret to come in with; it is shown once.
    """
    laboratory = site.found(act, told, demonstration=demonstration)
    box = strongbox(act)

    def told_use(use: keys.UseOfAuthority) -> None:
        act.note(use.use.value, laboratory, subject=use.subject, fingerprint=use.fingerprint)

    authority = keys.create_authority(laboratory.name, act.at, told_use)
    keys.save_authority(authority, box.authority, box.secret)
    login, name = administrator
    return accounts.invite(act, login, name, [Role.ADMINISTRATOR])
