"""A process that writes to a ledger until it is killed, and says on stdout what was answered: ``python -m``.

Arguments: database URL, schema, name of this process, how many groups (0 = until killed).
"""

import sys
from datetime import timedelta
from itertools import count

from ledger.commands import Enrol
from ledger.ledger import Ledger
from tests.store.playing import EVENING, said, sync
from tests.store.vaults import VAULT

PEOPLE = 20


def main(url: str, schema: str, name: str, groups: int) -> None:
    """Send groups of 20 syncs; every third group repeats requests that all processes send."""
    with Ledger(url, schema, VAULT).start() as ledger:
        ledger.writer.submit_now(
            [said(Enrol(branch="xian"), f"p-{n}", id=f"enrol-{n}") for n in range(PEOPLE)]
        )
        for group in count() if groups == 0 else range(groups):
            shared = group % 3 == 0
            sent = [
                sync(
                    f"p-{n}",
                    (group * 37 + n) % 12_000,
                    at=EVENING + timedelta(seconds=group % 3600),
                    id=f"{'shared' if shared else name}-{group}-{n}",
                )
                for n in range(PEOPLE)
            ]
            for said_one, outcome in zip(sent, ledger.writer.submit_now(sent), strict=True):
                sys.stdout.write(f"{said_one.id} {outcome.status} {outcome.position}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
