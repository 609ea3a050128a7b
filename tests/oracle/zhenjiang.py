"""The Zhenjiang benefits (ZG): a roster, points for doings with daily caps, a wallet, a shop, gifts, a points draw."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tests.oracle import purse, teams
from tests.oracle.draws import pool_of
from tests.oracle.facts import TOLERANCE, Day, Facts, Refused, Standing, duration, midnight
from tests.oracle.messages import same
from tests.oracle.model import LIVE_ON, RULEBOOKS, TEAM_DOINGS, Oracle
from tests.oracle.purse import Move

ZG_RULEBOOK = RULEBOOKS / "zg.toml"
ONE_DAY = timedelta(days=1)


class Done(NamedTuple):
    """A doing that was taken. rule: of the points that it earned; points: 0 for none."""

    kind: str
    ref: str
    day: date
    rule: str
    points: int


class Redeemed:
    """An item that somebody redeemed. until: when it can no longer be claimed. status: won, issued, cancelled, lapsed.

    came_back: to the shop.
    """

    def __init__(self, name: str, who: str, item: str, status: str, until: datetime | None) -> None:
        self.name = name
        self.who = who
        self.item = item
        self.status = status
        self.until = until
        self.came_back = False


class Worker(Facts):
    """What somebody did, and what moved in the wallet."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Done] = []
        self.tried: set[tuple[str, date]] = set()
        self.moves: list[Move] = []
        self.drawn_on: list[date] = []
        self.gifts: list[str] = []
        self.cover = (date.min, date.min)


class Zhenjiang(Oracle):
    """The model of the Zhenjiang benefits. text: of the rulebook; none = as they are.

    roster: reference → union. codes: item → how many codes were imported.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text or ZG_RULEBOOK.read_text(encoding="utf-8"))
        self.roster: dict[str, str] = {}
        self.gone: set[str] = set()
        self.workers: dict[str, Worker] = {}
        self.union: dict[str, str] = {}
        self.codes: dict[str, int] = {}
        self.redeemed: list[Redeemed] = []
        self.redemptions = 0
        (self.shop,) = (pool for pool in self.book["pools"] if pool.get("draw") == "shop")
        self.items = {each["id"]: each for each in self.shop["prizes"]}
        self.questions = {
            each["id"]: (quiz, each) for quiz in self.book["quizzes"] for each in quiz["questions"]
        }

    # what operators and time do

    def lapse(self) -> None:
        """What its owner has not claimed or used in time is gone; what is not a code is in the shop again (ZG-07).

        Phone credit waits for its provider, not for its owner.
        """
        for each in self.redeemed:
            claimed = self.items[each.item]["kind"] in ("goods", "voucher")
            if claimed and each.until and each.until <= self.now and each.status in ("won", "issued"):
                each.came_back = each.status == "won"
                each.status = "lapsed"

    # answers

    def take(self, who: str, kind: str, data: dict[str, Any], when: datetime) -> int:
        """Remember a fact, or refuse it. Returns the number of a draw, 0 for anything else."""
        if kind == "jifen.activated":
            self.activate(who, data.get("roster", ""), when)
            return 0
        if kind == "jifen.enrolled":
            self.refuse_to_enrol(who, data["branch"], when)
        if who not in self.workers or when < self.enrolled[who] - TOLERANCE:
            raise Refused("not_enrolled")
        worker = self.workers[who]
        if kind == "jifen.redemption_cancelled":
            self.cancel(who, data["prize"])
            return 0
        if kind == "jifen.question_answered" and data["question"] not in self.questions:
            raise Refused("question_unknown")
        day = when.date()
        if "day" in data:
            day = date.fromisoformat(data["day"])
            if when < midnight(day) - TOLERANCE:
                raise Refused("future_dated")
        part = self.part(day, lives_on=kind in (*LIVE_ON, "jifen.item_redeemed"))
        if kind == "jifen.draw_requested":
            return self.draw(worker, data, when)
        if kind == "jifen.draw_forfeited":
            pool_of(self.book, data["pool"])
            raise Refused("chance_unknown")
        if kind in TEAM_DOINGS:
            teams.act(self.book, part, who, kind, data, when, self.now)
        self.do(who, kind, data, when)
        return 0

    def do(self, who: str, kind: str, data: dict[str, Any], when: datetime) -> None:
        """Remember a fact of a day on which the programme runs, or refuse it."""
        worker = self.workers[who]
        match kind.removeprefix("jifen."):
            case "item_redeemed":
                self.redeem(who, data["item"], data.get("quantity", 1), when)
            case "signed_in":
                if when.date() in worker.sign_ins:
                    raise Refused("already_signed_in")
                worker.sign_ins[when.date()] = when
                self.earn(worker, "sign_in", "", when.date())
            case "comment_posted":
                self.refer(worker, "comment", data["ref"], when)
            case "article_read":
                self.refer(worker, "article", data["ref"], when)
            case "question_answered":
                self.answer_quiz(worker, data, when)
            case "attendance_recorded":
                raise Refused("occasion_unknown")
            case _:
                raise Refused("not_played")

    def activate(self, who: str, reference: str, when: datetime) -> None:
        """ZG-01, ZG-03, ZG-04: who is on the roster, once ever."""
        if reference not in self.roster:
            raise Refused("not_on_roster")
        if reference in self.gone or who in self.workers:
            raise Refused("already_activated")
        self.require_a_day(when)
        day = when.date()
        self.gone.add(reference)
        self.enrolled[who], self.union[who] = when, self.roster[reference]
        worker = self.workers[who] = Worker()
        self.parts["campaign"].people[who] = worker
        self.earn(worker, "activation", "", day)
        (right,) = self.book["activation"]["entitlements"]
        assert right["months"] == 12, "whole years only"
        worker.cover = (day, day.replace(year=day.year + 1) - ONE_DAY)
        for pool in self.book["pools"]:
            gift = pool.get("gift")
            given = sum(len(other.gifts) for other in self.workers.values())
            if gift and gift["begins"] <= when < gift["ends"] and given < pool["prizes"][0]["stock"]:
                worker.gifts.append(f"{pool['id']}.{given + 1}.1")

    def refuse_to_enrol(self, who: str, union: str, when: datetime) -> None:
        """People come in by activating only (ZG-01)."""
        self.require_a_day(when)
        if who in self.workers:
            raise Refused("already_enrolled")
        raise Refused("not_played" if union in self.branches else "branch_unknown")

    def require_a_day(self, when: datetime) -> None:
        """Refuse a day on which the programme does not run."""
        if when.date() < self.book["starts"]:
            raise Refused("before_campaign")
        if when.date() > self.book["ends"]:
            raise Refused("after_campaign")

    def refer(self, worker: Worker, kind: str, ref: str, when: datetime) -> None:
        """ZG-05: the same comment or article earns once on its day."""
        self.require_in_time(when)
        if any(
            (each.kind, each.ref, each.day) == (kind, ref, when.date()) and each.points
            for each in worker.done
        ):
            raise Refused("already_done")
        self.earn(worker, kind, ref, when.date())

    def answer_quiz(self, worker: Worker, data: dict[str, Any], when: datetime) -> None:
        """ZG-06: the question of its day, tried once. ZG-05: others on any day, right once."""
        quiz, question = self.questions[data["question"]]
        if "checkpoint" in data:
            raise Refused("question_unknown")
        self.require_in_time(when)
        day, id = when.date(), question["id"]
        if quiz.get("daily"):
            due = quiz["questions"][(day - self.book["starts"]).days % len(quiz["questions"])]
            if due["id"] != id:
                raise Refused("not_today")
            if (id, day) in worker.tried:
                raise Refused("already_answered")
            worker.tried.add((id, day))
        elif any((each.kind, each.ref) == ("correct_answer", id) for each in worker.done):
            raise Refused("already_answered")
        if same(data["answer"], question["answer"]):
            self.earn(worker, "correct_answer", id, day)

    def require_in_time(self, when: datetime) -> None:
        """What earns up to so much on a day is taken for a while only."""
        if self.now - when > duration(self.book["late"]):
            raise Refused("too_late")

    def earn(self, worker: Worker, on: str, ref: str, day: date) -> None:
        """Points for something that was done on a day, as many as the day still gives (ZG-05)."""
        (rule,) = (each for each in self.book["points"] if each["on"] == on)
        had = sum(each.points for each in worker.done if (each.rule, each.day) == (rule["id"], day))
        points = min(rule["amount"], rule.get("daily_max", rule["amount"] + had) - had)
        worker.done.append(Done(on, ref, day, rule["id"], points))
        if points:
            worker.moves.append(Move(self.now, points, expires=purse.expiry(self.book, day)))

    def redeem(self, who: str, id: str, quantity: int, when: datetime) -> None:
        """ZG-07."""
        item, worker = self.items.get(id), self.workers[who]
        if item is None:
            raise Refused("item_unknown")
        ends = item.get("sells_until") or midnight(self.book["ends"] + ONE_DAY)
        if when < item.get("sells_from", when) or when >= ends or self.now >= ends + duration("10m"):
            raise Refused("item_not_on_sale")
        had = sum((each.who, each.item) == (who, id) and each.status != "cancelled" for each in self.redeemed)
        if had + quantity > item["person_max"]:
            raise Refused("item_limit_reached")
        if self.left(id) < quantity:
            raise Refused("sold_out")
        if purse.spendable(worker.moves, self.now) < item["price"] * quantity:
            raise Refused("not_enough_points")
        self.redemptions += 1
        status = "issued" if item["kind"] == "voucher" else "won"
        days = item.get("valid_days")
        until = midnight(when.date() + (days + 1) * ONE_DAY) if days else None
        for number in range(1, quantity + 1):
            name = f"{self.shop['id']}.{self.redemptions}.{number}"
            self.redeemed.append(Redeemed(name, who, id, status, until))
            worker.moves.append(Move(self.now, -item["price"], name))

    def left(self, id: str) -> int:
        """How many of an item can be redeemed: by its stock, and by the codes that there are."""
        taken = [each for each in self.redeemed if each.item == id]
        left = int(self.items[id]["stock"]) - sum(not each.came_back for each in taken)
        return min(left, self.codes.get(id, 0) - len(taken)) if self.items[id]["kind"] == "voucher" else left

    def cancel(self, who: str, name: str) -> None:
        """ZG-07: what is not issued yet can be given back; its points lie where they lay."""
        worker = self.workers[who]
        mine = next((each for each in self.redeemed if (each.name, each.who) == (name, who)), None)
        if mine is None:
            raise Refused("prize_step_not_allowed" if name in worker.gifts else "prize_unknown")
        if mine.status != "won" or (mine.until and mine.until <= self.now):
            raise Refused("prize_step_not_allowed")
        mine.status, mine.came_back = "cancelled", True
        worker.moves.append(Move(self.now, self.items[mine.item]["price"], name))

    def draw(self, worker: Worker, data: dict[str, Any], when: datetime) -> int:
        """ZG-07: a draw that is paid in points. Its blanks have no end, so it is never empty."""
        pool = pool_of(self.book, data["pool"])
        if "cost_points" not in pool:
            raise Refused("not_drawn")
        if "chance" in data:
            raise Refused("chance_unknown")
        if worker.drawn_on.count(when.date()) >= pool["daily_max"]:
            raise Refused("draws_used_up")
        if purse.spendable(worker.moves, self.now) < pool["cost_points"]:
            raise Refused("not_enough_points")
        worker.drawn_on.append(when.date())
        number = sum(len(each.drawn_on) for each in self.workers.values())
        worker.moves.append(Move(self.now, -pool["cost_points"], f"{pool['id']}.{number}"))
        return number

    # where everybody stands

    def points(self, who: str) -> int:
        """What somebody can spend now."""
        return purse.spendable(self.workers[who].moves, self.now)

    def members(self, union: str) -> int:
        """How many have activated under a union, or one below it."""
        above = {each["id"]: each.get("parent") for each in self.book["enrolment"]["branches"]}
        count = 0
        for at in self.union.values():
            place: str | None = at
            while place not in (None, union):
                place = above[str(place)]
            count += place == union
        return count

    def standing(self, who: str) -> Standing:
        """Where a participant stands; the points are those that can be spent."""
        worker = self.workers[who]
        return Standing(
            points=self.points(who),
            spent=purse.spent(worker.moves),
            total_steps=0,
            days_attained=0,
            sign_in_days=len(worker.sign_ins),
            lit=[],
            passed=[],
            badges=[],
            days={day: Day(0, attained=False, signed_in=True) for day in sorted(worker.sign_ins)},
            team="",
        )
