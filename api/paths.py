"""Parameters of paths, with the limits that the ledger puts on them."""

import re
from typing import Annotated

from litestar.params import Parameter

CampaignPath = Annotated[
    str,
    Parameter(description="Id of a campaign, such as sx-2019.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z"),
]
PARTICIPANT = r"^[A-Za-z0-9._:-]{1,64}\Z"
is_participant = re.compile(PARTICIPANT).match
"""Whether a text can be a participant's id."""
ParticipantPath = Annotated[
    str,
    Parameter(
        description="The participant's id in the client's world. One that was joined to another participant is answered"
        " for with that one's figures; the header Jifen-Participant says who that is.",
        pattern=PARTICIPANT,
    ),
]
TeamPath = Annotated[
    str, Parameter(description="Id of a team, as it was created.", pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")
]
PoolPath = Annotated[
    str,
    Parameter(description="Id of a pool, such as red-packet.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z"),
]
PrizePath = Annotated[
    str,
    Parameter(
        description="What a prize is called, as the draw's answer says.",
        pattern=r"^[a-z0-9][a-z0-9.-]{0,79}\Z",
    ),
]
NumberPath = Annotated[int, Parameter(description="Counted from 1 in the pool.", ge=1, le=2**53)]
ContestPath = Annotated[
    int, Parameter(description="1 for the pool's first draw, 2 for a redraw.", ge=1, le=2**31)
]
FundPath = Annotated[
    str,
    Parameter(
        description="A fund, such as help; a union's own with the union's id after a point, such as green.nanjing.",
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}(\.[a-z0-9][a-z0-9-]{0,39})?\Z",
    ),
]
ProjectPath = Annotated[
    str, Parameter(description="Id of a project in its fund.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")
]
QuizPath = Annotated[
    str,
    Parameter(
        description="Id of a quiz, as the campaign's rules name it.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z"
    ),
]
OccasionPath = Annotated[
    str,
    Parameter(
        description="Id of an occasion, as the campaign's rules name it.",
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z",
    ),
]
HelpPath = Annotated[
    int, Parameter(description="Of the member's application for help, from 1.", ge=1, le=2**31)
]
