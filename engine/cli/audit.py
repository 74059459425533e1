"""`tiercel audit`: read the trail, search it, verify it, or tell the story of one order. Nothing on disk is changed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import click

from engine.audit.record import Record, encode
from engine.datadir import DataDir, data_dir
from engine.errors import UsageError

LOOK_SECONDS = 0.02
TAIL_COUNT = 20

data_dir_option = click.option(
    "--data-dir", "data_dir_given", metavar="DIR", help="Whose trail [TIERCEL_DATA_DIR, else ./var]."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the records as they stand in the trail.")


@click.group()
def audit() -> None:
    """Read and verify the audit trail."""


def trail_of(data_dir_given: str | None) -> DataDir:
    """Return the data directory whose trail is meant. UsageError when it has none."""
    directory = data_dir(Path(data_dir_given) if data_dir_given else None, os.environ)
    if not directory.audit_logs.is_dir():
        raise UsageError(f"{directory.root} holds no audit trail; name the data directory with --data-dir")
    return directory


@audit.command()
@click.option("-f", "--follow", "following", is_flag=True, help="Go on with records as they are written.")
@click.option("-n", "--lines", "count", type=click.IntRange(0, 1_000_000), default=TAIL_COUNT, help="How many records.")
@json_option
@data_dir_option
def tail(following: bool, count: int, as_json: bool, data_dir_given: str | None) -> None:
    """Show the newest records."""
    from engine.audit.search import follow
    from engine.audit.search import tail as newest

    directory = trail_of(data_dir_given)
    pause = threading.Event()
    written = follow(directory.root, lambda: not pause.wait(LOOK_SECONDS))
    last_seq = 0
    for record in newest(directory.root, count):
        show_record(record, as_json)
        last_seq = record.seq
    if not following:
        return
    for record in written:
        if record.seq > last_seq:
            show_record(record, as_json)


@audit.command()
@click.option("--order", default="", metavar="ID", help="A client order id, with the decision that led to it.")
@click.option("--action", default="", metavar="NAME", help="order.fill, or order for all that begins so.")
@click.option("--since", default="", metavar="TIME", help="From this moment on: 2024-08-08T12 or finer.")
@click.option("--until", default="", metavar="TIME", help="Up to this moment.")
@click.option("--text", default="", metavar="TEXT", help="Anything that stands in the record.")
@json_option
@data_dir_option
def search(
    order: str, action: str, since: str, until: str, text: str, as_json: bool, data_dir_given: str | None
) -> None:
    """Show the records that fit everything that is given; exit code 1 when none does."""
    from engine.audit.search import search as find

    found = False
    root = trail_of(data_dir_given).root
    for record in find(root, order=order, action=action, since=since, until=until, text=text):
        show_record(record, as_json)
        found = True
    if not found:
        failed("no record fits")


@audit.command()
@click.argument("order", metavar="ORDER")
@json_option
@data_dir_option
def show(order: str, as_json: bool, data_dir_given: str | None) -> None:
    """Tell the story of one order, from what the strategy saw to the last fill."""
    from engine.audit.outcome import outcome, outcome_line
    from engine.audit.search import search as find

    records = list(find(trail_of(data_dir_given).root, order=order))
    if not records:
        failed(f"the trail knows no order {order!r}; 'tiercel audit search --action order' shows those it knows")
    for record in records:
        show_record(record, as_json)
        if not as_json:
            for name in ("reason", "before_state", "after_state", "metadata"):
                _show_part(name, getattr(record, name))
    result = outcome(records)
    if result is not None and not as_json:
        click.echo(outcome_line(result))


def _show_part(name: str, value: Any) -> None:
    if not value:
        return
    words = ", ".join(f"{key}={part}" for key, part in value.items()) if isinstance(value, dict) else value
    click.echo(f"{'':9}{name.removesuffix('_state')}: {words}")


@audit.command()
@click.option("--checkpoint", metavar="FILE", help="Checkpoints that were kept elsewhere.")
@data_dir_option
def verify(checkpoint: str | None, data_dir_given: str | None) -> None:
    """Check every record, the chain and the checkpoints; exit code 1 when something is not as it was written."""
    from engine.audit.verify import verify as judge

    if checkpoint is not None and not Path(checkpoint).is_file():
        raise UsageError(f"--checkpoint {checkpoint}: there is no such file")
    report = judge(trail_of(data_dir_given).root, Path(checkpoint) if checkpoint else None)
    click.echo(
        f"{report.records:,} records, {report.first_seq} to {report.last_seq}, in {report.files} files; "
        f"{report.checkpoints} checkpoints; head {report.head}"
    )
    for problem in report.problems:
        click.echo(f"problem: {problem}")
    if report.problems_count > len(report.problems):
        click.echo(f"problem: and {report.problems_count - len(report.problems):,} more")
    for note in report.notes:
        click.echo(f"note: {note}")
    if not report.ok:
        failed(f"the trail is not as it was written: {report.problems_count:,} problems")
    click.echo("the trail is as it was written")


def show_record(record: Record, as_json: bool) -> None:
    """Print one record: the line of the trail, or one for a person."""
    if as_json:
        sys.stdout.buffer.write(encode(record) + b"\n")
        sys.stdout.buffer.flush()
        return
    words = record.description
    if record.reason and not words.endswith(record.reason):
        words = f"{words}: {record.reason}"
    click.echo(f"{record.seq:8} {record.timestamp} {record.action:22} {record.actor:24} {words}")


def failed(problem: str) -> NoReturn:
    """Say what was not found and end with exit code 1."""
    click.echo(f"tiercel: {problem}", err=True)
    sys.exit(1)
