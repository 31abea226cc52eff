"""A busy analyst for the kill tests: act after act, telling each one only after its commit.

`python writer.py URL NAME` prints the code of each instrument that was added, once the database
has acknowledged it. After a lost connection it goes on with the next code: whether the one under
way was kept is unknown to it, as it would be to a person.
"""

import sys
import time
from itertools import count

from sqlalchemy.exc import DBAPIError

from lims.audit.act import SYSTEM, acting
from lims.equipment import actions
from lims.equipment.models import EquipmentKind
from lims.foundation.db import Database


def main(url: str, name: str) -> None:
    database = Database(url)
    for number in count(1):
        code = f"{name}-{number}"
        try:
            _add(database, code)
        except DBAPIError:
            time.sleep(0.05)
        else:
            sys.stdout.write(f"{code}\n")
            sys.stdout.flush()


def _add(database: Database, code: str) -> None:
    """One act: a record and two events. All three are kept, or none."""
    with database.session() as session, acting(session, SYSTEM) as act:
        actions.add_equipment(act, code, "Incubator", EquipmentKind.INCUBATOR, "", None)
        act.note("kill.second", code=code)


if __name__ == "__main__":
    main(*sys.argv[1:])
