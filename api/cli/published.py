"""What is published in a ledger, read from its log by a command."""

import click

from ledger.codec import decode
from ledger.events import CampaignAmended, CampaignPublished
from ledger.rulebook import Rulebook
from ledger.rulebook_file import reread
from ledger.streams import CAMPAIGN, campaign_stream, pool_stream
from projections.session import Connection

CAMPAIGNS = "SELECT originator_id FROM aggregate_snapshots WHERE originator_id BETWEEN %s AND %s ORDER BY 1"
EVENTS = "SELECT topic, state FROM stored_events WHERE originator_id = %s ORDER BY originator_version"


def rulebooks(connection: Connection, campaign: str) -> dict[int, Rulebook]:
    """The rules of a campaign by version; empty when it is not published."""
    found = {}
    for topic, state in connection.execute(EVENTS, (campaign_stream(campaign),), binary=True):
        event = decode(topic, state)
        if isinstance(event, CampaignPublished | CampaignAmended):
            found[event.version] = reread(event.text)
    return found


def newest(connection: Connection, campaign: str) -> Rulebook:
    """The newest rules of a campaign. Raises click.ClickException when it is not published."""
    found = rulebooks(connection, campaign)
    if not found:
        raise click.ClickException(f"No campaign {campaign} is published.")
    return found[max(found)]


def campaign_of_pool(connection: Connection, pool: str, campaign: str | None) -> str:
    """The campaign that is named, or the only one that has such a pool. Raises click.ClickException."""
    if campaign:
        candidates = [campaign]
    else:
        rows = connection.execute(CAMPAIGNS, (CAMPAIGN, CAMPAIGN + "~"))
        candidates = [stream.removeprefix(CAMPAIGN) for (stream,) in rows.fetchall()]
    having = [
        each
        for each in candidates
        if any(pool in rules.pool_ids for rules in rulebooks(connection, each).values())
    ]
    if not having:
        where = f"Campaign {campaign}" if campaign else "No campaign"
        raise click.ClickException(f"{where} has {'no' if campaign else 'a'} pool {pool}.")
    if len(having) > 1:
        raise click.ClickException(
            f"Several campaigns have a pool {pool}; say which with --campaign: {', '.join(having)}."
        )
    return having[0]


def stream_of_pool(connection: Connection, campaign: str, pool: str, *, trial: bool) -> str:
    """The stream of a pool of a campaign, or of its trial."""
    return pool_stream(newest(connection, campaign).book(trial), pool)
