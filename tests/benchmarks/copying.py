"""The physical limits: the very rows of the log, written by binary COPY into a table with the same indexes."""

from time import perf_counter

import psycopg


def rate_of_copying_the_log(url: str, runs: int = 3) -> float:
    """Rows a second that a COPY of all stored events reaches, already encoded; the best of some runs. Durable."""
    with psycopg.connect(url, options="-csearch_path=jifen") as connection:
        with connection.cursor().copy("COPY stored_events TO STDOUT (FORMAT BINARY)") as copy:
            blocks = list(copy)
        rows = int(connection.execute("SELECT count(*) FROM stored_events").fetchall()[0][0])
        best = 0.0
        for _ in range(runs):
            connection.execute("DROP TABLE IF EXISTS copied")
            connection.execute("CREATE TABLE copied (LIKE stored_events INCLUDING ALL)")
            connection.commit()
            began = perf_counter()
            with connection.cursor().copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
                for block in blocks:
                    copy.write(block)
            connection.commit()
            best = max(best, rows / (perf_counter() - began))
    return best


def rate_of_copying_by_commits(url: str, rows_a_commit: int = 1_000) -> float:
    """Rows a second that psycopg's COPY reaches from Python's rows, a thousand to a commit. Durable."""
    with psycopg.connect(url, options="-csearch_path=jifen") as connection:
        rows = connection.execute("TABLE stored_events", binary=True).fetchall()
        connection.execute("DROP TABLE IF EXISTS copied")
        connection.execute("CREATE TABLE copied (LIKE stored_events INCLUDING ALL)")
        connection.commit()
        began = perf_counter()
        for start in range(0, len(rows), rows_a_commit):
            with connection.cursor().copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["text", "int8", "text", "bytea", "int8"])
                for row in rows[start : start + rows_a_commit]:
                    copy.write_row(row)
            connection.commit()
        return len(rows) / (perf_counter() - began)
