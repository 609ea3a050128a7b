"""The vault: secrets that only the master key opens, fingerprints that tell nothing, and where the key comes from."""

import base64
import stat
import threading
from pathlib import Path

import pytest

from ledger.settings import SettingsError
from ledger.vault import Vault, load_key

KEY = bytes(range(32))


def test_a_secret_is_opened_by_the_key_and_the_name_that_it_was_sealed_with() -> None:
    sealed = Vault(KEY).seal(b"PHSC-7788", "voucher pool/js-2023/movie")
    assert b"PHSC" not in sealed
    assert Vault(KEY).open(sealed, "voucher pool/js-2023/movie") == b"PHSC-7788"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault(KEY)
    assert len({vault.seal(b"seed", "seed pool/a") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("key", "about", "spoilt"),
    [
        (bytes(32), "seed pool/a", 0),
        (KEY, "seed pool/b", 0),
        (KEY, "seed pool/a", 1),
    ],
    ids=["another key", "another name", "a changed bit"],
)
def test_a_secret_that_is_not_of_this_key_and_name_is_not_opened(key: bytes, about: str, spoilt: int) -> None:
    sealed = bytearray(Vault(KEY).seal(b"secret", "seed pool/a"))
    sealed[-1] ^= spoilt
    with pytest.raises(SettingsError, match="another master key") as fault:
        Vault(key).open(bytes(sealed), about)
    assert "secret'" not in str(fault.value)


def test_a_fingerprint_is_the_same_for_the_same_text_and_key_alone() -> None:
    one = Vault(KEY).fingerprint("PHSC-7788")
    assert one == Vault(KEY).fingerprint("PHSC-7788")
    assert len(one) == 64
    assert len({one, Vault(KEY).fingerprint("PHSC-7789"), Vault(bytes(32)).fingerprint("PHSC-7788")}) == 3


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(length))


def test_a_key_that_is_given_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    assert load_key(base64.b64encode(KEY).decode(), tmp_path) == KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "given",
    ["", "short", base64.b64encode(bytes(31)).decode(), base64.b64encode(KEY).decode()[:-1], "钥匙" * 20],
)
def test_a_key_that_is_none_is_a_setting_that_cannot_be_used(given: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="JIFEN_MASTER_KEY is not a master key") as fault:
        load_key(given, tmp_path)
    assert not given or given not in str(fault.value)


def test_without_one_a_key_is_made_once_that_only_its_owner_can_read(tmp_path: Path) -> None:
    home = tmp_path / "new" / ".jifen"
    key = load_key(None, home)
    assert len(key) == 32
    assert load_key(None, home) == key
    (file,) = home.iterdir()
    assert file.name == "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [b"", b"not a key\n", b"\xff\xfe\x00", base64.b64encode(bytes(40))])
def test_a_file_that_holds_no_key_is_told_by_its_name_and_left_alone(text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(text)
    with pytest.raises(SettingsError, match=r"master\.key is not a master key"):
        load_key(None, tmp_path)
    assert file.read_bytes() == text


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    begin, found = threading.Barrier(8), list[bytes]()

    def start() -> None:
        begin.wait()
        found.append(load_key(None, tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]
