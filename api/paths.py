"""Parameters of paths, with the limits that the ledger puts on them."""

from typing import Annotated

from litestar.params import Parameter

CampaignPath = Annotated[
    str,
    Parameter(description="Id of a campaign, such as sx-2019.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z"),
]
ParticipantPath = Annotated[
    str,
    Parameter(description="The participant's id in the client's world.", pattern=r"^[A-Za-z0-9._:-]{1,64}\Z"),
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
