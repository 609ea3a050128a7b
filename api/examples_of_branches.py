"""Example answers about unions, for the OpenAPI description."""

from datetime import UTC, datetime

from api.answers import Accepted
from api.branches import Entered, EntryRefused, UnionAbove, UnionAbsorbed, UnionDetail, UnionList, UnionNode
from api.example_answers import Answer, answer
from api.ranking_views import Rate
from api.unit_reports import Certificate, Certificates, UnitFigures, UnitReport, UnitView

_NOW = datetime(2019, 8, 1, 2, 30, tzinfo=UTC)
_NODE = UnionNode(
    id="weinan", name="渭南市总工会", kind="city", parent="shaanxi", status="confirmed", has_children=True
)
_CHILD = UnionNode(
    id="hancheng", name="韩城市总工会", kind="city", parent="weinan", status="confirmed", has_children=False
)
_DETAIL = UnionDetail(
    id="weinan",
    name="渭南市总工会",
    kind="city",
    parent="shaanxi",
    status="confirmed",
    has_children=True,
    merged_into=None,
    ancestors=[UnionAbove(id="shaanxi", name="陕西省总工会", kind="province")],
    children=[_CHILD],
    merged_from=[UnionAbsorbed(id="p-9f2c4be1a7d05e63", name="渭南总工会", merged_at=_NOW)],
)
_REFUSED = EntryRefused(
    line=7,
    id="zj-9",
    code="branch_not_in_tree",
    detail="nowhere, which zj-9 is to stand under, is not in the tree",
)
_WRITTEN = Accepted("confirm-1", "accepted", 18_270, _NOW, [], [])
_FIGURES = {
    "quota": 80_000,
    "enrolled": 60_000,
    "progress": Rate(numerator=60_000, denominator=80_000, percent="75.0000"),
    "active": 55_000,
    "walked": 54_000,
    "attained": 900_000,
    "total_steps": 9_000_000_000,
    "participation_rate": Rate(numerator=54_000, denominator=60_000, percent="90.0000"),
    "attainment_rate": Rate(numerator=900_000, denominator=60_000, percent="1500.0000"),
    "score": None,
}
_UNIT = UnitView(
    id="weinan", name="渭南市总工会", group="city", parent=None, merged_from=[], **_FIGURES  # type: ignore[arg-type]
)  # fmt: skip
_CERTIFICATE = Certificate(
    number="ec-2018/units-a/1",
    campaign="ec-2018",
    title={"zh": "生态文明你我行", "en": "Eco walk"},
    board="units-a",
    board_name={"zh": "A组单位排行榜", "en": "Units, group A"},
    name={"zh": "优秀组织单位证书", "en": "Organiser certificate"},
    branch="nanjing-federation",
    branch_name="南京市总工会",
    rank=1,
    of=13,
    as_of=datetime(2019, 2, 4, 16, tzinfo=UTC),
    root="9b74c9897bac770ffc029102a200c5de0f3c1a2b4d5e6f708192a3b4c5d6e7f8",
    clause="EC-10",
)

ANSWERS_OF_BRANCHES: dict[str, Answer] = {
    "listBranches": answer("Unions.", UnionList(branches=[_NODE])),
    "getBranch": answer("The union.", _DETAIL),
    "registerBranches": answer(
        "What became of the list.",
        Entered(position=18_269, registered=3, standing=2, twice=0, refused=[_REFUSED]),
    ),
    "confirmBranch": answer("The union is confirmed.", _WRITTEN),
    "mergeBranch": answer("The union is part of the other.", _WRITTEN),
    "reportBranches": answer(
        "The unions of the campaign.",
        UnitReport(
            campaign="sx-2019",
            as_of=_NOW,
            days=1,
            totals=UnitFigures(**_FIGURES),  # type: ignore[arg-type]
            branches=[_UNIT],
        ),
    ),
    "listBranchCertificates": answer("The certificates.", Certificates(certificates=[_CERTIFICATE])),
}
"""Operation id → what it answers."""
