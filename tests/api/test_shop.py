"""A shop over HTTP: what points buy, what lies in the wallet, and what time takes away."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Service
from tests.store.selling import text
from tests.waiting import until

DAY_ONE = "2019-07-01T21:00:00"


class Mall:
    """A service with the campaign ``mall``, and how to ask it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        service.publish(text(thermos=2)).raise_for_status()

    def posts(self, kind: str, who: str, at: str, **data: Any) -> httpx.Response:
        return self.service.post(kind, who, at, campaign="mall", **data)

    def earns(self, who: str) -> None:
        """Six points: for a sign-in and the daily goal."""
        self.posts("enrolled", who, "2019-07-01T08:00:00", branch="某工会").raise_for_status()
        self.posts("signed_in", who, "2019-07-01T08:01:00").raise_for_status()
        synced = {"day": "2019-07-01", "steps": 8_000, "provider": "werun"}
        self.posts("steps_synced", who, DAY_ONE, **synced).raise_for_status()

    def reads(self, path: str, at_least: int, **query: Any) -> Any:
        answer = self.service.client.get(f"/v1/{path}", params={"at_least": at_least, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def logged(self, topic: str) -> Iterator[dict[str, Any]]:
        """What the log holds of a topic."""
        after = 0
        while events := self.service.client.get("/v1/events", params={"after": after}).json()["events"]:
            yield from (event for event in events if event["type"] == topic)
            after = events[-1]["position"]

    def waits_for(self, topic: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of a topic, once the scheduler has brought so many about."""
        return until(lambda: list(self.logged(topic)), lambda found: len(found) >= count)


def position(answer: httpx.Response) -> int:
    assert answer.status_code == 201, answer.text
    return int(answer.json()["events"][-1]["position"])


@pytest.mark.rule("ZG-07", "ZG-08")
def test_points_buy_items_and_what_is_not_used_in_time_is_gone(service: Service) -> None:
    mall = Mall(service)
    for who in ("p-1", "p-2"):
        mall.earns(who)
    bought = mall.posts("item_redeemed", "p-1", "2019-07-02T10:00:00", item="thermos")
    at = position(bought)
    (paid,) = [leg for leg in bought.json()["postings"] if leg["asset"] == "points"]
    assert (paid["account"], paid["amount"], paid["balance_after"]) == ("points:member:p-1", -4, 2)

    wallet = mall.reads("participants/p-1/wallet", at)
    assert (wallet["balance"], wallet["spendable"], wallet["debt"]) == (2, 2, 0)
    assert [(lot["points"], lot["expires"]) for lot in wallet["lots"]] == [(2, "2019-07-31T16:00:00Z")]
    assert wallet["expires_next"] == wallet["lots"]
    assert mall.reads("participants/p-1/wallet", at, campaign="mall") == wallet

    flask, film = mall.reads("campaigns/mall/shop", at)["items"]
    assert (flask["item"], flask["price"], flask["left"], flask["on_sale"]) == ("thermos", 4, 1, True)
    assert (film["kind"], film["left"], film["valid_days"]) == ("voucher", 0, None)

    page = mall.reads("campaigns/mall/participants/p-1", at)
    assert page["points"] == {"balance": 2, "earned": 6, "spent": 4}
    assert [(each["prize"], each["price"]) for each in page["prizes"]] == [("shop.1.1", 4)]
    (account,) = [
        each for each in mall.reads("participants/p-1/accounts", at)["accounts"] if each["asset"] == "points"
    ]
    assert (account["account"], account["balance"], account["spent"]) == ("points:member:p-1", 2, 4)
    lines = mall.reads("participants/p-1/statement", at, account="points:member:p-1")["postings"]
    assert [(line["amount"], line["type"]) for line in lines] == [
        (-4, "points-moved.v1"),
        (5, "points-moved.v1"),
        (1, "points-moved.v1"),
    ]

    refused = mall.posts("item_redeemed", "p-1", "2019-07-02T10:01:00", item="thermos", quantity=2)
    assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (
        422,
        "sold_out",
        "ZG-07",
    )
    dear = mall.posts("item_redeemed", "p-1", "2019-07-02T10:02:00", item="thermos")
    assert (dear.status_code, dear.json()["code"]) == (422, "not_enough_points")
    unknown = mall.posts("item_redeemed", "p-1", "2019-07-02T10:03:00", item="rocket")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "item_unknown")
    bad = mall.posts("item_redeemed", "p-1", "2019-07-02T10:04:00", item="thermos", quantity=0)
    assert (bad.status_code, bad.json()["pointer"]) == (400, "/data/quantity")

    position(mall.posts("item_redeemed", "p-2", "2019-07-02T10:05:00", item="thermos"))
    at = position(mall.posts("redemption_cancelled", "p-2", "2019-07-02T10:06:00", prize="shop.2.1"))
    (given_back,) = mall.reads("campaigns/mall/participants/p-2/redemptions", at)["redemptions"]
    assert (given_back["status"], given_back["price"], given_back["name"]["en"]) == ("cancelled", 4, "Flask")
    assert mall.reads("participants/p-2/wallet", at)["balance"] == 6

    service.set_clock("2019-07-13T00:00:00")
    (lapsed,) = mall.waits_for("prize-lapsed.v1")
    assert (lapsed["data"]["prize"], lapsed["data"]["actor"]) == ("shop.1.1", "scheduler")
    service.set_clock("2019-08-01T00:00:00")
    expired = mall.waits_for("points-expired.v1", count=2)
    assert sorted(each["data"]["postings"][1]["amount"] for each in expired) == [2, 6]
    at = max(each["position"] for each in expired)
    for who in ("p-1", "p-2"):
        wallet = mall.reads(f"participants/{who}/wallet", at)
        assert (wallet["balance"], wallet["lots"]) == (0, [])
    (lost,) = mall.reads("campaigns/mall/participants/p-1/redemptions", at)["redemptions"]
    assert (lost["status"], lost["expires_at"]) == ("lapsed", "2019-07-12T16:00:00Z")
    assert next(mall.logged("activity-refused.v1"))["data"]["source"] == "//test"
    assert all(each["data"]["source"] == "//test" for each in mall.logged("activity-refused.v1"))
