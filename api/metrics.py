"""Numbers for Prometheus: what was asked, how long it took, what the writer does, how far the views have got."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ledger.writer import Writer

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The counters of one running API."""

    def __init__(self, writer: Writer) -> None:
        self.registry = CollectorRegistry()
        self.views = Views(writer)
        self.registry.register(self.views)
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "jifen_http_requests", "Answered requests.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "jifen_http_request_seconds",
            "Time to answer.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._commands = Counter(
            "jifen_commands",
            "Commands by what became of them.",
            ["command", "status"],
            registry=self.registry,
        )
        self._refusals = Counter(
            "jifen_refusals", "Refused commands by code.", ["code"], registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. route: the template of its path, never the path itself."""
        known = self._known.get((method, route, status))
        if known is None:
            known = self._requests.labels(method, route, status), self._seconds.labels(method, route)
            self._known[method, route, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def count(self, commands: Mapping[tuple[str, str], int], refusals: Mapping[str, int]) -> None:
        """Count commands by type and status, and refusals by code."""
        for (command, status), number in commands.items():
            self._commands.labels(command, status).inc(number)
        for code, number in refusals.items():
            self._refusals.labels(code).inc(number)


class Views(Collector):
    """What is read off the writer and the database when Prometheus asks. The handler brings these first:

    head: newest position of the log. standings: of each projection its name, how many events it has not seen yet, and
    how many it has set aside.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.head = 0
        self.standings: list[tuple[str, int, int]] = []

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """The metrics as of now."""
        writer = self._writer
        yield CounterMetricFamily("jifen_writer_groups", "Commits of the writer.", value=writer.groups)
        yield CounterMetricFamily(
            "jifen_writer_commands", "Commands that the writer decided.", value=writer.commands
        )
        yield GaugeMetricFamily(
            "jifen_writer_last_group", "Commands in the newest commit.", value=writer.last_group
        )
        yield GaugeMetricFamily(
            "jifen_writer_waiting", "Commands that wait for a commit.", value=writer.waiting
        )
        yield GaugeMetricFamily("jifen_log_head", "Newest position of the log.", value=self.head)
        lagging = GaugeMetricFamily("jifen_projection_lag", "Events not seen yet.", labels=["projection"])
        setting_aside = GaugeMetricFamily(
            "jifen_projection_parked", "Events set aside.", labels=["projection"]
        )
        for name, lag, parked in self.standings:
            lagging.add_metric([name], lag)
            setting_aside.add_metric([name], parked)
        yield lagging
        yield setting_aside
