"""One campaign, day by day: everybody who plays does what the habits say, and the ledger decides what follows."""

import random
from datetime import date, datetime, time, timedelta

import msgspec

from api.forecast.counting import Tally
from api.forecast.game import Game
from api.forecast.people import Habits, Sample, Walker
from ledger.activity_commands import PostComment, ReadArticle
from ledger.branch_commands import BranchEntry, RegisterBranches
from ledger.command import Command
from ledger.commands import (
    AnswerQuestion,
    CreateTeam,
    Enrol,
    ImportVouchers,
    JoinTeam,
    PostReflection,
    RequestDraw,
    SignIn,
    SyncSteps,
    ViewContent,
)
from ledger.drawing import Ticket, winners
from ledger.member import Member, Membership
from ledger.member_commands import Activate, ApplyForMembership, EnterRoster, ReviewMembership, RosterEntry
from ledger.rulebook import Board, Pool, Rulebook
from ledger.rulebook_programmes import Quiz
from ledger.shop_commands import RedeemItem
from ledger.streams import member_stream

BEGINS = 6 * 3600
"""Seconds of the first day at which everybody is let in."""
QUESTIONS_A_DAY = 5
MOST_DRAWS = 200
"""Of one person on one evening, so that a rulebook with draws for next to nothing comes to an end."""
MOST_VOUCHERS = 10_000


class Play:
    """A campaign and everybody in it.

    rules: with stocks for those who play. scale: how many people each of them stands for. rng: whatever is left to
    chance, but for the draws' own seeds.
    """

    def __init__(
        self, rules: Rulebook, sample: Sample, habits: Habits, people: int, scale: float, rng: random.Random
    ) -> None:
        self.scale = scale
        self.rules, self.sample, self.habits, self.rng = rules, sample, habits, rng
        self.tally = Tally(rules)
        self._disappointed: set[tuple[str, str]] = set()
        self.game = Game(rules, self._at(rules.starts - timedelta(days=1), 0), str(rng.random()))
        draws = any(pool.cost_points for pool in rules.pools)
        self.shops = [pool for pool in rules.pools if pool.draw == "shop"]
        unions = _unions(rules)
        self.people = [
            Walker(
                id=f"f-{number:06}",
                days=(days := rng.choice(sample.people)),
                start=rng.randrange(len(days)),
                saves=bool(self.shops) and (not draws or rng.random() < habits.shops),
                branch=rng.choice(unions),
            )
            for number in range(people)
        ]

    def _at(self, day: date, seconds: float) -> datetime:
        return datetime.combine(day, time(), self.rules.tz) + timedelta(seconds=seconds)

    def _post(self, command: Command, who: str, at: datetime, *, campaign: bool = True) -> str:
        """Post something and count what follows. Returns the code of the refusal, or nothing."""
        events, code = self.game.post(command, who, at, campaign=campaign)
        if code:
            self.tally.refused(code)
        else:
            self.tally.take(events)
        return code

    # Before the first day.

    def begin(self) -> None:
        """Everybody is let in on the first day at six, views what must be viewed, and finds a team."""
        rules, six = self.rules, self._at(self.rules.starts, BEGINS)
        tree = rules.enrolment.tree
        if tree and tree not in rules.groups:
            entry = BranchEntry(id=tree, name=tree)
            self.game.post(RegisterBranches(branches=(entry,)), "", six, campaign=False)
        self._vouchers(six)
        for number, walker in enumerate(self.people):
            self._let_in(number, walker, six)
            for needed in rules.prerequisites:
                self._post(ViewContent(ref=needed.id), walker.id, six)
        if rules.teams:
            self._teams(six)

    def _vouchers(self, at: datetime) -> None:
        """Codes for all vouchers that there are, so that none is missing."""
        for pool in self.rules.pools:
            for prize in pool.prizes:
                if prize.kind == "voucher":
                    count = MOST_VOUCHERS if prize.stock is None else min(prize.stock, MOST_VOUCHERS)
                    codes = tuple(f"{pool.id} {prize.id} {number}" for number in range(count))
                    if codes:
                        batch = ImportVouchers(
                            pool=pool.id, prize=prize.id, batch="forecast", fingerprints=codes
                        )
                        self.game.post(batch, "", at)

    def _let_in(self, number: int, walker: Walker, at: datetime) -> None:
        rules, digest = self.rules, f"{number:032x}"
        if rules.activation:
            roster = EnterRoster(
                batch="forecast", entries=(RosterEntry(identity=digest, branch=walker.branch),)
            )
            self.game.post(roster, "", at, campaign=False)
            self._post(Activate(identity_hash=digest), walker.id, at)
        elif rules.application:
            employment = self.rng.choice(rules.application.employment)
            trade = rules.application.trades[0] if employment in rules.application.trade_for else None
            applied = ApplyForMembership(
                branch=walker.branch, employment=employment, trade=trade, consent=True
            )
            self._post(applied, walker.id, at)
            self._post(ReviewMembership(approved=True), walker.id, at, campaign=False)
        elif any((rules.membership and rules.membership.standing, *(pool.standing for pool in rules.pools))):
            joined = Membership(branch=walker.branch, status="reviewed", since=at)
            self.game.states[member_stream(walker.id)] = Member(version=1, membership=joined)
        if not self.game.enrolment(walker.id).branch:
            self._post(Enrol(branch=walker.branch), walker.id, at)

    def _teams(self, at: datetime) -> None:
        assert self.rules.teams is not None
        size = self.rules.teams.size
        in_teams = int(len(self.people) * self.habits.teams) // size * size
        for number, walker in enumerate(self.people[:in_teams]):
            walker.team = f"t-{number // size}"
            if number % size == 0:
                self._post(CreateTeam(team=walker.team, name=walker.team), walker.id, at)
            else:
                self._post(JoinTeam(team=walker.team), walker.id, at)

    # A day.

    def day(self, number: int) -> None:
        """One day of the campaign, from 0: the morning, the sync, and the evening of all who open the app."""
        day = self.rules.starts + timedelta(days=number)
        here = [walker for walker in self.people if self.rng.random() < self.habits.opens]
        self.rng.shuffle(here)  # who comes first to what is scarce is nobody's privilege
        for walker in here:
            self._morning(walker, day, number)
        for walker in here:
            self._sync(walker, day, number)
        for walker in here:
            self._evening(walker, self._at(day, 86_000))

    def _morning(self, walker: Walker, day: date, number: int) -> None:
        at = self._at(day, self.rng.randrange(6 * 3600, 11 * 3600))
        if self.rules.sign_in:
            self._post(SignIn(), walker.id, at)
            for pool in self.rules.pools:
                if pool.chance and pool.chance.on == "sign_in":
                    self._use_chances(walker, pool, at)
        self._checkpoints(walker, at)
        for quiz in self.rules.quizzes:
            self._quiz(walker, quiz, at, number)
        doings = {rule.on for rule in self.rules.points}
        if "comment" in doings and self.rng.random() < self.habits.posts:
            self._post(PostComment(ref=f"{walker.id}/{number}"), walker.id, at)
        if "article" in doings and self.rng.random() < self.habits.posts:
            self._post(ReadArticle(ref=f"news/{number}"), walker.id, at)

    def _checkpoints(self, walker: Walker, at: datetime) -> None:
        """Whatever is lit and not passed is answered, right in the end, and some write about it."""
        play = self.game.enrolment(walker.id).play
        if self.rules.route is None or len(play.passed) >= play.lit:
            return
        for name, number in self.rules.questions.items():
            question = self.rules.route.checkpoints[number - 1].question
            if number > play.lit or number in play.passed or question is None:
                continue
            self._post(AnswerQuestion(question=name, answer=question.answer), walker.id, at)
            if self.rng.random() < self.habits.posts:
                self._post(PostReflection(checkpoint=number, ref="notes/1"), walker.id, at)

    def _quiz(self, walker: Walker, quiz: Quiz, at: datetime, number: int) -> None:
        """The question of the day, or the next few of a quiz; who is wrong once leaves it at that for the day."""
        count = len(quiz.questions)
        if quiz.daily:
            asked = [quiz.questions[number % count]]
        else:
            first = number * QUESTIONS_A_DAY
            asked = list(quiz.questions[first : first + QUESTIONS_A_DAY])
        for question in asked:
            right = self.rng.random() < self.habits.right
            answer = question.answer if right else f"not {question.answer}"[:200]
            self._post(AnswerQuestion(question=question.id, answer=answer), walker.id, at)

    def _sync(self, walker: Walker, day: date, number: int) -> None:
        steps = walker.steps(number)
        if self.rules.steps is None or steps is None:
            return
        opens, closes, _ = self.rules.window
        seconds = self.sample.last_sync(opens, closes, self.rng)
        if number == 0:
            seconds = max(seconds, BEGINS)  # nobody was enrolled before
        counted = int(steps * self.sample.share_by(seconds))
        self._post(SyncSteps(day=day, steps=counted, provider="forecast"), walker.id, self._at(day, seconds))

    def _evening(self, walker: Walker, at: datetime) -> None:
        for pool in self.rules.pools:
            if pool.draw not in ("instant", "batch"):
                continue
            if pool.chance and pool.chance.on != "sign_in":
                self._use_chances(walker, pool, at)
            for badge in pool.cost_badges:
                play = self.game.enrolment(walker.id).play
                if badge in play.badges and badge not in play.rewards.exchanged:
                    self._draw(walker, pool, at, badge)
            if pool.cost_points and not walker.saves:
                self._spend(walker, pool, at)
        if walker.saves and self.rng.random() < self.habits.buys:
            self._buy(walker, at)

    def _use_chances(self, walker: Walker, pool: Pool, at: datetime) -> None:
        for chance in self.game.enrolment(walker.id).play.rewards.chances_of(pool.id):
            usable = chance.state == "open" and (chance.expires_at is None or at < chance.expires_at)
            if usable and self.rng.random() < self.habits.draws:
                self._draw(walker, pool, at, chance.id)

    def _spend(self, walker: Walker, pool: Pool, at: datetime) -> None:
        """Draw for points until they, the day's draws or the prizes are used up."""
        for _ in range(MOST_DRAWS):
            if self.game.points(walker.id, at) < (pool.cost_points or 0):
                return
            if self.rng.random() >= self.habits.draws or self._draw(walker, pool, at, None):
                return

    def _draw(self, walker: Walker, pool: Pool, at: datetime, chance: str | None) -> str:
        code = self._post(RequestDraw(pool=pool.id, chance=chance), walker.id, at)
        if code == "pool_empty":
            self.tally.counts["unserved", pool.id] += 1
        return code

    def _buy(self, walker: Walker, at: datetime) -> None:
        """One item, of those that the points are enough for."""
        points = self.game.points(walker.id, at)
        fits = [
            (pool, prize)
            for pool in self.shops
            for prize in pool.prizes
            if (prize.price or 0) <= points
            and (prize.sells_from is None or prize.sells_from <= at)
            and (prize.sells_until is None or at < prize.sells_until)
        ]
        if fits:
            pool, prize = self.rng.choice(fits)
            missing = self._post(RedeemItem(item=prize.id), walker.id, at) == "sold_out"
            if missing and (walker.id, prize.id) not in self._disappointed:
                self._disappointed.add((walker.id, prize.id))  # who asks again does not want another one
                self.tally.counts["missing", pool.id, prize.id] += 1

    # After the last day.

    def end(self) -> None:
        """What draws and standings would bring: batch draws of the tickets that there are, prizes by rank."""
        for pool in self.rules.pools:
            board = self.rules.board_ids.get(pool.board or "")
            if pool.draw == "batch":
                self._hold(pool, board)
            elif pool.draw == "places" and board:
                self._award(pool, board)

    def _hold(self, pool: Pool, board: Board | None) -> None:
        holders = list(self.tally.tickets.get(pool.id, ()))
        if board and pool.first:
            first = self.people[: pool.first]
            entering = [walker.id for walker in first if self.rng.random() < self.habits.enters]
            self.tally.counts["entries", pool.id] += len(entering)
            holders += entering
        if not holders:
            return
        tickets = [Ticket(number, who) for number, who in enumerate(holders, start=1)]
        prizes = [(prize.id, prize.stock or 0) for prize in pool.prizes]
        randomness = self.rng.randbytes(32)
        for _, prize in winners(randomness, "0" * 64, tickets, prizes, pool.person_max):
            self.tally.won(pool.id, prize, 1)

    def _award(self, pool: Pool, board: Board) -> None:
        """Places are few and not a share of anything: all of them are given, to whoever is there."""
        teams = len({walker.team for walker in self.people if walker.team})
        here = {"teams": teams, "participants": len(self.people), "branches": 0}[board.entrants]
        left = here * self.scale
        size = self.rules.teams.size if board.entrants == "teams" and self.rules.teams else 1
        for prize in pool.prizes:
            places = min(prize.places or 0, left)
            left -= places
            self.tally.won(pool.id, prize.id, places * size / self.scale)


def _unions(rules: Rulebook) -> list[str]:
    """The unions that people can belong to: of those that are named, the ones that may take part."""
    asked = rules.membership
    listed = [
        branch.id
        for branch in rules.enrolment.branches
        if asked is None
        or (
            (not asked.groups or branch.group in asked.groups)
            and (not asked.branches or branch.id in asked.branches)
        )
    ]
    return listed or [rules.enrolment.tree or "工会"]


def scaled(rules: Rulebook, factor: float, rng: random.Random) -> Rulebook:
    """The rules with stocks and budgets for a part of the people; what is no whole number is rounded by lot."""
    if factor == 1:
        return rules

    def part(count: int | None) -> int | None:
        if count is None:
            return None
        whole, rest = divmod(count * factor, 1)
        return int(whole) + (rng.random() < rest)

    pools = []
    for pool in rules.pools:
        prizes = tuple(msgspec.structs.replace(prize, stock=part(prize.stock)) for prize in pool.prizes)
        changes = {"prizes": prizes, "budget": part(pool.budget), "first": part(pool.first)}
        pools.append(msgspec.structs.replace(pool, **changes))
    return msgspec.structs.replace(rules, pools=tuple(pools))
