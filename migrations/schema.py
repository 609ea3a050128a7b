"""Write schema.sql, the sum of all migrations, for people to read: `make schema`."""

import re
import subprocess
from pathlib import Path

from ledger.postgres import EmbeddedPostgres, throwaway
from migrations import migrate

FILE = Path(__file__).with_name("schema.sql")
WRITTEN_BY = 18  # pg_dump words some things differently from version to version
TITLE = "-- What all migrations add up to, for people to read; nothing runs it. Written by `make schema`.\n"
NOISE = re.compile(
    r"^(--.*|SET .*;|SELECT pg_catalog\.set_config.*;|\\(un)?restrict .*|CREATE SCHEMA .*;)\n", re.MULTILINE
)


def dump(server: EmbeddedPostgres) -> str:
    """The text of schema.sql, from a server whose database is still empty."""
    schema = "jifen"
    migrate(server.url, schema)
    command = [str(server.programs / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges"]
    text = subprocess.run(
        [*command, f"--schema={schema}", "--exclude-table=*._yoyo_*", f"--dbname={server.url}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    text = NOISE.sub("", text).replace(f"{schema}.", "")
    return TITLE + "\n" + re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


if __name__ == "__main__":
    with throwaway() as server:
        FILE.write_text(dump(server), encoding="utf-8")
