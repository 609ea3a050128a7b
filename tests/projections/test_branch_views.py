"""The view of the union tree: where each union stands, whatever was merged, and its search."""

from typing import Any

import pytest

from ledger.branch_commands import BranchEntry
from tests.conftest import Database
from tests.given import Story
from tests.projections.logs import append, catch_up, connect, forget, stored, views
from tests.unit.test_branches import types
from tests.unit.trees import confirm, merge, register, tree


def places(database: Database) -> dict[str, tuple[str, str | None, str | None]]:
    """Union → path, the one that stands for it, the one above."""
    with connect(database) as connection:
        rows: list[Any] = connection.execute("SELECT id, path, stands, above FROM branches").fetchall()
    return {id: (path, stands, above) for id, path, stands, above in rows}


def followed(
    database: Database, story: Story, begun: int = 0
) -> dict[str, tuple[str, str | None, str | None]]:
    append(database, stored(story.log[begun:]))
    catch_up(database)
    return places(database)


@pytest.mark.rule("SX-27")
def test_a_published_rulebook_brings_its_tree(database: Database) -> None:
    found = followed(database, Story())
    assert len(found) == 23
    assert found["hancheng"] == ("weinan/hancheng/", "hancheng", "weinan")
    assert found["weinan"] == ("weinan/", "weinan", None)


@pytest.mark.rule("SJ-07")
def test_a_merger_moves_all_that_stands_below(database: Database) -> None:
    story = tree()
    followed(database, story)
    begun = len(story.log)
    merge(merge(story, "zj-1", "zj-2"), "zhenjiang", "nanjing")
    found = followed(database, story, begun)
    assert found["zhenjiang"] == ("jiangsu/nanjing/", "nanjing", "jiangsu")
    assert found["zj-2"] == ("jiangsu/nanjing/zj-2/", "zj-2", "nanjing")
    assert found["zj-1"] == ("jiangsu/nanjing/zj-2/", "zj-2", "nanjing")
    again = len(story.log)
    merge(story, "zj-2", "nanjing")
    found = followed(database, story, again)
    assert {found[id] for id in ("zj-1", "zj-2", "zhenjiang")} == {found["nanjing"]}


@pytest.mark.rule("SJ-07")
def test_one_batch_or_many_make_the_same_view(database: Database) -> None:
    story = merge(merge(tree(), "zj-1", "zj-2"), "zhenjiang", "nanjing")
    register(story, BranchEntry(id="zj-3", name="ＡＢＣ公司工会", parent="zj-1", kind="unit"))
    append(database, stored(story.log))
    catch_up(database)
    at_once = views(database, ["branches"])
    forget(database)
    catch_up(database, batch=1)
    assert views(database, ["branches"]) == at_once


@pytest.mark.rule("SJ-07")
def test_a_union_whose_parent_was_parked_finds_its_place_later(database: Database) -> None:
    story = register(
        Story(), BranchEntry(id="a", name="甲工会"), BranchEntry(id="b", name="乙工会", parent="a")
    )
    late = [entry for entry in story.log if entry.stream == "branch/a"]
    append(database, stored(entry for entry in story.log if entry not in late))
    catch_up(database)
    assert places(database)["b"] == ("b/", "b", None)
    append(database, stored(late))
    catch_up(database)
    assert places(database)["b"] == ("a/b/", "b", "a")


@pytest.mark.rule("SJ-07")
def test_a_confirmed_union_is_found_by_its_new_name_and_stands_where_it_was_typed_in(
    database: Database,
) -> None:
    story = tree()
    typed = types(story, "zhenjiang", "顺丰速运工会")
    followed(database, story)
    with connect(database) as connection:
        before = connection.execute("SELECT pending, grams FROM branches WHERE id = %s", (typed,)).fetchall()
    begun = len(story.log)
    confirm(story, typed, name="申通快递工会", kind="company")
    found = followed(database, story, begun)
    assert found[typed] == (f"jiangsu/zhenjiang/{typed}/", typed, "zhenjiang")
    with connect(database) as connection:
        statement = "SELECT pending, name, kind, first_kind, grams FROM branches WHERE id = %s"
        ((pending, name, kind, first, grams),) = connection.execute(statement, (typed,)).fetchall()
    assert before[0][0] is True
    assert "顺丰" in before[0][1]
    assert (pending, name, kind, first) == (False, "申通快递工会", "company", "unit")
    assert "申通" in grams
    assert "顺丰" not in grams
