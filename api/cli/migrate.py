"""``jifen migrate``: bring the tables up to date."""

import click

import migrations
from api.cli.local import settings
from ledger import postgres


@click.command()
@click.option("--check", is_flag=True, help="Only say what would be applied; exit code 1 if anything would.")
def migrate(check: bool) -> None:
    """Bring the database's tables up to date. `jifen serve` does this by itself.

    \b
    Examples:
      JIFEN_DATABASE_URL=postgresql://… jifen migrate
      JIFEN_DATABASE_URL=postgresql://… jifen migrate --check
    """
    current = settings()
    if current.database_url:
        _migrate(current.database_url, current.schema, check)
    else:
        with postgres.start(current.home) as server:
            _migrate(server.url, current.schema, check)


def _migrate(url: str, schema: str, check: bool) -> None:
    names = migrations.pending(url, schema) if check else migrations.migrate(url, schema)
    for name in names:
        click.echo(f"{'pending' if check else 'applied'}  {name}")
    if not names:
        click.echo(f"Schema {schema} is up to date.")
    if check and names:
        raise SystemExit(1)
