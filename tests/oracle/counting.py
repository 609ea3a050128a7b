"""What a person's facts amount to. Everything is counted from the first fact, each time."""

from datetime import date, datetime, timedelta

from tests.oracle.facts import Book, Facts, Part, duration, midnight, time_of_day

MOST_STEPS = 1_000_000
"""Of a day: no phone can tell more."""


def amount(book: Book, on: str) -> int:
    """The points of the rules for something; 0 when there are none."""
    return sum(rule["amount"] for rule in book.get("points", ()) if rule["on"] == on)


def opens(book: Book, day: date) -> datetime:
    """When the window of a day's count opens (SX-05)."""
    return midnight(day) + time_of_day(book["steps"]["window"]["opens"])


def closes(book: Book, day: date) -> datetime:
    """When it closes."""
    return midnight(day) + time_of_day(book["steps"]["window"]["closes"])


def over(book: Book, day: date) -> datetime:
    """When the grace for delivery ends; from then on the day stands."""
    return closes(book, day) + grace(book)


def grace(book: Book) -> timedelta:
    """How long after its window a sync of it may be delivered."""
    return duration(book["steps"]["window"]["grace"])


def counted(book: Book, facts: Facts, day: date) -> int:
    """The steps of a day that count: those of its last sync, capped, and under the cap of the whole (SX-06, JS-04)."""
    capped = _capped(book, facts, day)
    whole = book["steps"].get("total_cap")
    if whole is None or not capped:
        return capped
    before = sum(_capped(book, facts, each) for each in facts.syncs if each < day)
    return max(0, min(capped, int(whole) - before))


def _capped(book: Book, facts: Facts, day: date) -> int:
    syncs = facts.syncs.get(day)
    return min(max(syncs).steps, book["steps"].get("daily_cap", MOST_STEPS)) if syncs else 0


def total(book: Book, facts: Facts) -> int:
    """All steps that count."""
    return sum(counted(book, facts, day) for day in facts.syncs)


def attained(book: Book, facts: Facts, day: date) -> bool:
    """Whether the daily goal was met (SX-13, JS-04)."""
    return _capped(book, facts, day) >= int(book["steps"]["daily_goal"])


def lit(book: Book, facts: Facts) -> list[int]:
    """The checkpoints that the counted steps have reached: equal legs, the last takes the rest (SX-07, SX-08).

    Or one for each attained day (EC-03).
    """
    if "route" not in book:
        return []
    count = len(book["route"]["checkpoints"])
    if book["route"].get("lit_by") == "attained_days":
        days = sum(attained(book, facts, day) for day in facts.syncs)
        return list(range(1, min(days, count) + 1))
    length = book["route"]["total_steps"]
    walked = total(book, facts)
    return [n for n in range(1, count + 1) if walked >= (length if n == count else n * (length // count))]


def badges(book: Book, facts: Facts) -> list[str]:
    """The badges that were earned, by name (SX-20, SX-21)."""
    found = []
    for badge in book.get("badges", ()):
        every_day = len(facts.sign_ins) == (book["ends"] - book["starts"]).days + 1
        every_checkpoint = len(facts.passed) == len(book["route"]["checkpoints"])
        if every_day if badge["on"] == "every_day_signed_in" else every_checkpoint:
            found.append(badge["id"])
    return sorted(found)


def earned(book: Book, part: Part, who: str) -> int:
    """All points that somebody has earned."""
    facts = part.people[who]
    points = len(facts.sign_ins) * amount(book, "sign_in") + len(facts.reflected) * amount(book, "reflection")
    for day in facts.syncs:
        for rule in book.get("points", ()):
            if rule["on"] == "steps":
                points += min(counted(book, facts, day) // rule["every"] * rule["amount"], rule["daily_max"])
        points += amount(book, "daily_goal") * attained(book, facts, day)
    if facts.team:
        points += amount(book, "team_goal") * len(team_days_of(book, part, who))
        members = part.teams[facts.team]
        if members[0].id == who and len(members) == book["teams"]["size"]:
            points += amount(book, "team_filled")  # SX-16
    return points


def spent(book: Book, part: Part, who: str) -> int:
    """Points that somebody has spent on draws (SX-18)."""
    costs = {pool["id"]: pool.get("cost_points", 0) for pool in book.get("pools", ())}
    return sum(costs[draw.pool] for draw in part.people[who].draws if draw.chance is None)


def balance(book: Book, part: Part, who: str) -> int:
    """Points that are left; below zero when what they were spent from was taken back."""
    return earned(book, part, who) - spent(book, part, who)


def team_attained(book: Book, part: Part, team: str, day: date) -> bool:
    """Whether all who had joined by then, and the team, have reached their goals (SX-17)."""
    there = [member for member in part.teams[team] if member.joined_on <= day]
    walked = [counted(book, part.people[member.id], day) for member in there]
    rules = book["teams"]
    return (
        bool(there)
        and all(each >= rules["member_goal"] for each in walked)
        and sum(walked) >= rules["team_goal"]
    )


def team_days(book: Book, part: Part, team: str) -> list[date]:
    """The days that a team has attained."""
    days = {day for member in part.teams[team] for day in part.people[member.id].syncs}
    return sorted(day for day in days if team_attained(book, part, team, day))


def team_days_of(book: Book, part: Part, who: str) -> list[date]:
    """The days on which somebody's team has attained its goal with that person in it (SX-14)."""
    team = part.people[who].team
    joined_on = next(member.joined_on for member in part.teams[team] if member.id == who)
    days = [day for day in part.people[who].syncs if day >= joined_on]
    return [day for day in days if team_attained(book, part, team, day)]
