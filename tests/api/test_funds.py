"""Landmarks, runs, quizzes, attendance, funds and help over HTTP, in one small programme."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from ledger import keys
from ledger.audit import audit
from ledger.keys import Role
from tests.api.conftest import Service
from tests.unit.eco import TEXT

RIVER = """
[[occasions]]
id = "river-walk"
name = { zh = "河边健步走", en = "A walk by the river" }
clause = "EC-14"
starts = 2019-07-08
ends = 2019-07-08
"""
NANJING = "funds/green.nanjing"


class Desk:
    """Speaks to the service about the campaign. Every write has an Idempotency-Key of its own."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.position = 0
        self._keys = 0

    def said(self, kind: str, who: str, time: str, **data: Any) -> dict[str, Any]:
        answer = self.service.post(kind, who, f"2019-{time}:00", campaign="eco", **data)
        assert answer.status_code == 201, answer.text
        taken: dict[str, Any] = answer.json()
        self.position = taken["position"]
        return taken

    def write(self, path: str, role: Role = "administrator", key: str = "", **body: Any) -> httpx.Response:
        self._keys += 1
        headers = {"Idempotency-Key": key or f"w-{self._keys}", **self.service.as_role(role)}
        answer = self.service.client.post(f"/v1/campaigns/eco/{path}", json=body, headers=headers)
        if answer.status_code == 201:
            self.position = answer.json()["position"]
        return answer

    def get(self, path: str, role: Role = "administrator", **query: Any) -> Any:
        answer = self.service.client.get(
            f"/v1/campaigns/eco/{path}",
            params={"at_least": self.position, **query},
            headers=self.service.as_role(role),
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def desk(of_this_file: Service) -> Desk:
    """p-1 and p-2 of Nanjing have enrolled; p-1 has walked for three days, and brought a donation."""
    text = TEXT.replace("every = 100000", "every = 10000") + RIVER
    of_this_file.publish(text).raise_for_status()
    desk = Desk(of_this_file)
    for who in ("p-1", "p-2"):
        desk.said("enrolled", who, "06-25T09:00", branch="nanjing")
    for day in ("07-01", "07-02", "07-03"):
        desk.said("steps_synced", "p-1", f"{day}T21:00", day=f"2019-{day}", steps=6_000, provider="werun")
    return desk


@pytest.mark.rule("EC-03", "EC-04")
def test_a_participant_sees_landmarks_with_their_introductions_and_the_certificate(desk: Desk) -> None:
    page = desk.get("participants/p-1")
    assert [each["target"] for each in page["checkpoints"]] == [1, 2, 3]
    assert all(each["lit_at"] for each in page["checkpoints"])
    assert page["checkpoints"][0]["introduction"] == {"zh": "玄武湖。", "en": "A lake in Nanjing."}
    assert desk.get("participants/p-2")["checkpoints"][0]["introduction"] is None
    (certificate,) = desk.get("participants/p-1/certificates")["certificates"]
    assert certificate["number"] == "eco/pioneer/p-1"
    assert certificate["title"]["zh"] == "先进个人电子荣誉证书"
    assert (certificate["campaign_title"]["en"], certificate["clause"]) == ("Eco walk", "EC-04")
    logged = desk.service.client.get(f"/v1/events/{certificate['position']}").json()
    assert logged["type"] == "certificate-awarded.v1"
    assert desk.get("participants/p-2/certificates")["certificates"] == []


@pytest.mark.rule("EC-05", "EC-06")
def test_a_run_is_posted_and_gives_an_entry(desk: Desk) -> None:
    taken = desk.said(
        "run_recorded",
        "p-2",
        "07-03T21:30",
        day="2019-07-03",
        distance_m=1_700,
        duration_s=700,
        provider="band",
    )
    assert [event["type"] for event in taken["events"]] == ["run-recorded.v1", "chance-granted.v1"]
    (chance,) = desk.get("participants/p-2")["chances"]
    assert (chance["pool"], chance["chance"]) == ("health", "2019-07-03")


@pytest.mark.rule("EC-08", "ZG-06")
def test_a_quiz_shows_questions_and_never_answers(desk: Desk) -> None:
    hundred, daily = desk.get("quizzes/hundred", "client"), desk.get("quizzes/daily", "client")
    assert [each["id"] for each in hundred["questions"]] == ["q-1", "q-2", "q-3", "q-4"]
    assert [each["id"] for each in daily["questions"]] == ["d-1"], "the third day begins anew"
    assert daily["day"] == "2019-07-03"
    assert "绿水青山" not in str(hundred)
    assert "answer" not in daily["questions"][0]
    desk.said("question_answered", "p-1", "07-03T21:40", question="q-1", answer="B")
    desk.said("question_answered", "p-1", "07-03T21:41", question="q-1", answer="A")
    progress = desk.get("participants/p-1/quizzes/hundred")
    assert (progress["right"], progress["count"]) == (1, 4)
    assert [(each["question"], each["tries"]) for each in progress["answers"]] == [("q-1", 2)]
    timeline = desk.service.client.get(
        "/v1/participants/p-1/timeline",
        params={"at_least": desk.position},
        headers=desk.service.as_role("client"),
    ).json()["events"]
    right = next(event["data"] for event in timeline if event["type"] == "quiz-answered.v1")
    assert right["correct"]
    assert "answer" not in right


@pytest.mark.rule("EC-14")
def test_a_list_of_people_who_came_is_recorded_line_by_line(desk: Desk) -> None:
    people = ["p-1", "stranger", "p 2", 7, "p-2", "p-1"]
    body: dict[str, Any] = {"time": "2019-07-06T09:00:00+08:00", "participants": people}
    desk.service.set_clock("2019-07-08T09:00:00")
    first = desk.write("occasions/park-walk/attendance", "operator", key="list-1", **body)
    assert first.status_code == 200, first.text
    results = first.json()["results"]
    assert [line["status"] for line in results] == [
        "accepted", "refused", "invalid", "invalid", "accepted", "accepted",
    ]  # fmt: skip
    assert (results[1]["code"], results[1]["clause"]) == ("not_enrolled", "EC-01")
    assert [line["pointer"] for line in results[2:4]] == ["/participants/2", "/participants/3"]
    assert results[5]["replayed"], "the same person twice on a list is one"
    again = desk.write("occasions/park-walk/attendance", "operator", key="list-1", **body)
    repeated = again.json()["results"]
    assert [line.get("position") for line in repeated] == [line.get("position") for line in results]
    assert [line["status"] for line in repeated] == [line["status"] for line in results]
    desk.position = max(line.get("position", 0) for line in results)
    attendees = desk.get("occasions/park-walk/attendance")["attendees"]
    assert [(each["participant"], each["actor"]) for each in attendees] == [
        ("p-1", "the operator"),
        ("p-2", "the operator"),
    ]
    assert desk.write("occasions/no-walk/attendance", "operator", **body).status_code == 404
    assert desk.write("occasions/park-walk/attendance", "client", **body).status_code == 403


@pytest.mark.rule("EC-07", "EC-13")
def test_donations_are_collected_and_paid_to_a_published_project(desk: Desk) -> None:
    (fund,) = [each for each in desk.get("funds")["funds"] if each["union"] == "nanjing"]
    assert (fund["donated"], fund["balance"], fund["union_name"]) == (100, 100, "南京市总工会")
    assert desk.write(f"{NANJING}/deposits", "finance", amount=400, ref="bank/1").status_code == 201
    trees = f"{NANJING}/projects/trees"
    proposal: dict[str, Any] = {"project": "trees", "name": "植树", "amount": 600}
    assert desk.write(f"{trees}/review", "operator", approved=True).status_code == 404
    assert desk.write(f"{NANJING}/projects", "operator", **proposal).status_code == 201
    assert desk.write(f"{trees}/publication", "operator").json()["code"] == "project_step_not_allowed"
    bare = desk.write(f"{trees}/review", "operator", approved=False)
    assert (bare.status_code, bare.json()["pointer"]) == (400, "/reason"), "whoever proposed it is told why"
    assert desk.write(f"{trees}/review", "operator", approved=True).status_code == 201
    assert desk.get(NANJING, "client")["projects"] == [], "it is not published yet"
    assert desk.write(f"{trees}/publication", "operator").status_code == 201
    short = desk.write(f"{trees}/payments", "finance", amount=501, ref="bank/2")
    assert (short.status_code, short.json()["code"], short.json()["clause"]) == (422, "fund_short", "EC-07")
    paid = desk.write(f"{trees}/payments", "finance", key="pay-1", amount=500, ref="bank/2")
    assert paid.status_code == 201
    repeat = desk.write(f"{trees}/payments", "finance", key="pay-1", amount=500, ref="bank/2")
    assert (repeat.json(), repeat.headers["Idempotency-Replayed"]) == (paid.json(), "true")
    page = desk.get(NANJING, "client")
    assert (page["collected"], page["paid"], page["balance"]) == (500, 500, 0)
    assert [(each["status"], each["paid"]) for each in page["projects"]] == [("published", 500)]
    entries = desk.get(f"{NANJING}/entries")["entries"]
    assert [(each["kind"], each["amount"], each["balance"]) for each in entries] == [
        ("project", -500, 0),
        ("deposit", 400, 500),
        ("donation", 100, 100),
    ]
    assert desk.write(f"{trees}/payments", "operator", amount=1, ref="x").status_code == 403
    assert desk.write("funds/no-fund/deposits", "finance", amount=1, ref="x").status_code == 404


@pytest.mark.rule("ZG-10")
def test_help_is_applied_for_and_paid_from_the_fund(desk: Desk) -> None:
    client, role = desk.service.client, desk.service.as_role("operator")
    flagged = client.post(
        "/v1/members/p-2/hardship",
        json={"hardship": True, "reason": "low income"},
        headers={**role, "Idempotency-Key": "flag-1"},
    )
    assert flagged.status_code == 201, flagged.text
    refused = desk.service.post(
        "hardship_applied", "p-1", "2019-07-08T10:00:00", campaign="eco", ref="forms/0"
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "not_in_hardship")
    desk.said("hardship_applied", "p-2", "07-08T10:00", ref="forms/1", amount=300)
    assert desk.write("funds/help/deposits", "finance", amount=1_000, ref="bank/3").status_code == 201
    (waiting,) = desk.get("help", status="applied")["applications"]
    assert (waiting["participant"], waiting["number"], waiting["asked"]) == ("p-2", 1, 300)
    decision = "participants/p-2/help/1"
    bare = desk.write(decision, "operator", approved=True, reason="reviewed")
    assert (bare.status_code, bare.json()["pointer"]) == (400, "/amount")
    granted = desk.write(decision, "operator", approved=True, amount=250, reason="reviewed")
    assert granted.status_code == 201, granted.text
    assert desk.get("help", status="applied")["applications"] == []
    assert desk.get("funds/help")["balance"] == 750
    again = desk.write(decision, "operator", approved=True, amount=250, reason="reviewed")
    assert again.json()["code"] == "help_unknown"
    accounts = client.get("/v1/participants/p-2/accounts", params={"at_least": desk.position}).json()
    grants = [each for each in accounts["accounts"] if each["account"].startswith("grants:")]
    assert [(each["account"], each["balance"]) for each in grants] == [("grants:eco:p-2", 250)]


def of_branch(desk: Desk, branch: str) -> dict[str, str]:
    """The header of an operator's key that is for one branch."""
    database = desk.service.database
    token = keys.create(database.url, database.schema, "operator", branch, branch)[1]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.rule("ZG-09", "ZG-10")
def test_help_is_decided_by_who_answers_for_the_fund(desk: Desk) -> None:
    of_unions = TEXT.replace('id = "eco"', 'id = "eco-2"')
    of_unions = of_unions.replace('[hardship]\nfund = "help"', '[hardship]\nfund = "green"')
    desk.service.publish(of_unions).raise_for_status()
    for campaign in ("eco", "eco-2"):
        post = desk.service.post
        post("enrolled", "p-7", "2019-06-25T09:00:00", branch="nanjing", campaign=campaign)
        desk.service.client.post(
            "/v1/members/p-7/hardship",
            json={"hardship": True, "reason": "low income"},
            headers={"Idempotency-Key": f"flag-{campaign}"},
        )
        answer = post("hardship_applied", "p-7", "2019-07-08T10:00:00", ref="forms/7", campaign=campaign)
        assert answer.status_code == 201, answer.text
    decided = {"approved": False, "reason": "not this year"}
    answers = {
        (branch, campaign): desk.service.nobody.post(
            f"/v1/campaigns/{campaign}/participants/p-7/help/{number}",
            json=decided,
            headers={"Idempotency-Key": f"{branch} {campaign}", **of_branch(desk, branch)},
        )
        for number, campaign in enumerate(("eco", "eco-2"), start=1)
        for branch in ("suzhou", "nanjing")
    }
    assert {asked: answer.status_code for asked, answer in answers.items()} == {
        ("suzhou", "eco"): 403,
        ("nanjing", "eco"): 403,
        ("suzhou", "eco-2"): 403,
        ("nanjing", "eco-2"): 201,
    }
    assert answers["nanjing", "eco"].json()["code"] == "outside_branch", "the fund is of all"


@pytest.mark.rule("EC-14", "ZG-09")
def test_an_operator_records_its_own_people_and_the_others_are_denied(desk: Desk) -> None:
    desk.said("enrolled", "p-8", "06-25T09:00", branch="suzhou")
    desk.said("enrolled", "p-9", "06-25T09:00", branch="nanjing")
    answer = desk.service.nobody.post(
        "/v1/campaigns/eco/occasions/river-walk/attendance",
        json={"time": "2019-07-08T09:00:00+08:00", "participants": ["p-8", "p-9", "stranger"]},
        headers={"Idempotency-Key": "nanjing", **of_branch(desk, "nanjing")},
    )
    lines = answer.json()["results"]
    assert [(line["line"], line["status"], line.get("code"), line.get("pointer")) for line in lines] == [
        (1, "denied", "outside_branch", "/participants/0"),
        (2, "accepted", None, None),
        (3, "denied", "outside_branch", "/participants/2"),
    ]


def jifen(desk: Desk, *command: str) -> Result:
    """A command of the command line, as the administrator."""
    where = ["--campaign", "eco", "--url", desk.service.url, "--key", desk.service.key]
    return CliRunner().invoke(cli, [*command, *where], catch_exceptions=False)


@pytest.mark.rule("EC-14")
def test_a_list_is_imported_with_a_report_of_what_was_not_taken(desk: Desk, tmp_path: Path) -> None:
    people, report = tmp_path / "list.csv", tmp_path / "report.csv"
    people.write_text("name,工号\n甲,p-2\n乙,stranger\n\n丙,\n", encoding="gb18030")
    command = ["import", "attendance", str(people), "--occasion", "river-walk", "--column", "工号"]
    command += ["--at", "2019-07-08T09:00:00+08:00", "--report", str(report), "--batch", "2"]
    for outcome in ("已收 / taken", "重复 / taken before"):
        answer = jifen(desk, *command)
        assert answer.exit_code == 1, answer.output
        told = next(line for line in answer.output.splitlines() if outcome in line)
        assert told.split()[-2] == "1"
        assert "line 3: not_enrolled" in answer.output
        assert "line 5: malformed" in answer.output
    assert report.read_text("utf-8-sig").count("\n") == 3
    assert jifen(desk, *command[:-6], "--at", "2019-07-08T09:00:00+08:00").exit_code == 1
    one = tmp_path / "one.txt"
    one.write_text("p-1\n", encoding="utf-8")
    assert jifen(desk, "import", "attendance", str(one), *command[3:7], *command[7:9]).exit_code == 0
    assert jifen(desk, "import", "attendance", str(people), "--occasion", "x", "--at", "y").exit_code == 2


@pytest.mark.rule("EC-13", "ZG-10")
def test_funds_are_kept_at_the_command_line(desk: Desk) -> None:
    suzhou = "green.suzhou"
    steps = [
        ("deposit", suzhou, "--amount", "900", "--ref", "bank/7"),
        ("propose", suzhou, "lake", "--name", "清理太湖", "--amount", "700"),
        ("review", suzhou, "lake", "--approve"),
        ("publish", suzhou, "lake"),
        ("pay", suzhou, "lake", "--amount", "600", "--ref", "bank/8"),
    ]
    for step in steps:
        answer = jifen(desk, "funds", *step)
        assert answer.exit_code == 0, answer.output
        desk.position = int(answer.output.split()[-1].rstrip("."))
    desk.get("funds")
    assert "300" in next(line for line in jifen(desk, "funds", "list").output.splitlines() if suzhou in line)
    shown = jifen(desk, "funds", "show", suzhou).output
    assert "300 fen" in shown
    assert "published" in shown
    short = jifen(desk, "funds", "pay", suzhou, "lake", "--amount", "101", "--ref", "bank/9")
    assert (short.exit_code, "[EC-13]" in short.output) == (1, True)
    desk.said("hardship_applied", "p-2", "07-08T11:00", ref="forms/2")
    desk.get("help")
    assert "forms/2" in jifen(desk, "funds", "help-list", "--status", "applied").output
    assert jifen(desk, "funds", "help-decide", "p-2", "2", "--reason", "not this year").exit_code == 0


def test_the_books_are_sound_after_all_this(desk: Desk) -> None:
    report = audit(desk.service.database.url, desk.service.database.schema)
    assert report.sound, report.faults
