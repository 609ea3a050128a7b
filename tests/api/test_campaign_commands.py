"""`jifen campaign publish, amend, show` on a ledger's database, without a service beside them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.campaign import campaign
from tests.conftest import Database
from tests.small_rulebook import SMALL, changed


class Shell:
    """Runs `jifen campaign …` against one database, in a folder of its own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.environment = {"JIFEN_DATABASE_URL": database.url, "JIFEN_SCHEMA": database.schema}
        self.folder = folder

    def file(self, text: str) -> str:
        """The name of a file with this text."""
        file = self.folder / "walk.toml"
        file.write_bytes(text.encode())
        return str(file)

    def run(self, *arguments: str) -> Result:
        """What the command answers; a traceback is a failure."""
        return CliRunner(env=self.environment).invoke(campaign, arguments, catch_exceptions=False)


@pytest.fixture
def shell(database: Database, tmp_path: Path) -> Shell:
    """A command line on an empty ledger."""
    return Shell(database, tmp_path)


@pytest.mark.rule("GX-01", "GX-08")
def test_a_file_is_published_once_and_another_text_is_refused(shell: Shell) -> None:
    first = shell.run("publish", shell.file(SMALL))
    assert first.exit_code == 0
    assert first.stdout == (
        "small: 小活动 / Small walk: 7 days, 2 points rules, 2 checkpoints, 1 badge, 4 pools, 2 boards. "
        "It stands at position 1.\n"
    )
    again = shell.run("publish", shell.file(SMALL), "--actor", "somebody else")
    assert again.exit_code == 0
    assert again.stdout.endswith("It was there already, word for word.\n")
    other = shell.run("publish", shell.file(changed(("amount = 7", "amount = 8"))))
    assert other.exit_code == 1
    assert other.stderr.startswith("refused: ")
    assert other.stderr.endswith("(campaign_exists, GX-08)\n")


@pytest.mark.rule("GX-08")
def test_an_amendment_needs_a_published_campaign_and_keeps_its_first_day(shell: Shell) -> None:
    amended = changed(("amount = 7", "amount = 8"))
    assert "campaign_unknown" in shell.run("amend", shell.file(amended)).stderr
    shell.run("publish", shell.file(SMALL))
    result = shell.run("amend", shell.file(amended), "--effective-at", "2199-01-01T00:00:00+08:00")
    assert result.exit_code == 0
    assert result.stdout.startswith("small from 2199-01-01T00:00:00+08:00 on: 小活动 / Small walk: 7 days, ")
    moved = changed(("starts = 2024-05-01", "starts = 2024-05-02"))
    refused = shell.run("amend", shell.file(moved), "--effective-at", "2199-01-02T00:00:00+08:00")
    assert refused.exit_code == 1
    assert "amendment_not_allowed" in refused.stderr
    assert "每日签到得8积分。" in shell.run("show", "small").stdout


def test_what_is_shown_is_the_rules_in_words_or_the_file_to_the_byte(shell: Shell) -> None:
    assert shell.run("show", "small").exit_code == 1
    text = SMALL.replace("\n", "\r\n")
    shell.run("publish", shell.file(text))
    words = shell.run("show", "small")
    assert words.exit_code == 0
    assert "XY-12  每日签到得7积分。\n        7 points for signing in, once a day.\n" in words.stdout
    assert "一加一" not in words.stdout
    assert shell.run("show", "small", "--text").stdout_bytes == text.encode()
