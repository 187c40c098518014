"""The mapping spec and what is written from it: `nps check`, `generate`, `pull settings`."""

from __future__ import annotations

from pathlib import Path

import click

from tooling.bridge.settings import settings_of
from tooling.cli.options import ORG, SPEC, examples
from tooling.connect import connect
from tooling.errors import NpsError, SpecError, UsageError
from tooling.metadata import writer
from tooling.metadata.generator import plan
from tooling.spec.edit import with_settings
from tooling.spec.loader import load_spec, spec_from

MOST_LISTED = 20
"""Files that `generate` names; of a first run nobody reads all."""


@click.command(epilog=examples("nps check", "nps check --spec other/nps.yml"))
@SPEC
def check(spec_path: Path) -> None:
    """Check the mapping spec: all findings at once, each with its line."""
    load_spec(spec_path)
    click.echo(f"{spec_path}: no findings")


@click.command(epilog=examples("nps generate", "nps generate --check   # in CI: fails when force-app/ was not regenerated"))
@SPEC
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
    for path in changed[:MOST_LISTED]:
        click.echo(f"  {path}")
    if len(changed) > MOST_LISTED:
        click.echo(f"  … and {len(changed) - MOST_LISTED} more")
    click.echo(f"{len(files)} files, {len(changed)} changed" if changed else f"{len(files)} files, unchanged")
    if changed:
        click.echo("Next: deploy force-app/, for example with `cci task run nps_deploy --org NAME` or `sf project deploy start`", err=True)


@click.group()
def pull() -> None:
    """Write into the mapping spec what was changed in the org."""


@pull.command("settings", epilog=examples("nps pull settings --org prod", "nps pull settings --org prod --check   # fails if they differ"))
@SPEC
@ORG
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
    try:
        spec_from(changed, spec_path.name)
    except SpecError as error:
        raise UsageError(
            f"with the org's settings the spec would have findings; it is left as it was\n{error.message}",
            "Correct the keywords and routes in Setup, Custom Metadata Types; then run it again.",
        ) from error
    spec_path.write_text(changed, "utf-8")
    click.echo(f"{spec_path}: escalation keywords and routes are the org's now. Next: nps generate")
