"""Which states a decision is given: exactly those that the writer would load, out of all that there are.

The writer asks the same questions of the same functions, in rounds against the database (grouping.py). Here they are
asked of a mapping: for tests, where a missing stream is to be noticed, and for forecasts, where there is no database.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice

from ledger import linking
from ledger.command import Request
from ledger.decide import Rulebooks, members, more_streams, resolved, streams
from ledger.fold import State, initial
from ledger.identity import Identity, Referenced
from ledger.refusal import Malformed
from ledger.streams import IDENTITY, REFERENCE, participant_of


def loaded(
    asked: Request, states: Mapping[str, State], rulebooks: Rulebooks
) -> tuple[dict[str, State], tuple[str, ...]]:
    """The states that the writer would load for a request, and nothing else.

    states: all that are not initial. The second: the participants whose histories it would read.
    """
    found: dict[str, State] = {}

    def load(named: Iterable[str]) -> bool:
        new = [stream for stream in dict.fromkeys(named) if stream not in found]
        found.update(
            {stream: _referenced(stream, states) or states.get(stream) or initial(stream) for stream in new}
        )
        return bool(new)

    load(streams(asked))
    with suppress(Malformed):
        asked = resolved(asked, found)
    load(streams(asked))
    while load(list(more_streams(asked, found, rulebooks))):
        pass
    persons = linking.persons(asked, found)
    if persons:
        histories = [stream for stream in states if "@" in stream and participant_of(stream) in persons]
        load(histories)
        while load(list(linking.besides(persons, histories, found, rulebooks))):
            pass
    load(list(members(found, list(found))))
    return found, persons


def _referenced(stream: str, states: Mapping[str, State]) -> Referenced | None:
    """Whom rosters call by the reference of a stream; None for streams of anything else."""
    if not stream.startswith(REFERENCE):
        return None
    called = stream.removeprefix(REFERENCE)
    identities = ((name, state) for name, state in states.items() if isinstance(state, Identity))
    people = (name.removeprefix(IDENTITY) for name, state in identities if state.reference == called)
    return Referenced(people=tuple(islice(people, 2)))
