"""The names of streams. Participants, campaigns, books, teams and pools have no slash in their ids, so no two meet."""

from hashlib import blake2b

CAMPAIGN, TEAM, POOL, BOARD, FUND = "campaign/", "team/", "pool/", "board/", "fund/"
MEMBER, IDENTITY, BRANCH, NAMED = "member/", "identity/", "branch/", "named/"
REFERENCE = "reference/"
OFFICE = "office/ledger"
TRIAL = ".trial"


def campaign_stream(campaign: str) -> str:
    """The stream of a campaign's rules."""
    return CAMPAIGN + campaign


def enrolment_stream(participant: str, campaign: str) -> str:
    """The stream of a participant in a campaign."""
    return f"{participant}@{campaign}"


def team_stream(book: str, team: str) -> str:
    """The stream of a team in a campaign, or in its trial."""
    return f"{TEAM}{book}/{team}"


def pool_stream(book: str, pool: str) -> str:
    """The stream of a prize pool in a campaign, or in its trial."""
    return f"{POOL}{book}/{pool}"


def board_stream(book: str, board: str) -> str:
    """The stream of a board: when it was frozen."""
    return f"{BOARD}{book}/{board}"


def fund_stream(book: str, fund: str) -> str:
    """The stream of a fund of a campaign; of a fund for each union, ``fund`` ends in a point and the union's id."""
    return f"{FUND}{book}/{fund}"


def member_stream(participant: str) -> str:
    """The stream of a person, whatever campaigns it takes part in."""
    return MEMBER + participant


def identity_stream(digest: str) -> str:
    """The stream of a keyed hash by which persons are known."""
    return IDENTITY + digest


def reference_stream(reference: str) -> str:
    """Whom rosters call by a reference. No stream of the log: the newest entries say it (identity.Referenced)."""
    return REFERENCE + reference


def branch_stream(branch: str) -> str:
    """The stream of a union in the tree."""
    return BRANCH + branch


def named_stream(name: str) -> str:
    """The stream that says which unions bear a name."""
    return NAMED + blake2b(name.encode(), digest_size=16).hexdigest()


def participant_of(stream: str) -> str:
    """The participant that a stream is of; empty for all others."""
    if stream.startswith(MEMBER):
        return stream[len(MEMBER) :]
    return "" if "/" in stream else stream.partition("@")[0]


def book_of(stream: str) -> str:
    """The book that a team's, pool's, board's or fund's stream belongs to; empty for all others."""
    return stream.split("/", 2)[1] if stream.startswith((TEAM, POOL, BOARD, FUND)) else ""


def campaign_of(stream: str) -> str:
    """The campaign that any stream belongs to; empty for persons, identities, unions and the office."""
    if stream.startswith(CAMPAIGN):
        return stream[len(CAMPAIGN) :]
    if "/" in stream:
        return book_of(stream).removesuffix(TRIAL)
    return stream.rpartition("@")[2]
