"""What a union does beside campaigns, as `jifen demo` shows it: members, benefits, a fund, and a person who goes.

Three programmes are published and played over HTTP, after the campaign: zg (activation, points, shop), sj (joining a
union), ec-2018 (a fund and its project). Nobody in it is real; the identity numbers only have the form of one.
"""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from api.cli.client import CloudEvent, EventResult, Service, ServiceProblem

SOURCE = "//demo.jifen/union"
ROSTER = (
    ("32110219850302001", "丹阳市总工会", "王小明", "13800000001"),
    ("32110219860302002", "镇江市教育工会", "李小红", "13800000002"),
    ("32110219870302003", "句容市总工会", "赵小刚", "13800000003"),
)
"""The first 17 characters of made-up identity numbers, unions, names and phone numbers."""
ACTIVE, ERASED, WEB = "m-wang", "m-zhao", "web-wang"
COURIER, COURIER_ON_THE_WEB, STRANGER = "m-courier", "web-courier", "m-stranger"
FUND = "volunteer-projects.nanjing-federation"
ITEM = "vinegar"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def whole(first: str) -> str:
    """An identity number with its last character: the check digit of the 17 before it."""
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


class Scene:
    """Posts and writes to the service, and keeps in mind how far its log has got."""

    def __init__(self, service: Service, out: Console) -> None:
        self.service = service
        self.position = 0
        self._out = out
        self._keys = itertools.count(1)

    def say(self, zh: str, en: str, *more: str) -> None:
        """A line of what happened, in both languages."""
        self._out.print(" ".join((f"{zh} / {en}", *more)), markup=False, highlight=False, soft_wrap=True)

    def post(self, *events: CloudEvent) -> list[EventResult]:
        """Post events; what is refused is said, with its clause."""
        results = self.service.post_events(events)
        for event, result in zip(events, results, strict=True):
            self.position = max(self.position, result.position or 0, *_positions(result.events))
            if result.status != "accepted":
                self.say("  拒绝", "refused:", f"{event.type} {result.code} {result.clause}: {result.detail}")
        return results

    def write(self, path: str, said: Any = None, **how: Any) -> dict[str, Any]:
        """Write as the union's operator does."""
        answer = self.service.write(
            f"/v1/{path}", idempotency_key=f"demo-union-{next(self._keys)}", json=said, **how
        )
        self.position = max(self.position, answer.get("position", 0), *_positions(answer.get("events", [])))
        return answer

    def get(self, path: str, **how: Any) -> dict[str, Any]:
        """Read, as of everything that was written."""
        return self.service.get(f"/v1/{path}", at_least=self.position, **how)

    def hashed(self, kind: str, value: str) -> str:
        """The keyed hash that stands for a number everywhere but in the vault."""
        return str(self.write("identities", {"kind": kind, "value": value})["hash"])

    def event(self, kind: str, who: str, at: str, campaign: str = "", **data: Any) -> CloudEvent:
        """Something that a person did; of no campaign unless one is named."""
        return CloudEvent(
            id=f"union-{next(self._keys)}",
            source=SOURCE,
            type=f"jifen.{kind}",
            subject=who,
            time=f"{at}+08:00",
            campaign=campaign or msgspec.UNSET,
            data=data,
        )


def play(service: Service, out: Console) -> None:
    """The whole of it: a few seconds."""
    scene = Scene(service, out)
    for name in ("ec-2018", "zg", "sj"):
        rulebook = (files("ledger") / "rulebooks" / f"{name}.toml").read_bytes()
        service.publish(rulebook, idempotency_key=f"demo-{name}")
    _roster(scene)
    _shop(scene)
    _joining(scene)
    _merging(scene)
    _fund(scene)
    _erasure(scene)
    out.print(_members(scene))


def _roster(scene: Scene) -> None:
    """Members are known from a roster, and activate once ever (ZG-01, ZG-03, ZG-04)."""
    lines = "".join(f"{whole(number)},{union},{name},{phone}\n" for number, union, name, phone in ROSTER)
    told = scene.write("rosters", csv="身份证号,单位,姓名,手机号\n" + lines, batch="insurance-2020")
    scene.say("名册导入", "roster:", f"{told['entered']} entered, {told['not_taken']} not taken")
    hashes = [scene.hashed("id_number", whole(number)) for number, *_ in ROSTER]
    at = "2020-03-01T20:15:00"
    events = [
        scene.event("activated", who, at, identity_hash=digest)
        for who, digest in zip((ACTIVE, "m-li", ERASED), hashes, strict=True)
    ]
    scene.post(*events, scene.event("activated", STRANGER, at, identity_hash="0" * 32))
    page = scene.get(f"members/{ACTIVE}")
    right = page["rights"][0]
    scene.say(
        f"{ACTIVE} 激活", "activated:", f"{page['union']['name']}, {page['points']['balance']} 积分 / points,"
        f" {right['name']['zh']} {right['starts']} – {right['ends']}"
    )  # fmt: skip


def _shop(scene: Scene) -> None:
    """Points of every day, and what they buy (ZG-05, ZG-07)."""
    scene.post(*_days(scene))
    before = scene.get(f"members/{ACTIVE}")["points"]["balance"]
    at = "2020-03-12T12:00:00"
    scene.post(scene.event("item_redeemed", ACTIVE, at, item=ITEM))
    points = scene.get(f"members/{ACTIVE}")["points"]
    scene.say(
        f"福利商城 {ITEM}", "shop:", f"{before} → {points['balance']} 积分 / points, spent {points['spent']}"
    )
    scene.post(scene.event("item_redeemed", ACTIVE, at, item=ITEM))


def _days(scene: Scene) -> Iterator[CloudEvent]:
    """Ten days of signing in, commenting and reading; what goes beyond the daily caps earns nothing."""
    first = datetime(2020, 3, 2, 8)  # noqa: DTZ001 - a wall clock; the events say its offset
    for number in range(10):
        at = first + timedelta(days=number)
        yield scene.event("signed_in", ACTIVE, at.isoformat(), "zg")
        for each in range(3):
            moment = (at + timedelta(hours=4, minutes=each)).isoformat()
            yield scene.event("comment_posted", ACTIVE, moment, "zg", ref=f"comments/{number}-{each}")
        for each in range(5):
            moment = (at + timedelta(hours=12, minutes=each)).isoformat()
            yield scene.event("article_read", ACTIVE, moment, "zg", ref=f"news/{number}-{each}")


def _joining(scene: Scene) -> None:
    """A courier joins twice, by the app and on the web, and is one member; unions review later (SJ-01 … SJ-09)."""
    phone = scene.hashed("phone", "13800000009")
    applied: dict[str, Any] = {"consent": True, "identities": {"phone": phone}}
    unit = {
        "place": "南京市总工会",
        "unit_name": "南京快送物流工会",
        "employment": "new-form",
        "trade": "courier",
    }
    web: dict[str, Any] = {"branch": "南京市总工会", "employment": "flexible"}
    other: dict[str, Any] = {"branch": "苏州市总工会", "employment": "staff", "consent": True}
    scene.post(
        scene.event("membership_applied", COURIER, "2021-03-01T10:00:00", **unit, **applied),
        scene.event("membership_applied", COURIER_ON_THE_WEB, "2021-03-01T10:00:01", **web, **applied),
        scene.event("membership_applied", "m-other", "2021-03-01T10:05:00", **other),
    )
    page = scene.get(f"members/{COURIER_ON_THE_WEB}")
    scene.say(
        "两处申请是一个会员", "applied twice, one member:",
        f"{page['participant']} (+ {', '.join(page['aliases'])}), {page['union']['name']}, {page['status']}",
    )  # fmt: skip
    queue = [each["participant"] for each in scene.get("members", status="applied")["members"]]
    reviews = [
        {"participant": who, "approved": True}
        if who == page["participant"]
        else {"participant": who, "approved": False, "reason": "工作单位在外省 (works in another province)"}
        for who in queue
    ]
    lines = scene.write("memberships/reviews", {"reviews": reviews})["results"]
    scene.position = max(scene.position, *(line.get("position", 0) for line in lines))
    scene.say("批量审核", "reviewed:", ", ".join(f"{line['participant']} {line['status']}" for line in lines))
    for message in scene.get("messages")["messages"]:
        scene.say("  待发消息", "message:", f"{message['participant']}: {message['zh']}")


def _merging(scene: Scene) -> None:
    """The web account of a member who activated turns out to be the same person: an operator joins the two."""
    said: dict[str, Any] = {"branch": "镇江市总工会", "employment": "staff", "consent": True}
    scene.post(
        scene.event("membership_applied", WEB, "2021-03-02T09:00:00", **said),
        scene.event("signed_in", WEB, "2021-03-02T09:10:00", "sj"),
    )
    before = [scene.get(f"members/{who}")["points"]["balance"] for who in (ACTIVE, WEB)]
    scene.write(f"members/{ACTIVE}/merger", {"other": WEB, "reason": "the same phone number"})
    page = scene.get(f"members/{WEB}")
    scene.say(
        f"{WEB} 并入 {ACTIVE}", "merged:",
        f"{' + '.join(map(str, before))} = {page['points']['balance']} 积分 / points, {page['union']['name']}",
    )  # fmt: skip


def _fund(scene: Scene) -> None:
    """A volunteer project is put forward, reviewed, published and paid; never more than the fund holds (EC-13)."""
    funds, project = f"campaigns/ec-2018/funds/{FUND}", "river-trees"
    scene.write(f"{funds}/deposits", {"amount": 30_000, "ref": "bank/2021-03-03/1"})
    scene.write(f"{funds}/projects", {"project": project, "name": "秦淮河植树", "amount": 50_000})
    scene.write(f"{funds}/projects/{project}/review", {"approved": True})
    scene.write(f"{funds}/projects/{project}/publication")
    scene.write(f"{funds}/projects/{project}/payments", {"amount": 20_000, "ref": "bank/2021-03-04/7"})
    try:
        scene.write(f"{funds}/projects/{project}/payments", {"amount": 20_000, "ref": "bank/2021-03-05/2"})
    except ServiceProblem as problem:
        scene.say(
            "  拒绝", "refused:", f"{problem.code} {problem.members.get('clause', '')}: {problem.detail}"
        )
    fund = scene.get(funds)
    (shown,) = fund["projects"]
    scene.say(
        f"项目资金 {fund['union_name']}", "fund:",
        f"{fund['collected'] / 100:.2f} 元 in, {shown['name']} got {shown['paid'] / 100:.2f},"
        f" {fund['balance'] / 100:.2f} left",
    )  # fmt: skip


def _erasure(scene: Scene) -> None:
    """What the vault keeps of a person is looked at with a reason, then destroyed; the log stays (GX-07)."""
    path = f"members/{ERASED}"
    scene.write(f"{path}/details", {"nickname": "小刚"}, method="PUT")
    view = {"fields": ["name", "nickname"], "reason": "sending the insurance card"}
    seen = scene.write(f"{path}/details/views", view)["fields"]
    scene.say("保险柜", "vault:", f"{ERASED}: {', '.join(map(str, seen.values()))}")
    scene.write(f"{path}/erasure", {"reason": "asked for it"})
    try:
        scene.write(f"{path}/details/views", view)
    except ServiceProblem as problem:
        scene.say(f"{ERASED} 已注销", "erased:", f"{problem.code}: {problem.detail}")
    scene.post(scene.event("signed_in", ERASED, "2021-03-06T08:00:00", "zg"))


def _members(scene: Scene) -> Table:
    """Who is there now, from their pages."""
    table = Table(title="会员 / members", title_justify="left")
    for heading in (
        "会员\nmember",
        "工会\nunion",
        "会籍\nmembership",
        "积分\npoints",
        "权益\nrights",
        "备注\nnotes",
    ):
        table.add_column(heading)
    for who in (ACTIVE, "m-li", ERASED, COURIER, "m-other"):
        page = scene.get(f"members/{who}")
        notes = [*(f"= {alias}" for alias in page["aliases"]), "已注销 erased" if page["erased"] else ""]
        table.add_row(
            page["participant"],
            page["union"]["name"],
            page["status"],
            str(page["points"]["balance"]),
            ", ".join(f"{each['name']['zh']} → {each['ends']}" for each in page["rights"]),
            " ".join(filter(None, notes)),
        )
    return table


def _positions(events: list[dict[str, Any]]) -> list[int]:
    return [event["position"] for event in events] or [0]
