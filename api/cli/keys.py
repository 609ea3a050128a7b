"""``jifen keys``: who may call the API."""

import click
from rich.console import Console
from rich.table import Table

from api.cli.local import database
from ledger import keys as ledger_keys
from ledger.keys import ROLES, KeyFault, Role


@click.group()
def keys() -> None:
    """API keys: make, list and revoke them.

    Roles: client (apps: post events, read participants), operator (campaigns, corrections), auditor (the log),
    finance (money), administrator (all of it).
    """


@keys.command()
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the key may do.")
@click.option(
    "--branch", metavar="ID", help="For an operator: the union whose part of the tree the key is for."
)
@click.argument("name")
def create(role: Role, branch: str | None, name: str) -> None:
    """Make a key. It is shown now and never again; of it only a digest is kept.

    \b
    Examples:
      jifen keys create --role client "mini program"
      export JIFEN_KEY=$(jifen keys create --role administrator me)
      jifen keys create --role operator --branch zhenjiang-federation "镇江市总工会"
    """
    with database() as (url, schema):
        try:
            key, token = ledger_keys.create(url, schema, role, name, branch)
        except KeyFault as fault:
            raise click.ClickException(str(fault)) from None
    click.echo(token)
    of = f" of {key.branch}" if key.branch else ""
    click.echo(f"Key {key.id} for {key.role} {key.name!r}{of}. Keep it: it is not shown again.", err=True)


@keys.command("list")
def list_keys() -> None:
    """List all keys, the revoked ones too.

    \b
    Examples:
      jifen keys list
    """
    with database() as (url, schema):
        found = ledger_keys.all_keys(url, schema)
    table = Table("id", "role", "branch", "name", "created", "revoked")
    for key in found:
        revoked = key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else ""
        made = key.created_at.isoformat(timespec="seconds")
        table.add_row(key.id, key.role, key.branch or "", key.name, made, revoked)
    Console().print(table)


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Revoke a key; a running service refuses it within two seconds.

    \b
    Examples:
      jifen keys revoke 3f9c2a7be011
    """
    with database() as (url, schema):
        try:
            key = ledger_keys.revoke(url, schema, key_id)
        except KeyFault as fault:
            raise click.ClickException(str(fault)) from None
    click.echo(f"Key {key.id} ({key.role} {key.name!r}) is revoked.")
