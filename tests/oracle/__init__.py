"""A slow, naive model of the campaigns, derived from their clauses and sharing no code with ``ledger``.

It reads the rulebook file itself, remembers every fact, and counts everything anew whenever it is asked. It stands
for Shaanxi 2019, Jiangsu 2023 (``Oracle``), Eco walk (``Eco``), the Zhenjiang benefits (``Zhenjiang``) and campaigns
like them: one time zone without changing clocks, no amendment, nobody under two client ids. Its
clock follows the newest time seen, like that of a service with JIFEN_CLOCK=events. What an instant draw brings is not
known before its seed is; all else about draws is.
"""

from tests.oracle.boards import Row
from tests.oracle.eco import EC_RULEBOOK, Eco, Unit
from tests.oracle.facts import CHINA, Answer, Day, Event, OracleResult, Standing, TeamStanding
from tests.oracle.model import JS_RULEBOOK, RULEBOOK, Oracle, play
from tests.oracle.zhenjiang import ZG_RULEBOOK, Zhenjiang

__all__ = [
    "CHINA",
    "EC_RULEBOOK",
    "JS_RULEBOOK",
    "RULEBOOK",
    "ZG_RULEBOOK",
    "Answer",
    "Day",
    "Eco",
    "Event",
    "Oracle",
    "OracleResult",
    "Row",
    "Standing",
    "TeamStanding",
    "Unit",
    "Zhenjiang",
    "play",
]
