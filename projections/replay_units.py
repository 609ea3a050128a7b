"""A standing of unions computed from nothing, in plain Python: the part of replay.py that knows the union tree.

A rulebook that lists its unions rules over the tree, whose unions below them count for them; without a list, the tree
under its top does; without either, each text that people have written is a union. Source: EC-09, EC-10, SX-27.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from ledger.branch_events import BranchConfirmed, BranchMerged, BranchRegistered
from ledger.rulebook import Board, Rulebook
from projections.standing import Figure


class Person:
    """What the events say of a participant in a book. days: day → counted steps, attained, when the sync happened."""

    def __init__(self) -> None:
        self.days: dict[date, tuple[int, bool, datetime]] = {}
        self.signed_in: set[date] = set()
        self.ran = False


class Node:
    """A union. gone: what it was merged into by the moment that counts."""

    def __init__(self, name: str, kind: str, parent: str | None) -> None:
        self.name = name
        self.kind = kind
        self.parent = parent
        self.gone: str | None = None


class UnitsReplay:
    """Folds the events of the tree. enrolled: participant → union, as it enrolled."""

    def __init__(self, rules: Rulebook, board: Board) -> None:
        self._rules = rules
        self._board = board
        self._tree: dict[str, Node] = {}
        self.enrolled: dict[str, str] = {}

    def take(self, event: BranchRegistered | BranchConfirmed | BranchMerged, *, in_time: bool) -> None:
        """One event more of a union. in_time: it happened before the standing was final."""
        match event:
            case BranchRegistered():
                self._tree[event.branch] = Node(event.name, event.kind, event.parent)
            case BranchConfirmed() if event.branch in self._tree:
                self._tree[event.branch].name = event.name
                if in_time:
                    self._tree[event.branch].kind = event.kind
            case BranchMerged(through="") if event.branch in self._tree and in_time:
                self._tree[event.branch].gone = event.into

    def rows(
        self, people: Mapping[str, Person], last_day: date | None
    ) -> Iterator[tuple[str, str | None, tuple[Figure, ...]]]:
        """Id, name and figures of each union that somebody takes part for. last_day: of a final standing."""
        nodes = self._nodes()
        found: dict[str, list[Person]] = {}
        for who, branch in self.enrolled.items():
            for unit in self._above(branch, nodes):
                found.setdefault(unit, []).append(people.get(who) or Person())
        days = self._days(last_day)
        for unit, members in found.items():
            if self._board.group in (None, nodes[unit].kind):
                figures = tuple(self._figure(members, key.by, days) for key in self._board.keys)
                yield unit, nodes[unit].name, figures

    def _nodes(self) -> dict[str, Node]:
        enrolment = self._rules.enrolment
        if not enrolment.branches:
            if enrolment.tree:
                return self._tree
            return {text: Node(text, "", None) for text in set(self.enrolled.values())}
        listed = {branch.id: Node(branch.name, branch.group, branch.parent) for branch in enrolment.branches}
        for id, node in listed.items():
            end = self._end(id) if self._known(id, node) else id
            if end != id and end in listed and self._known(end, listed[end]):
                node.gone = end
        return {id: self._below(node, listed) for id, node in self._tree.items()} | listed

    def _below(self, node: Node, listed: Mapping[str, Node]) -> Node:
        """A union of the tree that is not listed. One of the list stands above it if the tree knows it by its name."""
        made = Node(node.name, node.kind, node.parent)
        made.gone = node.gone
        if node.parent and node.parent in listed and not self._known(node.parent, listed[node.parent]):
            made.parent = None
        if node.gone and node.gone in listed and not self._known(node.gone, listed[node.gone]):
            made.gone = None
        return made

    def _known(self, id: str, node: Node) -> bool:
        return id in self._tree and self._tree[id].name == node.name

    def _end(self, id: str) -> str:
        while id in self._tree and (into := self._tree[id].gone):
            id = into
        return id

    def _above(self, branch: str, nodes: Mapping[str, Node]) -> Iterator[str]:
        """The unions that a person of this one counts for: up to the top of the campaign's tree."""
        top = self._end(self._rules.enrolment.tree or "") if nodes is self._tree else ""
        at: str | None = branch
        seen: set[str] = set()
        while at is not None and at in nodes and at not in seen:
            seen.add(at)
            node = nodes[at]
            if node.gone is None:
                yield at
            at = None if at == top else node.gone or node.parent

    def _days(self, last_day: date | None) -> int:
        if self._rules.score is None or not self._rules.score.by_day or last_day is None:
            return 1
        return (last_day - self._rules.starts).days + 1

    def _figure(self, members: list[Person], by: str, days: int) -> Figure:
        attained = sum(1 for each in members for _, met, _ in each.days.values() if met)
        steps = sum(counted for each in members for counted, _, _ in each.days.values())
        walked = sum(1 for each in members if each.ran or any(n for n, _, _ in each.days.values()))
        match by:
            case "days_attained":
                return attained
            case "attainment_rate":
                return attained, len(members) * days
            case "participation_rate":
                return walked, len(members)
            case "total_steps":
                return steps
            case "average_steps":
                return steps, len(members)
            case "score" if self._rules.score:
                score = self._rules.score
                part = score.participation * walked * days + score.attainment * attained
                return part, 100 * len(members) * days
        raise ValueError(f"branches cannot be ranked by {by}")
