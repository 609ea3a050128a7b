"""Personal details over HTTP: kept, fixed, shown with a reason, erased; and nothing of them anywhere else."""

import base64
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api.persons import checked_reason
from ledger.refusal import Malformed
from tests.api.conftest import Service, running
from tests.conftest import Database
from tests.open_data import SESSION_KEY, encrypted, payload
from tests.people import Person, person, roster
from tests.store.vaults import VAULT

WANG, LI = person(0), person(1)
WHY = {"reason": "asked for it in writing"}
_numbers = itertools.count(1)


def send(
    service: Service, method: str, path: str, body: object = None, *, key: str = "", id: str = "", **more: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": id or f"k-{next(_numbers)}"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return service.client.request(method, path, json=body, headers=headers | more.pop("headers", {}), **more)


def keep(service: Service, who: str, **fields: str) -> httpx.Response:
    return send(service, "PUT", f"/v1/members/{who}/details", fields)


def look(service: Service, who: str, *fields: str, **how: Any) -> httpx.Response:
    body = {"reason": "sends a prize", "fields": fields}
    return send(service, "POST", f"/v1/members/{who}/details/views", body, **how)


@pytest.mark.rule("SX-02", "SJ-01", "ZG-02")
def test_details_are_kept_and_shown_to_who_says_why(of_this_file: Service) -> None:
    service = of_this_file
    told = keep(service, "d-1", name=WANG.name, id_number=WANG.id_number.lower(), phone=WANG.phone)
    assert told.status_code == 200, told.text
    assert told.json()["fields"] == ["id_number", "name", "phone"]
    assert told.json()["identities"] == {
        "id_number": VAULT.identity("id_number", WANG.id_number),
        "phone": VAULT.identity("phone", f"+86{WANG.phone}"),
    }
    shown = look(service, "d-1", "name", "phone", "email", key=service.key_of("finance"))
    assert shown.json()["fields"] == {"name": WANG.name, "phone": f"+86{WANG.phone}", "email": None}
    assert shown.headers["cache-control"] == "no-store"
    event = service.client.get(f"/v1/events/{shown.json()['position']}").json()
    assert event["type"] == "details-viewed.v1"
    assert event["data"]["fields"] == ["name", "phone", "email"]
    assert event["data"]["reason"] == "sends a prize"


@pytest.mark.rule("SJ-06")
def test_a_name_stands_and_a_phone_is_corrected(of_this_file: Service) -> None:
    keep(of_this_file, "d-2", name=WANG.name, phone="13800000002").raise_for_status()
    refused = keep(of_this_file, "d-2", name=LI.name, phone="13800000003")
    assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (
        422,
        "field_fixed",
        "SJ-06",
    )
    assert keep(of_this_file, "d-2", phone="13800000003", name=f" {WANG.name}").status_code == 200
    assert look(of_this_file, "d-2", "phone").json()["fields"] == {"phone": "+8613800000003"}


@pytest.mark.rule("GX-01")
def test_a_repeat_is_a_repeat_and_another_value_a_conflict(of_this_file: Service) -> None:
    path, body = "/v1/members/d-3/details", {"region": "西安市"}
    first = send(of_this_file, "PUT", path, body, id="once")
    again = send(of_this_file, "PUT", path, body, id="once")
    other = send(of_this_file, "PUT", path, {"region": "咸阳市"}, id="once")
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert (other.status_code, other.json()["code"]) == (409, "event_id_reused")


def test_a_look_is_shown_again_for_a_while_and_then_has_to_be_noted_anew(of_this_file: Service) -> None:
    of_this_file.set_clock("2019-07-01T08:00:00")
    keep(of_this_file, "d-8", region="西安市").raise_for_status()
    assert look(of_this_file, "d-8", "region", id="look").status_code == 200
    of_this_file.set_clock("2019-07-01T08:04:00")
    assert look(of_this_file, "d-8", "region", id="look").json()["fields"] == {"region": "西安市"}
    of_this_file.set_clock("2019-07-01T08:06:00")
    over = look(of_this_file, "d-8", "region", id="look")
    assert (over.status_code, over.json()["code"]) == (409, "event_id_reused")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"id_number": WANG.id_number[:-1] + "Y"}, "/id_number"),
        ({"phone": "1390000"}, "/phone"),
        ({"name": "王\n小明"}, "/name"),
        ({"name": 7}, "/name"),
        ({"shoe_size": "42"}, "/shoe_size"),
        ({}, ""),
        ({"name": None}, ""),
    ],
)
def test_what_is_no_field_is_malformed_and_not_repeated(
    body: dict[str, Any], pointer: str, of_this_file: Service
) -> None:
    answer = send(of_this_file, "PUT", "/v1/members/d-4/details", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), answer.text
    assert answer.json().get("pointer", "") == pointer
    assert not [
        value for value in body.values() if isinstance(value, str) and value in answer.text and len(value) > 2
    ]


@pytest.mark.parametrize("field", ["shoe_size", "address/13800001234", "address/" + "x" * 24, WANG.id_number])
def test_only_names_of_fields_can_be_asked_for_since_they_stand_in_the_log(
    field: str, of_this_file: Service
) -> None:
    answer = look(of_this_file, "d-1", field)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/fields/0")


def test_a_reason_that_names_somebody_is_turned_down(of_this_file: Service) -> None:
    body = {"reason": f"letter of {WANG.id_number}"}
    answer = send(of_this_file, "POST", "/v1/members/d-1/erasure", body)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/reason")
    assert WANG.id_number not in answer.text
    with pytest.raises(Malformed):
        checked_reason("   ")


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("client", "POST", "/v1/members/d-1/details/views"),
        ("auditor", "POST", "/v1/members/d-1/details/views"),
        ("client", "POST", "/v1/members/d-1/erasure"),
        ("finance", "POST", "/v1/members/d-1/erasure"),
        ("auditor", "PUT", "/v1/members/d-1/details"),
        ("auditor", "POST", "/v1/identities"),
        ("finance", "POST", "/v1/rosters?batch=x"),
        ("operator", "PUT", "/v1/members/d-1/session-key"),
    ],
)
def test_who_may_do_what(role: Any, method: str, path: str, of_this_file: Service) -> None:
    answer = send(of_this_file, method, path, {}, key=of_this_file.key_of(role))
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


@pytest.mark.rule("ZG-02")
def test_the_keyed_hash_of_a_number_is_told_and_nothing_is_recorded(of_this_file: Service) -> None:
    nobody = person(9)
    digest = VAULT.identity("phone", f"+86{nobody.phone}")
    for value in (nobody.phone, f"+86 {nobody.phone}"):
        answer = send(of_this_file, "POST", "/v1/identities", {"kind": "phone", "value": value})
        assert answer.json() == {"hash": digest}
    for body in (
        {"kind": nobody.phone, "value": "phone"},
        {"kind": "phone", "value": "x"},
        {"kind": "phone"},
    ):
        answer = send(of_this_file, "POST", "/v1/identities", body)
        assert answer.status_code == 400
        assert nobody.phone not in answer.text
    everything = _everything(of_this_file.database)
    assert digest.encode() not in everything
    assert nobody.phone.encode() not in everything


@pytest.mark.rule("SX-25")
def test_an_address_is_a_handle_for_prizes_and_never_changes(of_this_file: Service) -> None:
    body = {"recipient": WANG.name, "phone": WANG.phone, "address": "陕西省西安市某路1号"}
    first = send(of_this_file, "POST", "/v1/members/d-5/addresses", body, id="a-1")
    again = send(of_this_file, "POST", "/v1/members/d-5/addresses", body, id="a-1")
    other = send(of_this_file, "POST", "/v1/members/d-5/addresses", body | {"address": "陕西省宝鸡市某路2号"})
    handle = first.json()["address_ref"]
    assert again.json() == first.json()
    assert other.json()["address_ref"] != handle
    shown = look(of_this_file, "d-5", handle).json()["fields"][handle]
    assert "西安市某路1号" in shown
    assert f"+86{WANG.phone}" in shown
    for name, wrong in (
        ("phone", "1"),
        ("recipient", ""),
        ("recipient", " "),
        ("address", "　"),
        ("address", "\u0000"),
    ):
        answer = send(of_this_file, "POST", "/v1/members/d-5/addresses", body | {name: wrong})
        assert answer.status_code == 400, answer.text


@pytest.mark.rule("EC-12", "SJ-09")
def test_who_tells_the_same_phone_under_another_client_id_is_the_same_person(of_this_file: Service) -> None:
    keep(of_this_file, "d-6", phone="13700000006", region="西安市").raise_for_status()
    keep(of_this_file, "wx-6", phone="13700000006", email="six@example.org").raise_for_status()
    both = look(of_this_file, "wx-6", "region", "email").json()["fields"]
    assert both == {"region": "西安市", "email": "six@example.org"}


def test_nothing_is_shown_of_who_is_not_known(of_this_file: Service) -> None:
    answer = look(of_this_file, "d-unknown", "name")
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_kept")
    answer = send(of_this_file, "POST", "/v1/members/d-unknown/erasure", WHY)
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_kept")


# -- open data


@pytest.mark.rule("SX-05", "GX-01")
def test_open_data_are_decrypted_and_a_retry_is_a_repeat(of_this_file: Service) -> None:
    service = of_this_file
    service.post("enrolled", "d-9", "2019-06-30T08:00:00", branch="xian").raise_for_status()
    event = {
        "specversion": "1.0", "id": "wx-1", "source": "//test", "type": "jifen.steps_synced_encrypted",
        "subject": "d-9", "time": "2019-07-03T21:00:00+08:00", "campaign": "sx-2019",
    }  # fmt: skip
    inside = payload({date(2019, 7, 2): 9000, date(2019, 7, 3): 8312})
    kept = send(service, "PUT", "/v1/members/d-9/session-key", {"session_key": SESSION_KEY})
    sent = encrypted(inside)
    by_ref = {k: v for k, v in sent.items() if k != "session_key"} | kept.json()
    headers = {"Content-Type": "application/cloudevents+json"}
    first = service.client.post("/v1/events", json=event | {"data": sent}, headers=headers)
    again = service.client.post("/v1/events", json=event | {"data": by_ref}, headers=headers)
    batch = service.client.post(
        "/v1/events",
        json=[event | {"data": by_ref}, event | {"id": "wx-2", "data": by_ref | {"key_ref": "sk-0"}}],
    ).json()["results"]
    assert first.status_code == 201, first.text
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert [(each["status"], each.get("pointer")) for each in batch] == [
        ("accepted", None),
        ("invalid", "/data/key_ref"),
    ]
    for wrong, pointer in (
        ({"session_key": "AAAA"}, "/data/session_key"),
        ({"session_key": base64.b64encode(bytes(16)).decode()}, "/data/encryptedData"),
        ({"iv": "AAAA"}, "/data/iv"),
        ({"key_ref": "sk-1"}, "/data/session_key"),
        (encrypted(payload({date(2019, 7, 3): 1}, "wx0000000000000000")), "/data/encryptedData"),
        ({"days": []}, "/data/days"),
    ):
        answer = service.client.post(
            "/v1/events", json=event | {"id": "wx-3", "data": sent | wrong}, headers=headers
        )
        assert (answer.status_code, answer.json()["pointer"]) == (400, pointer), answer.text
    everything = _everything(service.database) + service.log_text().encode()
    assert SESSION_KEY.encode() not in everything
    assert sent["encryptedData"].encode() not in everything


def test_a_session_key_is_16_bytes_and_the_newest_replaces_the_one_before(of_this_file: Service) -> None:
    path = "/v1/members/d-7/session-key"
    bare = of_this_file.client.put(path, json={"session_key": SESSION_KEY})
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency_key_missing")
    refs = [
        send(of_this_file, "PUT", path, {"session_key": base64.b64encode(bytes([n] * 16)).decode()}).json()
        for n in range(2)
    ]
    assert refs[0] != refs[1]
    for wrong in ("", "AAAA", "钥", base64.b64encode(bytes(24)).decode()):
        answer = send(of_this_file, "PUT", path, {"session_key": wrong})
        assert (answer.status_code, answer.json()["pointer"]) == (400, "/session_key")


# -- nothing of a person anywhere


def _everything(database: Database) -> bytes:
    """Every table as COPY gives it, and the bytes of all relations of the database as they lie on disk."""
    with psycopg.connect(
        database.url, options=f"-csearch_path={database.schema}", autocommit=True
    ) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        parts = []
        for (table,) in tables:
            for form in ("TEXT", "BINARY"):
                told = f"COPY {table} TO STDOUT (FORMAT {form})".encode()
                with (
                    suppress(psycopg.errors.UndefinedTable),  # a standing that was replaced meanwhile
                    connection.cursor().copy(told) as copy,
                ):
                    parts += [bytes(block) for block in copy]
        connection.execute("CHECKPOINT")
        files = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relpersistence <> 't'"
            " AND (relnamespace::regnamespace::text IN (current_schema(), 'pg_toast') OR relname = 'pg_statistic')"
        ).fetchall()
        for (file,) in files:
            found = connection.execute(
                "SELECT pg_read_binary_file(%s, true)", (file,), binary=True
            ).fetchone()
            parts.append(bytes(found[0]) if found and found[0] else b"")
        return b"".join(parts)


def _spellings(text: str) -> Iterator[bytes]:
    """A text as it could stand somewhere."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        raw = text.encode(encoding)
        yield raw
        yield raw.hex().encode()
        for shift in range(3):  # in base64 a text looks different by its place in what is encoded
            whole = base64.b64encode(bytes(shift) + raw)
            yield whole[(shift * 8 + 5) // 6 : len(raw) // 3 * 4]
    yield text.encode("unicode_escape")


def _found(texts: Iterator[str], where: bytes) -> list[tuple[str, bytes]]:
    return [(text, each) for text in texts for each in _spellings(text) if len(each) > 5 and each in where]


def _texts(who: Person, *more: str) -> Iterator[str]:
    yield from (who.name, who.id_number, who.phone, *more)


@pytest.mark.rule("GX-07")
def test_a_search_for_bytes_finds_nothing_of_a_person_before_and_after_the_erasure(
    database: Database, tmp_path: Path
) -> None:
    home = "陕西省西安市新城区无名路一百零一号"
    with running(database, tmp_path) as service:
        tree = {"branches": [{"id": "zj", "name": "镇江市总工会", "kind": "city"}]}
        send(service, "POST", "/v1/branches", tree).raise_for_status()
        keep(service, "p-1", name=WANG.name, id_number=WANG.id_number, phone=WANG.phone, home_address=home)
        keep(service, "p-1", name=LI.name, phone=WANG.phone)  # refused, and kept as such
        keep(service, "p-1", name=WANG.name, email=f"{WANG.phone}@x\u0000")
        address = {"recipient": WANG.name, "phone": WANG.phone, "address": home}
        handle = send(service, "POST", "/v1/members/p-1/addresses", address).json()["address_ref"]
        send(service, "POST", "/v1/identities", {"kind": "id_number", "value": WANG.id_number})
        send(service, "POST", f"/v1/identities?value={WANG.phone}", {"kind": WANG.phone, "value": home})
        service.post("enrolled", "p-1", "2019-06-30T08:00:00", branch="xian").raise_for_status()
        service.post("signed_in", "p-1", "2019-07-01T08:00:00").raise_for_status()
        send(
            service,
            "POST",
            "/v1/rosters?batch=b",
            None,
            content=roster(3).encode(),
            headers={"Content-Type": "text/csv"},
        )
        looked = look(service, "p-1", "name", "home_address", handle).json()["position"]
        participant = "/v1/campaigns/sx-2019/participants/p-1"
        before = service.client.get(participant, params={"at_least": looked}).json()
        texts = [*_texts(WANG, home, home[3:9]), *_texts(LI)]
        assert _found(iter(texts), _everything(database)) == []
        erased = send(service, "POST", "/v1/members/p-1/erasure", WHY)
        assert erased.status_code == 201, erased.text
        after = service.client.get(participant, params={"at_least": erased.json()["position"]}).json()
        exported = b"".join(
            service.client.get("/v1/events", params={"after": at, "limit": 1000}).content for at in (0, 1000)
        )
        timeline = service.client.get("/v1/participants/p-1/timeline").content
        logged = service.log_text().encode()
        gone = look(service, "p-1", "name")
        kept = _rows_of_vault(database)
    assert after["points"] == before["points"]
    assert after["sign_in_days"] == before["sign_in_days"] == 1
    assert (gone.status_code, gone.json()["code"]) == (422, "person_erased")
    assert not [row for row in kept if row == "member/p-1"]
    assert VAULT.identity("id_number", WANG.id_number) not in "".join(kept)
    assert _found(iter(texts), exported + timeline + logged + _everything(database)) == []
    audited = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "audit", "balance"],
        env={**os.environ, "JIFEN_DATABASE_URL": database.url},
        capture_output=True,
        check=False,
    )
    assert audited.returncode == 0, audited.stdout.decode() + audited.stderr.decode()
    assert _found(iter(texts), audited.stdout + audited.stderr) == []


def _rows_of_vault(database: Database) -> list[str]:
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        return [row[0] for row in connection.execute("SELECT person FROM personal")]


def test_the_search_finds_what_is_there(database: Database) -> None:
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        sealed = base64.b64encode(f"x{WANG.name}和{WANG.phone}".encode())
        connection.execute(
            "INSERT INTO secrets VALUES ('a', 'b', 0, %s, NULL), ('a', 'b', 1, %s, NULL)",
            (sealed, LI.name.encode("gb18030")),
        )
    everything = _everything(database)
    assert _found(iter([WANG.phone]), everything)
    assert _found(iter([WANG.name]), everything)
    assert _found(iter([LI.name]), everything)
    assert not _found(iter([LI.phone]), everything)
