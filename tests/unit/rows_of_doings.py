"""For every refusal about doings, funds and help a request that meets it, and its clause; in order of precedence."""

from collections.abc import Callable

from msgspec.structs import replace

from ledger import fund_refusals as refusals
from ledger.refusal import Refusal
from ledger.refusals import AfterCampaign, NotEnrolled, NotPlayed
from tests.given import Story
from tests.unit.eco import ECO, Eco
from tests.unit.test_funds import Treasury
from tests.unit.test_help import Helped

Rows = list[tuple[type[Refusal], Callable[[], Story], str]]

DOINGS: Rows = [
    (refusals.OccasionUnknown, lambda: Eco().attends("park-walk", "07-05 09:00"), "EC-14"),
    (refusals.TooLate, lambda: Eco().reads("a", "07-01 10:00", delivered="07-03 10:00"), "GX-04"),
    (refusals.NotToday, lambda: Eco().answers("d-2", "B", "07-01 10:00"), "ZG-06"),
    (
        refusals.AlreadyAnswered,
        lambda: Eco().answers("q-1", "A", "07-01 10:00").answers("q-1", "A", "07-01 10:01"),
        "EC-08",
    ),
    (refusals.AlreadyDone, lambda: Eco().reads("a", "07-01 10:00").reads("a", "07-01 10:01"), "ZG-05"),
]

FUNDS: Rows = [
    (refusals.FundUnknown, lambda: Treasury().deposits(5, "no-fund"), "EC-01"),
    (refusals.ProjectUnknown, lambda: Treasury().reviews("trees"), "EC-13"),
    (refusals.ProjectExists, lambda: Treasury().puts_forward("a").puts_forward("a"), "EC-13"),
    (
        refusals.TooManyProjects,
        lambda: Treasury().puts_forward("a").puts_forward("b").puts_forward("c"),
        "EC-13",
    ),
    (refusals.ProjectStepNotAllowed, lambda: Treasury().puts_forward("a").publishes("a"), "EC-13"),
    (refusals.AmountAboveLimit, lambda: Treasury().published("a", 5).pays("a", 6), "EC-13"),
    (refusals.FundShort, lambda: Treasury().published("a", 5).pays("a", 5), "EC-07"),
]

HELP: Rows = [
    (refusals.NotInHardship, lambda: Helped(flagged=False).applies(), "ZG-10"),
    (refusals.HelpUnknown, lambda: Helped().grants(), "ZG-10"),
]

PRECEDENCE: list[tuple[tuple[type[Refusal], type[Refusal]], Callable[[], Story]]] = [
    ((NotEnrolled, refusals.NotToday), lambda: Eco().answers("d-2", "B", "07-01 10:00", who="p-9")),
    ((AfterCampaign, refusals.NotInHardship), lambda: Helped(flagged=False).at("12-31 10:00").applies()),
    (
        (NotPlayed, refusals.HelpUnknown),
        lambda: Helped(rules=replace(ECO, hardship=None), deposit=0).grants(),
    ),
    ((refusals.HelpUnknown, refusals.FundShort), lambda: Helped(deposit=0).grants()),
    (
        (refusals.OccasionUnknown, refusals.AlreadyDone),
        lambda: Eco().attends("park-walk", "07-06 09:00").attends("park-walk", "07-08 09:00"),
    ),
    (
        (refusals.TooLate, refusals.NotToday),
        lambda: Eco().answers("d-2", "B", "07-01 10:00", delivered="07-03 10:00"),
    ),
    (
        (refusals.ProjectExists, refusals.TooManyProjects),
        lambda: Treasury().puts_forward("a").puts_forward("b").puts_forward("a"),
    ),
    (
        (refusals.ProjectStepNotAllowed, refusals.FundShort),
        lambda: Treasury().puts_forward("a").pays("a", 5),
    ),
    ((refusals.AmountAboveLimit, refusals.FundShort), lambda: Treasury().published("a", 5).pays("a", 6)),
]
