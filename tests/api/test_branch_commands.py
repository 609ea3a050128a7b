"""`jifen branches …` and `jifen campaign report` against a running service."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.api.conftest import Service

LIST = """\
编号,名称,上级,类别
c-1,城一工会,c-top,city
c-2,城二工会,c-top,city

c-top,省总工会,,province
Bad Id,坏编号工会,c-top,city
c-1,又一个城一工会,c-top,city
c-9,孤儿工会,nowhere,unit
"""


def run(service: Service, *arguments: str) -> Result:
    """What the command answers, once the views have what the log has; a traceback is a failure."""
    service.settle()
    environment = {"JIFEN_URL": service.url, "JIFEN_KEY": service.key, "COLUMNS": "200"}
    return CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False)


@pytest.mark.rule("SJ-07")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_list_is_entered_and_every_line_that_is_not_is_named(
    of_this_file: Service, tmp_path: Path, encoding: str
) -> None:
    file, report = tmp_path / "unions.csv", tmp_path / "report.csv"
    file.write_bytes(LIST.encode(encoding))
    dry = run(of_this_file, "branches", "import", str(file), "--dry-run")
    assert dry.exit_code == 1
    found = run(of_this_file, "branches", "import", str(file), "--batch", "2", "--report", str(report))
    assert found.exit_code == 1
    with report.open(encoding="utf-8-sig", newline="") as remarks:
        lines = [(row["line"], row["by"], row["code"]) for row in csv.DictReader(remarks)]
    assert lines == [
        ("6", "reader", "unreadable_line"),
        ("7", "reader", "unreadable_line"),
        ("8", "service", "branch_not_in_tree"),
    ]
    assert "c-1 stands on line 2 already" in found.stdout


def test_a_list_whose_columns_have_no_name_cannot_be_read(of_this_file: Service, tmp_path: Path) -> None:
    file = tmp_path / "unions.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    found = run(of_this_file, "branches", "import", str(file))
    assert (found.exit_code, "id,name,parent,kind" in found.stderr) == (2, True)


@pytest.mark.rule("SJ-07")
def test_search_list_and_merge(of_this_file: Service) -> None:
    assert "c-2" in run(of_this_file, "branches", "search", "城二").stdout
    assert run(of_this_file, "branches", "search", "城").exit_code == 1
    below = run(of_this_file, "branches", "list", "c-top").stdout
    assert "城一工会" in below
    assert "城二工会" in below
    merged = run(of_this_file, "branches", "merge", "c-2", "c-1", "--reason", "the same city")
    assert "c-2 is part of c-1" in merged.stdout
    refused = run(of_this_file, "branches", "confirm", "c-1")
    assert (refused.exit_code, "branch_step_not_allowed" in refused.stderr) == (1, True)
    assert run(of_this_file, "branches", "list", "--pending").exit_code == 0


@pytest.mark.rule("JS-12", "SX-28")
def test_a_report_for_people_and_as_csv(of_this_file: Service) -> None:
    shown = run(of_this_file, "campaign", "report", "sx-2019")
    assert "西安市总工会" in shown.stdout
    assert "of 1,000,000 enrolled" in shown.stdout
    table = list(
        csv.DictReader(io.StringIO(run(of_this_file, "campaign", "report", "sx-2019", "--csv").stdout))
    )
    assert len(table) == 23
    assert (table[0]["name"], table[0]["quota"]) == ("西安市总工会", "250000")


@pytest.mark.rule("ZG-09")
def test_a_key_of_a_branch_is_made_and_listed(of_this_file: Service) -> None:
    database = of_this_file.database
    environment = {"JIFEN_DATABASE_URL": database.url, "JIFEN_SCHEMA": database.schema, "COLUMNS": "200"}
    runner = CliRunner(env=environment)
    made = runner.invoke(cli, ["keys", "create", "--role", "operator", "--branch", "xian", "西安"])
    assert made.exit_code == 0, made.output
    assert "of xian" in made.stderr
    assert " xian " in runner.invoke(cli, ["keys", "list"]).stdout
    wrong = runner.invoke(cli, ["keys", "create", "--role", "operator", "--branch", "nowhere", "x"])
    assert (wrong.exit_code, "no union 'nowhere'" in wrong.stderr) == (1, True)
