"""A round of drand, from a file or from a server. Its signature is verified by whoever takes it, so none is trusted."""

from typing import Any

import click
import httpx
import msgspec

from ledger.beacon import CHAINS


class _Round(msgspec.Struct):
    signature: str


def read_round(text: str) -> str:
    """The signature of a round as drand answers it. Raises click.ClickException."""
    try:
        return msgspec.json.decode(text, type=_Round).signature
    except msgspec.MsgspecError as fault:
        raise click.ClickException(f"This is no round of drand: {fault}.") from None


def fetched(url: str, promise: dict[str, Any]) -> str:
    """The signature of the promised round, from a server of drand. Raises click.ClickException."""
    if promise["kind"] != "drand":
        raise click.ClickException(
            f"This draw waits for an announced number, say --text: {promise['source']}"
        )
    address = f"{url.rstrip('/')}/{CHAINS[promise['chain']].hash}/public/{promise['round']}"
    try:
        answer = httpx.get(address, timeout=30, follow_redirects=True)
        answer.raise_for_status()
    except httpx.HTTPError as fault:
        raise click.ClickException(
            f"{address} does not answer ({fault}); say --signature or --file."
        ) from None
    return read_round(answer.text)
