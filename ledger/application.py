"""The ledger as an application of the eventsourcing library: what its stock projection runner and tools take."""

from eventsourcing.application import Application
from psycopg.conninfo import conninfo_to_dict


class LedgerApplication(Application[str]):
    """Reads our log through the library: ``notification_log``, subscriptions, projection runners.

    Configure it with ``application_env``. Writing goes through ledger.writer.
    """

    name = "ledger"


def application_env(url: str, schema: str) -> dict[str, str]:
    """The library's environment for a libpq URL and the schema of a ledger."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    lost = set(given) - {"dbname", "host", "port", "user", "password"}
    if lost:
        raise ValueError(
            f"the library cannot be told {', '.join(sorted(lost))}; name them in PG… variables instead"
        )
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "APPLICATION_RECORDER_TOPIC": "ledger.store:LedgerRecorder",
        "MAPPER_TOPIC": "ledger.codec:EventMapper",
        "ORIGINATOR_ID_TYPE": "text",
        "POSTGRES_SCHEMA": schema,
        "POSTGRES_DBNAME": given.get("dbname", ""),
        "POSTGRES_HOST": given.get("host", ""),
        "POSTGRES_PORT": given.get("port", ""),
        "POSTGRES_USER": given.get("user", ""),
        "POSTGRES_PASSWORD": given.get("password", ""),
    }
