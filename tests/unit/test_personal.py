"""Personal fields: one value is always written the same way, and no fault repeats what was told."""

import hmac
import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.details import Details
from ledger.personal import FIELDS, FIXED, KINDS, Unfit, check_digit, names_somebody, normalised
from ledger.vault import Kept, Vault
from tests.store.vaults import VAULT

NUMBER = "11010519491231002X"
"""The example of GB 11643-1999 itself."""


@pytest.mark.rule("ZG-02")
@pytest.mark.parametrize(
    "told",
    [NUMBER, "11010519491231002x", f" {NUMBER}\t", "１１０１０５１９４９１２３１００２Ｘ", "\u3000" + NUMBER],
)
def test_an_identity_number_is_one_however_it_is_written(told: str) -> None:
    assert normalised("id_number", told) == NUMBER


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("110105194912310021", "bad_check_digit"),
        ("11010519491231002", "bad_id_number"),
        ("X1010519491231002X", "bad_id_number"),
        ("010105194912310020", "bad_id_number"),
        ("110105194902300027", "bad_id_number"),
        ("110105491231002", "old_id_number"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "bad_id_number"),
        (NUMBER + "\n1", "unreadable"),
        ("1" * 600, "unreadable"),
    ],
)
def test_what_is_no_identity_number_is_told_without_repeating_it(told: str, code: str) -> None:
    with pytest.raises(Unfit) as fault:
        normalised("id_number", told)
    assert fault.value.code == code
    assert not told.strip() or told not in str(fault.value)


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_mistyped_digit_is_found_by_the_check_digit(at: int, by: int) -> None:
    typed = NUMBER[:at] + str((int(NUMBER[at]) + by) % 10) + NUMBER[at + 1 :]
    assert check_digit(typed) != NUMBER[17]


@pytest.mark.parametrize(
    "told",
    [
        "13800001234", "+8613800001234", "8613800001234", "0086 138 0000 1234", "+86 138-0000-1234",
        "１３８００００１２３４", "(+86) 13800001234",
    ],
)  # fmt: skip
def test_a_mainland_number_is_one_with_and_without_its_country(told: str) -> None:
    assert normalised("phone", told) == "+8613800001234"


@pytest.mark.parametrize(
    ("told", "is_"), [("+852 9123 4567", "+85291234567"), ("+44 7700 900123", "+447700900123")]
)
def test_another_number_brings_its_country(told: str, is_: str) -> None:
    assert normalised("phone", told) == is_


@pytest.mark.parametrize(
    "told", ["", "1380000123", "029-87654321", "phone", "+86 29 8765 4321", "+1", "23800001234"]
)
def test_what_is_no_phone_number_is_told(told: str) -> None:
    with pytest.raises(Unfit):
        normalised("phone", told)


def test_a_name_is_one_whatever_the_dot_and_the_spaces() -> None:
    names = {
        normalised("name", told) for told in ("买买提·艾力", "买买提•艾力", "买买提・艾力", " 买买提‧艾力 ")
    }
    assert names == {"买买提·艾力"}
    assert normalised("name", "Li   Na") == "Li Na"


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=40))
def test_what_is_normalised_stays_as_it_is(field: str, told: str) -> None:
    try:
        once = normalised(field, told)
    except Unfit:
        return
    assert normalised(field, once) == once


def test_what_the_api_takes_are_the_fields_of_the_vault() -> None:
    assert tuple(FIELDS) == Details.__struct_fields__
    assert set(FIXED) <= set(FIELDS)
    assert set(KINDS) <= set(FIELDS)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        (f"asked by {NUMBER} in writing", True),
        (f"asked by {NUMBER.lower()}", True),
        ("打了13800001234的电话", True),
        ("letter 2020-118 of 2020-03-04", False),
        ("order 110105194912310021", False),
        ("case 123456789012", False),
    ],
)
def test_a_text_for_the_log_is_searched_for_numbers_of_people(text: str, does: bool) -> None:
    assert names_somebody(text) is does


@pytest.mark.rule("ZG-02", "GX-07")
def test_a_keyed_hash_is_of_kind_value_and_key_and_has_128_bits() -> None:
    one = VAULT.identity("phone", "+8613800001234")
    assert one == VAULT.identity("phone", "+8613800001234")
    others = {
        VAULT.identity("wechat", "+8613800001234"),
        VAULT.identity("phone", "+8613800001235"),
        Vault(bytes(32)).identity("phone", "+8613800001234"),
        VAULT.fingerprint("phone\0+8613800001234")[:32],
    }
    assert one not in others
    assert len(others) == 4
    assert len(bytes.fromhex(one)) == 16


def test_keyed_hashes_last() -> None:
    """They stand in logs for ever."""
    key = hmac.digest(bytes(range(32)), b"jifen identities", "sha256")
    assert VAULT.identity("id_number", NUMBER) == "92ac550d389328d55287a30d94f843ba"
    assert (
        hmac.digest(key, b"id_number\0" + NUMBER.encode(), "sha256")[:16].hex()
        == "92ac550d389328d55287a30d94f843ba"
    )


@pytest.mark.rule("GX-07")
def test_what_is_kept_of_a_person_is_opened_as_that_persons_alone() -> None:
    fields = {"name": "王小明", "id_number": NUMBER}
    kept = VAULT.keep("member/p-1", fields)
    assert VAULT.kept("member/p-1", kept) == fields
    assert "王".encode() not in kept.fields + kept.wrapped_key
    other = VAULT.keep("member/p-1", fields)
    assert not {kept.wrapped_key, kept.fields} & {other.wrapped_key, other.fields}
    spoilt = bytes([kept.fields[0] ^ 1]) + kept.fields[1:]
    for vault, person, row in (
        (VAULT, "member/p-2", kept),
        (Vault(bytes(32)), "member/p-1", kept),
        (VAULT, "member/p-1", Kept(other.wrapped_key, kept.fields)),
        (VAULT, "member/p-1", Kept(kept.wrapped_key, spoilt)),
    ):
        with pytest.raises(Exception, match=r"vault|secret"):
            vault.kept(person, row)


def test_a_vault_goes_to_a_process_beside_and_shows_no_key() -> None:
    again = pickle.loads(pickle.dumps(VAULT))
    assert again.identity("phone", "+8613800001234") == VAULT.identity("phone", "+8613800001234")
    assert bytes(range(32)).hex() not in repr(VAULT)
    assert msgspec.json.encode(repr(VAULT)).count(b"\\u") == 0
