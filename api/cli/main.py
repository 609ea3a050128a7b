"""``jifen``: the command line. One file per command group; this one only gathers them."""

import sys

import click
import psycopg
from eventsourcing.persistence import PersistenceError

from api.cli.attendance import attendance
from api.cli.audit import audit
from api.cli.boards import boards
from api.cli.branches import branches
from api.cli.campaign import campaign
from api.cli.demo import demo
from api.cli.draws import draws
from api.cli.funds import funds
from api.cli.importing import importing
from api.cli.keys import keys
from api.cli.members import members
from api.cli.migrate import migrate
from api.cli.prizes import prizes
from api.cli.projections import projections
from api.cli.roster import roster
from api.cli.serve import api, serve, worker
from api.logging import configure
from ledger.postgres import EmbeddedError
from ledger.settings import SettingsError
from migrations import MigrationError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jifen")
def cli() -> None:
    """Jifen (积分): an event-sourced points and rewards ledger.

    \b
    Start here:
      jifen serve                          everything in one: database, API, projections
      jifen keys create --role client app  a key for a client app
      jifen campaign publish FILE          publish a campaign's rulebook
      jifen demo                           watch a campaign being played

    Settings come from the environment: JIFEN_HOME, JIFEN_HOST, JIFEN_PORT, JIFEN_DATABASE_URL, JIFEN_SCHEMA.
    """
    configure()


COMMANDS = (
    serve, api, worker, migrate, keys, campaign, importing, draws, prizes, funds, boards, branches, members,
    projections, audit, demo,
)  # fmt: skip
importing.add_command(roster)
importing.add_command(attendance)
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line; what the user can mend is said in a sentence, without a traceback."""
    try:
        cli()
    except (SettingsError, EmbeddedError, MigrationError) as fault:
        click.echo(f"jifen: {fault}", err=True)
        sys.exit(2)
    except (psycopg.Error, PersistenceError) as fault:
        click.echo(f"jifen: the database says: {str(fault).strip()}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
