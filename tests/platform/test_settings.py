"""The settings and what they refuse."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.settings import Settings, SettingsError


def test_an_empty_environment_means_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings() == Settings(
        database_url=None, home=Path(".jifen"), host="127.0.0.1", port=8000, clock="system", schema="jifen"
    )


def test_an_empty_value_means_the_default() -> None:
    names = ["DATABASE_URL", "HOME", "HOST", "PORT", "BOOTSTRAP_KEY", "CLOCK", "ALLOW_TIME_TRAVEL", "SCHEMA"]
    assert Settings.from_env({f"JIFEN_{name}": "" for name in names}) == Settings()


def test_every_variable_is_read() -> None:
    assert Settings.from_env(
        {
            "JIFEN_DATABASE_URL": "postgresql://u:p@db/jifen",
            "JIFEN_HOME": "/srv/jifen",
            "JIFEN_HOST": "0.0.0.0",
            "JIFEN_PORT": "0",
            "JIFEN_BOOTSTRAP_KEY": "a-key",
            "JIFEN_CLOCK": "events",
            "JIFEN_ALLOW_TIME_TRAVEL": "1",
            "JIFEN_SCHEMA": "xian",
            "JIFEN_WECHAT_APPIDS": "wx4f4bc4dec97d474b, wx00",
        }
    ) == Settings(
        database_url="postgresql://u:p@db/jifen",
        home=Path("/srv/jifen"),
        host="0.0.0.0",
        port=0,
        bootstrap_key="a-key",
        clock="events",
        allow_time_travel=True,
        schema="xian",
        wechat_appids=frozenset({"wx4f4bc4dec97d474b", "wx00"}),
    )


@pytest.mark.parametrize(
    ("clock", "start"),
    [
        ("system", None),
        ("events", None),
        ("2019-07-01T00:00:00Z", datetime(2019, 7, 1, tzinfo=UTC)),
        ("2019-07-01T08:00:00.250+08:00", datetime(2019, 7, 1, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("2019-07-01t00:00:00z", datetime(2019, 7, 1, tzinfo=UTC)),
    ],
)
def test_a_clock_can_start_anywhere_when_time_travel_is_allowed(clock: str, start: datetime | None) -> None:
    settings = Settings.from_env({"JIFEN_CLOCK": clock, "JIFEN_ALLOW_TIME_TRAVEL": "1"})
    assert settings.clock_start() == start


@pytest.mark.parametrize("clock", ["events", "2019-07-01T08:00:00+08:00"])
@pytest.mark.parametrize("allowed", ["", "0"])
def test_any_other_clock_is_refused_without_the_switch(clock: str, allowed: str) -> None:
    with pytest.raises(SettingsError, match="JIFEN_ALLOW_TIME_TRAVEL=1"):
        Settings.from_env({"JIFEN_CLOCK": clock, "JIFEN_ALLOW_TIME_TRAVEL": allowed})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIFEN_PORT", "http"),
        ("JIFEN_PORT", "65536"),
        ("JIFEN_PORT", "-1"),
        ("JIFEN_PORT", "٣"),
        ("JIFEN_CLOCK", "yesterday"),
        ("JIFEN_CLOCK", "2019-07-01"),
        ("JIFEN_CLOCK", "2019-07-01T08:00:00"),
        ("JIFEN_CLOCK", "2019-02-30T08:00:00Z"),
        ("JIFEN_ALLOW_TIME_TRAVEL", "yes"),
        ("JIFEN_DATABASE_URL", "mysql://u:secret@db/jifen"),
        ("JIFEN_BOOTSTRAP_KEY", "two secret"),
        ("JIFEN_WECHAT_APPIDS", "wx1,wx 2"),
        ("JIFEN_SCHEMA", "Jifen"),
        ("JIFEN_SCHEMA", "a;b"),
        ("JIFEN_SCHEMA", "pg_toast"),
        ("JIFEN_SCHEMA", "x" * 64),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_env({name: value})
    assert "secret" not in str(caught.value)


def test_secrets_are_not_printed() -> None:
    settings = Settings.from_env(
        {"JIFEN_BOOTSTRAP_KEY": "secret-1", "JIFEN_DATABASE_URL": "postgresql://u:secret-2@db/j"}
    )
    assert "secret" not in repr(settings)
    assert "secret" not in str(settings)
    assert settings.bootstrap_key == "secret-1"


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]
