"""Responses into the org, and what is shown kept true to them: `nps sync`, `reconcile`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tooling.bridge.reconcile import reconcile
from tooling.bridge.report import SyncReport
from tooling.bridge.sync import SyncOptions, sync
from tooling.cli.options import JSON, ORG, SPEC, examples, say_where, tell
from tooling.connect import connect
from tooling.sources.configured import configured_sources
from tooling.spec.loader import load_spec


@click.command(
    "sync",
    epilog=examples(
        "nps sync --org local --dry-run     # what it would do, response by response",
        "nps sync --org local --limit 5     # a first try",
        "nps sync --org prod                # the first sync starts no follow-ups; add --with-follow-ups if it should",
    ),
)
@SPEC
@ORG
@JSON
@click.option("--dry-run", is_flag=True, help="Print the plan for each response; write nothing.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after N responses; the bookmark stays where it is.")
@click.option("--backfill", is_flag=True, help="Read everything a source has, without follow-ups.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Read from this day on instead of from the bookmark."
)
@click.option("--with-follow-ups", is_flag=True, help="Start follow-up Tasks also in a first sync or a backfill.")
@click.option("--strict", is_flag=True, help="Exit 1 also for parked, skipped or incomplete.")
def sync_command(
    spec_path: Path,
    org_name: str | None,
    as_json: bool,
    dry_run: bool,
    limit: int | None,
    backfill: bool,
    since: datetime | None,
    with_follow_ups: bool,
    strict: bool,
) -> None:
    """Read responses from the sources and write them into the org."""
    spec = load_spec(spec_path)
    sources = configured_sources(spec.sources, spec_path.resolve().parent)
    org = connect(org_name, api_version=spec.org.api_version)
    say_where(org, as_json, "Reading" if dry_run else "Writing to")
    options = SyncOptions(
        dry_run=dry_run, limit=limit, backfill=backfill, since=since.replace(tzinfo=UTC) if since else None, with_follow_ups=with_follow_ups
    )
    with _Progress(as_json) as show:
        report = sync(spec, sources, org, options, show)
    tell(report, as_json=as_json)
    sys.exit(report.exit_code(strict=strict))


@click.command("reconcile", epilog=examples("nps reconcile --org local --dry-run", "nps reconcile --org prod --json"))
@SPEC
@ORG
@JSON
@click.option("--dry-run", is_flag=True, help="Compare only; recalculate nothing.")
def reconcile_command(spec_path: Path, org_name: str | None, as_json: bool, dry_run: bool) -> None:
    """Compare what Contacts, Leads and Accounts show with the ledger; recalculate those that differ.

    A sync does this by itself once a day. Exit code 1 when a record refuses to be recalculated.
    """
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    say_where(org, as_json, "Reading" if dry_run else "Writing to")
    report = reconcile(org, spec, dry_run=dry_run)
    tell(report, as_json=as_json)
    sys.exit(report.exit_code)


class _Progress:
    """A progress line on a terminal; nothing in a pipe."""

    def __init__(self, as_json: bool) -> None:
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(pulse_style="green"), TimeElapsedColumn())
        self._shown = Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal)

    def __enter__(self) -> Callable[[SyncReport], None]:
        self._shown.start()
        task = self._shown.add_task("reading …", total=None)

        def show(report: SyncReport) -> None:
            self._shown.update(task, description=report.progress())

        return show

    def __exit__(self, *_: object) -> None:
        self._shown.stop()
