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
