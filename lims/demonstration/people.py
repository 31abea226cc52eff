"""The invented people of the demonstration."""

from dataclasses import dataclass

from lims.accounts.models import Role


@dataclass(frozen=True)
class Login:
    """Attributes: password: known to everybody, so only good for a demonstration."""

    login: str
    name: str
    password: str
    title: str
    roles: tuple[Role, ...]


ADMINISTRATOR = Login(
    "ada.admin",
    "Ada Adminsdottir",
    "copper kettle monday river",
    "Administrator",
    (Role.ADMINISTRATOR,),
)
ANALYST = Login(
    "ana.analyst", "Ana Bench", "purple tractor window salt", "Analyst", (Role.ANALYST,)
)
SECOND_ANALYST = Login(
    "abe.analyst", "Abe Pipette", "marble garden seven clouds", "Analyst", (Role.ANALYST,)
)
REVIEWER = Login(
    "rex.reviewer",
    "Rex Second",
    "velvet hammer north lamp",
    "QC approver, reviews",
    (Role.QC_APPROVER,),
)
QUALITY = Login(
    "quinn.quality",
    "Quinn Decider",
    "silver basket winter frog",
    "Quality assurance, releases",
    (Role.QA,),
)
MANAGER = Login(
    "mia.manager",
    "Mia Watcher",
    "orange ladder quiet stone",
    "Laboratory manager",
    (Role.LAB_MANAGER,),
)
INSPECTOR = Login(
    "ines.inspector",
    "Ines Reader",
    "yellow anchor paper moon",
    "Inspector, reads only",
    (Role.INSPECTOR,),
)

LOGINS = (ANALYST, SECOND_ANALYST, REVIEWER, QUALITY, MANAGER, ADMINISTRATOR, INSPECTOR)
