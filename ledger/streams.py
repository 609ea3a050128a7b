"""The names of streams. Participants, campaigns, books, teams and pools have no slash in their ids, so no two meet."""

CAMPAIGN, TEAM, POOL, BOARD = "campaign/", "team/", "pool/", "board/"
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


def book_of(stream: str) -> str:
    """The book that a team's, pool's or board's stream belongs to; empty for all others."""
    return stream.split("/", 2)[1] if stream.startswith((TEAM, POOL, BOARD)) else ""


def campaign_of(stream: str) -> str:
    """The campaign that any stream belongs to."""
    if stream.startswith(CAMPAIGN):
        return stream[len(CAMPAIGN) :]
    return book_of(stream).removesuffix(TRIAL) or stream.rpartition("@")[2]
