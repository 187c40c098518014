"""What people decide: `nps review`, `resolve`, `retry`, `forget`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tooling.bridge import forget as forgetting
from tooling.bridge import resolve as resolving
from tooling.bridge import retry as retrying
from tooling.bridge import review as reviewing
from tooling.cli.options import JSON, ORG, SPEC, examples, say_where, tell
from tooling.connect import connect
from tooling.errors import UsageError
from tooling.spec.loader import load_spec


@click.command(epilog=examples("nps review --org local", "nps review --org prod --limit 200 --json"))
@SPEC
@ORG
@JSON
@click.option("--limit", type=click.IntRange(min=1, max=2000), default=50, show_default=True, metavar="N", help="At most N of each kind.")
def review(spec_path: Path, org_name: str | None, as_json: bool, limit: int) -> None:
    """What waits for you: parked, ambiguous and refused responses, routes that came to nothing, and what to do about each."""
    spec = load_spec(spec_path)
    found = reviewing.review(connect(org_name, api_version=spec.org.api_version), limit=limit)
    tell(found, as_json=as_json)


@click.command(
    epilog=examples(
        "nps resolve SR-00000012 --contact 0035g00000XyZabAAB --org local",
        "nps resolve SR-00000012 --contact anna@example.com --account 001000000000001AAA --org prod",
        "nps resolve promoter_io:270 --lead lea@example.com --org prod --json",
    )
)
@click.argument("response")
@click.option("--contact", metavar="ID|EMAIL", help="The Contact who answered; a merged one is followed.")
@click.option("--lead", metavar="ID|EMAIL", help="The Lead who answered; for a converted one its Contact is taken.")
@click.option("--account", metavar="ID|NAME", help="The company the answer counts for. Default: the Contact's own.")
@SPEC
@ORG
@JSON
def resolve(
    response: str, contact: str | None, lead: str | None, account: str | None, spec_path: Path, org_name: str | None, as_json: bool
) -> None:
    """Decide whose RESPONSE (SR-…, its key or record id) it is; everybody whose numbers change by it is recalculated."""
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    say_where(org, as_json)
    found = resolving.resolve(org, spec, response, contact=contact, lead=lead, account=account)
    tell(found, as_json=as_json)


@click.command(
    epilog=examples(
        "nps retry DL-000003 --org local      # one refused response",
        "nps retry SR-00000012 --org prod     # the parked routes of one response",
        "nps retry --all --org prod",
    )
)
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that was refused or parked.")
@SPEC
@ORG
@JSON
def retry(names: tuple[str, ...], everything: bool, spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Try again what the org refused: dead letters (DL-… or keys) and parked routes (SR-…). Exit code 1 if it is refused again."""
    if bool(names) == everything:
        raise UsageError("what is to be tried again?", "Name dead letters (DL-…), keys or responses (SR-…), or say --all.")
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    say_where(org, as_json)
    report = retrying.retry(org, spec, names)
    tell(report, as_json=as_json)
    sys.exit(report.exit_code)


@click.command(epilog=examples("nps forget anna@example.com --org local", "nps forget anna@example.com --org prod --yes --json"))
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@SPEC
@ORG
@JSON
def forget(email: str, yes: bool, spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Erase what the person with this address said and who they are, for ever; score and date stay.

    Their Contact or Lead is yours to delete. Exit code 1 when something remains that only you can erase; it is listed.
    """
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    say_where(org, as_json)
    if not yes and not _is_confirmed(email):
        raise UsageError("nothing was erased", "Answer y, or say --yes where nobody can answer.")
    erasure = forgetting.forget(org, spec, email)
    tell(erasure, as_json=as_json)
    sys.exit(erasure.exit_code)


def _is_confirmed(email: str) -> bool:
    try:
        return click.confirm(f"Erase {email} from the ledger? This cannot be undone.", err=True)
    except click.Abort:  # nobody is there to answer
        click.echo(err=True)
        return False
