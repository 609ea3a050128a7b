"""The vault of the tests: a master key that everybody may know."""

from ledger.vault import Vault

VAULT = Vault(bytes(range(32)))
