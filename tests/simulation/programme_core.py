"""The pure core of programmes with entries, funds, units, rosters and wallets, in the oracle's words."""

from hashlib import blake2b

from ledger import lots
from ledger.commands import ImportVouchers, LapsePrize
from ledger.fund import Fund
from ledger.member import Member
from ledger.member_commands import EnterRoster, RosterEntry
from ledger.pool import Pool
from ledger.rulebook_lookups import fund_names
from ledger.streams import fund_stream, member_stream, pool_stream
from tests.oracle import Standing
from tests.simulation.core import Core
from tests.simulation.zhenjiang import Season


class ProgrammeCore(Core):
    """Plays a programme in memory."""

    def standing(self, who: str) -> Standing:
        """Where a participant stands; prizes and points are asked for apart."""
        reached = self.play_of(who)
        return Standing(
            points=reached.balance,
            spent=0,
            total_steps=reached.total,
            days_attained=reached.attained,
            sign_in_days=reached.sign_ins,
            lit=list(range(1, reached.lit + 1)),
            passed=sorted(reached.passed),
            badges=sorted(reached.badges),
            days=dict(sorted(self.days.get(who, {}).items())),
            team=reached.team,
        )

    def entries(self, who: str) -> dict[tuple[str, str], str]:
        """Chances, in the order in which they were given: (pool, chance) → state."""
        return {(each.pool, each.id): each.state for each in self.play_of(who).rewards.chances}

    def funds(self) -> dict[str, int]:
        """What each fund holds, those that hold nothing left out."""
        held = {}
        for name in fund_names(self.rules):
            state = self.story.states.get(fund_stream(self.rules.id, name), Fund())
            assert isinstance(state, Fund)
            held[name] = state.balance
        return {name: fen for name, fen in held.items() if fen}

    def member(self, who: str) -> Member:
        """The person, with the wallet."""
        state = self.story.states[member_stream(who)]
        assert isinstance(state, Member)
        return state

    def points(self, who: str) -> int:
        """What somebody can spend now."""
        member = self.member(who)
        return lots.spendable(member.lots, member.debt, self.story.now)

    def pool(self, id: str) -> Pool:
        """The state of a pool."""
        state = self.story.states.get(pool_stream(self.rules.id, id), Pool())
        assert isinstance(state, Pool)
        return state

    def begin(self, season: Season) -> None:
        """What operators and the scheduler do before a season."""
        story = self.story
        story.now = max(story.now, season.begins)
        for who in {
            stream.partition("@")[0] for stream in story.states if stream.endswith(f"@{self.rules.id}")
        }:
            rewards = self.play_of(who).rewards
            for held in rewards.prizes:
                bought = rewards.purchase(held.id)
                over = bought and bought.expires_at and bought.expires_at <= story.now
                if over and held.kind != "credit" and held.status in ("won", "issued"):
                    story.post(LapsePrize(prize=held.id, reason="not claimed"), who=who)
        if season.roster:
            entries = tuple(
                RosterEntry(identity=digest_of(reference), branch=union, reference=reference)
                for reference, union in season.roster.items()
            )
            story.post(EnterRoster(batch=f"{season.begins}", entries=entries), who="", campaign="")
            assert not story.refused
        for item, count in season.codes.items():
            known = len(story.codes)
            prints = tuple(f"{n:032x}" for n in range(known, known + count))
            story.post(ImportVouchers(pool="shop", prize=item, batch=f"{known}", fingerprints=prints), who="")
            assert not story.refused


def digest_of(reference: str) -> str:
    """A stand-in for the keyed hash of an identity number."""
    return blake2b(reference.encode(), digest_size=16).hexdigest()
