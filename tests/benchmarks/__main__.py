"""``make bench``: all benchmarks, or one: ``make bench ONLY=writer``."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import boards, http, programmes, projecting, roster, stampede, teams, units, writer
from tests.benchmarks.report import Report

BENCHMARKS: dict[str, Callable[[Report], None]] = {
    "writer": writer.against_the_library,
    "http": http.batched,
    "teams": teams.in_teams,
    "programmes": programmes.all_published,
    "stampede": stampede.against_a_row_lock,
    "projections": projecting.catching_up,
    "boards": boards.of_a_million,
    "units": units.of_a_million,
    "roster": roster.of_a_million,
    "grown": http.grown,
}


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all, and write bench.json."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    report = Report()
    for name in names or BENCHMARKS:
        report.say(f"\n{name}: {BENCHMARKS[name].__doc__}")
        BENCHMARKS[name](report)
    report.write(Path("bench.json"))


if __name__ == "__main__":
    main(sys.argv[1:])
