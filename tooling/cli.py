"""`nps …`: the library's functions as commands. Every error says what to do next; exit codes are those of `tooling.errors`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tooling import docs
from tooling.bridge import explain as explaining
from tooling.bridge import forget as forgetting
from tooling.bridge import resolve as resolving
from tooling.bridge import retry as retrying
from tooling.bridge import review as reviewing
from tooling.bridge import status as statuses
from tooling.bridge.report import SyncReport
from tooling.bridge.settings import settings_of
from tooling.bridge.sync import SyncOptions, sync
from tooling.connect import connect, require_local_org
from tooling.errors import NpsError, UsageError
from tooling.metadata import writer
from tooling.metadata.generator import plan
from tooling.nps.response import ResponseSkipped
from tooling.salesforce.org import TargetOrg
from tooling.sources.configured import configured_sources
from tooling.spec.edit import with_settings
from tooling.spec.loader import load_spec, spec_from

_SPEC = click.option(
    "--spec",
    "spec_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("nps.yml"),
    show_default=True,
    help="The mapping spec.",
)
_ORG = click.option("--org", "org_name", help="`local`, or an org of CumulusCI's keychain. Default: the org the environment describes.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


class _Group(click.Group):
    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except NpsError as error:
            click.echo(f"Error: {error.message}", err=True)
            if error.remedy:
                click.echo(error.remedy, err=True)
            context.exit(error.exit_code)


_EXIT_CODES = """\b
Exit codes:
  0  done; what is parked, skipped or refused before is counted
  1  the org refused something new: the rest is saved, the refusals are listed
  2  wrong input or configuration: nothing was written
  3  a system could not be reached: running again is safe
"""


@click.group(cls=_Group, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nps-for-salesforce")
def main() -> None:
    """Customer feedback in Salesforce: responses become child records, flows and formulas act on them."""


@main.command(epilog=_examples("nps check", "nps check --spec other/nps.yml"))
@_SPEC
def check(spec_path: Path) -> None:
    """Check the mapping spec: all findings at once, each with its line."""
    load_spec(spec_path)
    click.echo(f"{spec_path}: no findings")


@main.command(epilog=_examples("nps generate", "nps generate --check   # in CI: fails when force-app/ was not regenerated"))
@_SPEC
@click.option("--check", "check_only", is_flag=True, help="Write nothing; fail and print the differences if there are any.")
def generate(spec_path: Path, check_only: bool) -> None:
    """Write force-app/ from the mapping spec."""
    files = plan(load_spec(spec_path))
    root = spec_path.resolve().parent / "force-app"
    if check_only:
        differences = writer.diff(files, root)
        if differences:
            click.echo(differences)
            raise NpsError("force-app/ is not what the spec says", "Run `nps generate` and commit the result.")
        click.echo(f"force-app/ is what {spec_path.name} says: {len(files)} files")
        return
    try:
        changed = writer.write(files, root)
    except FileExistsError as error:
        raise UsageError(f"force-app/ has files {error}", "Move them away, or remove them if they are old.") from error
    for path in changed:
        click.echo(f"  {path}")
    click.echo(f"{len(files)} files, {len(changed)} changed" if changed else f"{len(files)} files, unchanged")


@main.command(
    "sync",
    epilog=_examples(
        "nps sync --org local --dry-run     # what it would do, response by response",
        "nps sync --org local --limit 5     # a first try",
        "nps sync --org prod                # the first sync starts no follow-ups; add --with-follow-ups if it should",
    ),
)
@_SPEC
@_ORG
@_JSON
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
    _say_where(org, as_json)
    options = SyncOptions(
        dry_run=dry_run, limit=limit, backfill=backfill, since=since.replace(tzinfo=UTC) if since else None, with_follow_ups=with_follow_ups
    )
    with _Progress(as_json) as tell:
        report = sync(spec, sources, org, options, tell)
    click.echo(json.dumps(report.as_json(), default=_as_json, ensure_ascii=False) if as_json else report.as_text())
    sys.exit(report.exit_code(strict=strict))


@main.command(epilog=_examples("nps explain SR-00000012 --org local", "nps explain 00T000000000001AAA --org prod --json"))
@click.argument("name")
@_SPEC
@_ORG
@_JSON
def explain(name: str, spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Say why a survey response (SR-…) or a Task (its id) is there: source, rule, automation, next step."""
    spec = load_spec(spec_path)
    found = explaining.explain(connect(org_name, api_version=spec.org.api_version), name)
    click.echo(json.dumps(found.as_json(), default=_as_json, ensure_ascii=False) if as_json else found.as_text())


@main.command(epilog=_examples("nps status --org local", "nps status --org prod --json"))
@_SPEC
@_ORG
@_JSON
def status(spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Last runs, bookmark, parked and refused responses, and how automation is doing."""
    spec = load_spec(spec_path)
    found = statuses.status(connect(org_name, api_version=spec.org.api_version))
    click.echo(json.dumps(found.as_json(), default=_as_json, ensure_ascii=False) if as_json else found.as_text())


@main.command(epilog=_examples("nps review --org local", "nps review --org prod --limit 200 --json"))
@_SPEC
@_ORG
@_JSON
@click.option("--limit", type=click.IntRange(min=1, max=2000), default=50, show_default=True, metavar="N", help="At most N of each kind.")
def review(spec_path: Path, org_name: str | None, as_json: bool, limit: int) -> None:
    """What waits for you: parked, ambiguous and refused responses, routes that came to nothing, and what to do about each."""
    spec = load_spec(spec_path)
    found = reviewing.review(connect(org_name, api_version=spec.org.api_version), limit=limit)
    click.echo(json.dumps(found.as_json(), default=_as_json, ensure_ascii=False) if as_json else found.as_text())


@main.command(
    epilog=_examples(
        "nps resolve SR-00000012 --contact 0035g00000XyZabAAB --org local",
        "nps resolve SR-00000012 --contact anna@example.com --account 001000000000001AAA --org prod",
        "nps resolve promoter_io:270 --lead lea@example.com --org prod --json",
    )
)
@click.argument("response")
@click.option("--contact", metavar="ID|EMAIL", help="The Contact who answered; a merged one is followed.")
@click.option("--lead", metavar="ID|EMAIL", help="The Lead who answered; for a converted one its Contact is taken.")
@click.option("--account", metavar="ID|NAME", help="The company the answer counts for. Default: the Contact's own.")
@_SPEC
@_ORG
@_JSON
def resolve(
    response: str, contact: str | None, lead: str | None, account: str | None, spec_path: Path, org_name: str | None, as_json: bool
) -> None:
    """Decide whose RESPONSE (SR-…, its key or record id) it is; everybody whose numbers change by it is recalculated."""
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    _say_where(org, as_json)
    found = resolving.resolve(org, spec, response, contact=contact, lead=lead, account=account)
    click.echo(json.dumps(found.as_json(), default=_as_json, ensure_ascii=False) if as_json else found.as_text())


@main.command(
    epilog=_examples(
        "nps retry DL-000003 --org local      # one refused response",
        "nps retry SR-00000012 --org prod     # the parked routes of one response",
        "nps retry --all --org prod",
    )
)
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that was refused or parked.")
@_SPEC
@_ORG
@_JSON
def retry(names: tuple[str, ...], everything: bool, spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Try again what the org refused: dead letters (DL-… or keys) and parked routes (SR-…). Exit code 1 if it is refused again."""
    if bool(names) == everything:
        raise UsageError("what is to be tried again?", "Name dead letters (DL-…), keys or responses (SR-…), or say --all.")
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    _say_where(org, as_json)
    report = retrying.retry(org, spec, names)
    click.echo(json.dumps(report.as_json(), default=_as_json, ensure_ascii=False) if as_json else report.as_text())
    sys.exit(report.exit_code)


@main.command(epilog=_examples("nps forget anna@example.com --org local", "nps forget anna@example.com --org prod --yes --json"))
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_SPEC
@_ORG
@_JSON
def forget(email: str, yes: bool, spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Erase what the person with this address said and who they are, for ever; score and date stay.

    Their Contact or Lead is yours to delete. Exit code 1 when something remains that only you can erase; it is listed.
    """
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    _say_where(org, as_json)
    if not yes and not click.confirm(f"Erase {email} from the ledger? This cannot be undone.", err=True):
        raise UsageError("nothing was erased")
    erasure = forgetting.forget(org, spec, email)
    click.echo(json.dumps(erasure.as_json(), default=_as_json, ensure_ascii=False) if as_json else erasure.as_text())
    sys.exit(erasure.exit_code)


@main.command(epilog=_examples("nps demo", "nps demo --keep   # leaves the org up, to look around in a browser"))
@click.option("--keep", is_flag=True, help="Leave the org up afterwards and print its address.")
@_JSON
def demo(keep: bool, as_json: bool) -> None:
    """Deploy, load sample data, sync three times, and tell what happened: all on this machine."""
    require_local_org()
    from tooling.demo import run_demo

    run_demo(Path.cwd(), keep=keep, as_json=as_json)


@main.group()
def pull() -> None:
    """Write into the mapping spec what was changed in the org."""


@pull.command("settings", epilog=_examples("nps pull settings --org prod", "nps pull settings --org prod --check   # fails if they differ"))
@_SPEC
@_ORG
@click.option("--check", "check_only", is_flag=True, help="Write nothing; fail when the spec says something else than the org.")
def pull_settings(spec_path: Path, org_name: str | None, check_only: bool) -> None:
    """Escalation keywords and routes, as admins have them in Setup."""
    spec = load_spec(spec_path)
    text = spec_path.read_text("utf-8")
    changed = with_settings(text, *settings_of(connect(org_name, api_version=spec.org.api_version)))
    if changed == text:
        click.echo(f"{spec_path}: as in the org")
        return
    if check_only:
        raise NpsError(f"{spec_path} has other escalation keywords or routes than the org", "Run `nps pull settings`.")
    spec_from(changed, spec_path.name)
    spec_path.write_text(changed, "utf-8")
    click.echo(f"{spec_path}: escalation keywords and routes are the org's now. Next: nps generate")


@main.group("local-org")
def local_org() -> None:
    """A Salesforce-compatible org on this machine, for trying out and for tests."""


@local_org.command(
    "serve", epilog=_examples("nps local-org serve --deploy orgs/customer --deploy force-app", "nps local-org serve --port 0 --data .org")
)
@click.option("--port", type=int, default=None, help="Default 8765; 0 picks a free one.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Where the org persists; without it, it is gone at the end.")
@click.option(
    "--deploy", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True, help="Source folders to deploy first."
)
@click.option("--clock", metavar="TIME", help="Where its clock starts, for example 2026-03-02T09:00:00Z.")
def serve(port: int | None, data: Path | None, deploy: tuple[Path, ...], clock: str | None) -> None:
    """Serve a local org in the foreground until it is interrupted."""
    require_local_org()
    from tooling.local_org.__main__ import main as local_org_main

    arguments = ["serve"]
    arguments += [] if port is None else ["--port", str(port)]
    arguments += [] if data is None else ["--data", str(data)]
    arguments += [] if clock is None else ["--clock", clock]
    for folder in deploy:
        arguments += ["--deploy", str(folder)]
    sys.exit(local_org_main(arguments))


@local_org.command("env", epilog=_examples('eval "$(nps local-org env)"'))
@click.option("--port", type=int, default=None, help="Default: the port of the org that was started last.")
def env(port: int | None) -> None:
    """Print the variables after which cci, sf, simple-salesforce and jsforce reach the local org."""
    require_local_org()
    from tooling.local_org.__main__ import main as local_org_main

    sys.exit(local_org_main(["env", *([] if port is None else ["--port", str(port)])]))


@local_org.command("reset", epilog=_examples("nps local-org reset", "nps local-org reset --to empty"))
@click.option("--to", type=click.Choice(["empty", "deployed"]), default="deployed", show_default=True, help="deployed: metadata stays.")
def reset(to: str) -> None:
    """Remove all records of the running local org, or everything."""
    require_local_org()
    from tooling.local_org.__main__ import main as local_org_main

    sys.exit(local_org_main(["reset", "--to", to]))


@main.command("docs", hidden=True)
@click.option("--check", "check_only", is_flag=True, help="Only compare.")
def docs_command(check_only: bool) -> None:
    """Write the generated documents."""
    stale = docs.write(Path.cwd(), main, check_only=check_only)
    if check_only and stale:
        raise NpsError(f"generated documents are stale: {', '.join(stale)}", "Run `make regen` and commit the result.")
    click.echo(f"{len(stale)} documents written" if stale else "generated documents are up to date")


def _say_where(org: TargetOrg, quiet: bool) -> None:
    who = org.identity
    click.echo(f"Writing to org {who.org_id} at {who.host} as {who.username}", err=quiet)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, ResponseSkipped):
        return {"reason": value.reason, "place": value.place}
    raise TypeError(f"{type(value).__name__} has no JSON form")


class _Progress:
    """A progress line on a terminal; nothing in a pipe."""

    def __init__(self, as_json: bool) -> None:
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(pulse_style="green"), TimeElapsedColumn())
        self._shown = Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal)

    def __enter__(self) -> Callable[[SyncReport], None]:
        self._shown.start()
        task = self._shown.add_task("reading …", total=None)

        def tell(report: SyncReport) -> None:
            self._shown.update(task, description=f"{report.read} read, {report.created} created, {report.revised} revised")

        return tell

    def __exit__(self, *_: object) -> None:
        self._shown.stop()
