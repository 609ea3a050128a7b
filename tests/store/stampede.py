"""A process that lets people draw from a ledger's pool, and says on stdout what came out: ``python -m``.

Arguments: database URL, schema, first and last number of its people, how many draw in a group.
"""

import sys

from ledger.codec import decode
from ledger.events import ActivityRefused, DrawMade
from ledger.ledger import Ledger
from tests.store.drawing import draw
from tests.store.vaults import VAULT


def main(url: str, schema: str, first: int, last: int, size: int) -> None:
    """Draw for everybody twice under the same id: the second is a repeat."""
    with Ledger(url, schema, VAULT).start() as ledger:
        for start in range(first, last, size):
            people = [f"p-{n}" for n in range(start, min(start + size, last))]
            for outcome in ledger.writer.submit_now([draw(who) for who in [*people, *people]]):
                event = decode(outcome.events[0].topic, outcome.events[0].state)
                assert isinstance(event, DrawMade | ActivityRefused)
                said = event.number if isinstance(event, DrawMade) else event.code
                sys.stdout.write(f"{outcome.status} {outcome.repeat} {said}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
