"""Keys in the database: made, listed, revoked, and the first one of a fresh ledger."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ledger import keys
from ledger.keys import KeyFault
from tests.conftest import Database


def test_a_key_is_shown_once_and_only_its_digest_is_kept(database: Database) -> None:
    key, token = keys.create(database.url, database.schema, "client", "mini program")
    assert token.startswith(f"jf_{key.id}_")
    assert len(token.split("_", 2)[2]) >= 43
    assert key.opens(token)
    with psycopg.connect(database.url) as connection:
        row = connection.execute("SELECT api_keys::text FROM jifen.api_keys").fetchone()
    assert row is not None
    assert token.split("_", 2)[2] not in row[0]


def test_keys_are_listed_oldest_first_the_revoked_ones_too(database: Database) -> None:
    made = [keys.create(database.url, database.schema, role, role)[0] for role in keys.ROLES]
    keys.revoke(database.url, database.schema, made[1].id)
    listed = keys.all_keys(database.url, database.schema)
    assert [(key.id, key.role, key.name) for key in listed] == [(key.id, key.role, key.name) for key in made]
    assert [key.revoked_at is not None for key in listed] == [False, True, False, False, False]


def test_a_revoked_key_opens_nothing_and_stays_revoked(database: Database) -> None:
    key, token = keys.create(database.url, database.schema, "client", "lost phone")
    revoked = keys.revoke(database.url, database.schema, key.id)
    again = keys.revoke(database.url, database.schema, key.id)
    assert not revoked.opens(token)
    assert again.revoked_at == revoked.revoked_at


def test_a_key_that_is_not_there_cannot_be_revoked(database: Database) -> None:
    with pytest.raises(KeyFault, match="nobody"):
        keys.revoke(database.url, database.schema, "nobody")


@pytest.mark.parametrize("name", ["", "x" * 101, "two\nlines", "nul\0"])
def test_a_name_is_a_line_of_text(database: Database, name: str) -> None:
    with pytest.raises(KeyFault, match="name"):
        keys.create(database.url, database.schema, "client", name)


@pytest.mark.parametrize("token", ["a-token-of-my-own", "jf_0123456789ab_a-token-in-our-form", "jf_", "jf_x"])
def test_the_bootstrap_key_is_made_once_however_many_ask(database: Database, token: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: keys.bootstrap(database.url, database.schema, token), range(8)))
    assert said == [True] * 8
    (key,) = keys.all_keys(database.url, database.schema)
    assert (key.role, key.name) == ("administrator", "bootstrap")
    assert key.opens(token)
    assert key.id == keys.id_of(token)


def test_the_bootstrap_key_opens_nothing_on_a_ledger_that_has_keys(database: Database) -> None:
    keys.create(database.url, database.schema, "client", "the first")
    assert not keys.bootstrap(database.url, database.schema, "too-late")
    assert len(keys.all_keys(database.url, database.schema)) == 1


def test_a_revoked_bootstrap_key_does_not_come_back(database: Database) -> None:
    assert keys.bootstrap(database.url, database.schema, "first")
    keys.revoke(database.url, database.schema, "bootstrap")
    assert not keys.bootstrap(database.url, database.schema, "first")
    assert not keys.bootstrap(database.url, database.schema, "second")
