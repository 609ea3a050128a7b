"""What a benchmark run found: printed as a table, written to bench.json."""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table


class Figure(msgspec.Struct, frozen=True):
    """One measured figure. against: what it is compared with in the same run; ratio: value to that."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None


class Report:
    """Collects figures; says each at once, so that a run that is cut short has still said something."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.console = Console()

    def say(self, text: str) -> None:
        """A line about what is being measured, and what the span contains."""
        self.console.print(f"[dim]{text}[/dim]", highlight=False)

    def add(self, name: str, value: float, unit: str, against: str = "", ratio: float | None = None) -> None:
        """Note a figure."""
        self.figures.append(
            Figure(name, round(value, 3), unit, against, None if ratio is None else round(ratio, 4))
        )
        tail = f"   {ratio:.2f} × {against}" if ratio is not None else f"   {against}" if against else ""
        self.console.print(f"  [bold]{name}[/bold]: {value:,.1f} {unit}{tail}", highlight=False)

    def write(self, path: Path) -> None:
        """Print the table and write the list."""
        table = Table("measure", "value", "unit", "ratio", "against")
        for figure in self.figures:
            ratio = "" if figure.ratio is None else f"{figure.ratio:.3f}"
            table.add_row(figure.name, f"{figure.value:,.1f}", figure.unit, ratio, figure.against)
        self.console.print(table)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self.figures), indent=2) + b"\n")
