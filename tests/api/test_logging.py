"""What stands in the service's log, and what never does."""

from tests.api.conftest import Service

SECRETS = ("p-0815-person", "body-of-the-request", "value-of-the-query", "jf_")


def test_each_posting_has_a_line_that_can_be_followed(of_this_file: Service) -> None:
    answer = of_this_file.post("enrolled", "p-0815-person", "2019-07-01T08:00:00", branch="xian")
    refused = of_this_file.post("enrolled", "p-0815-person", "2019-07-01T08:00:00", branch="xian")
    lines = {line["request_id"]: line for line in of_this_file.log_lines() if line.get("event") == "request"}
    line = lines[answer.headers["x-request-id"]]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/events", 201)
    assert (line["events"], line["first"]) == (1, answer.json()["id"])
    assert line["position"] == answer.json()["position"]
    assert line["caller"] == "bootstrap"
    assert 0 < line["ms"] < 30_000
    assert line["timestamp"].endswith("Z")
    assert lines[refused.headers["x-request-id"]]["status"] == 422


def test_a_batch_has_one_line_with_its_first_event(of_this_file: Service) -> None:
    event = {
        "specversion": "1.0",
        "source": "//test",
        "type": "jifen.signed_in",
        "subject": "p-0815-person",
        "time": "2019-07-01T08:00:00+08:00",
        "campaign": "sx-2019",
    }
    answer = of_this_file.client.post(
        "/v1/events",
        json=[{**event, "id": "first"}, {**event, "id": "second"}],
        headers={"Content-Type": "application/cloudevents-batch+json"},
    )
    assert answer.status_code == 200
    (line,) = [
        line for line in of_this_file.log_lines() if line.get("request_id") == answer.headers["x-request-id"]
    ]
    assert (line["events"], line["first"]) == (2, "first")
    assert line["position"] == answer.json()["results"][1]["position"]


def test_no_key_no_body_no_query_and_no_person_is_in_the_log(of_this_file: Service) -> None:
    client = of_this_file.client
    of_this_file.post("enrolled", "p-0815-person", "2019-07-01T08:00:00", branch="body-of-the-request")
    of_this_file.post(
        "reflection_posted", "p-0815-person", "2019-07-01T08:00:00", checkpoint=1, ref="body-of-the-request"
    )
    client.get("/v1/campaigns/sx-2019/participants/p-0815-person", params={"trial": "value-of-the-query"})
    client.get("/v1/campaigns", params={"cursor": "value-of-the-query"})
    client.get("/p-0815-person")
    client.get("/v1/participants/p-0815-person/timeline")
    client.put("/v1/clock", content=b"body-of-the-request", headers={"Content-Type": "application/json"})
    client.post("/v1/campaigns", content=b"body-of-the-request", headers={"Content-Type": "application/toml"})
    of_this_file.nobody.get("/v1/campaigns", headers={"Authorization": "Bearer jf_000000000000_mistyped"})
    of_this_file.nobody.get("/v1/campaigns", headers=of_this_file.as_role("auditor"))
    said = of_this_file.log_text()
    assert len(of_this_file.log_lines()) >= 10
    for secret in (*SECRETS, of_this_file.key, of_this_file.key_of("auditor"), of_this_file.database.url):
        assert secret not in said


def test_probes_are_not_logged_while_all_is_well(of_this_file: Service) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        of_this_file.nobody.get(path)
    assert not {"/healthz", "/readyz", "/metrics"} & {line.get("route") for line in of_this_file.log_lines()}
