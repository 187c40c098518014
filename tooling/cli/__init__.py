"""`nps …`: the library's functions as commands. Every error says what to do next; exit codes are those of `tooling.errors`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tooling import docs
from tooling.cli.answers import explain, status
from tooling.cli.decisions import forget, resolve, retry, review
from tooling.cli.local_org import demo, local_org
from tooling.cli.spec import check, generate, pull
from tooling.cli.start import init
from tooling.cli.sync import reconcile_command, sync_command
from tooling.errors import NpsError


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


@main.command("docs", hidden=True)
@click.option("--check", "check_only", is_flag=True, help="Only compare.")
def docs_command(check_only: bool) -> None:
    """Write the generated documents."""
    stale = docs.write(Path.cwd(), main, check_only=check_only)
    if check_only and stale:
        raise NpsError(f"generated documents are stale: {', '.join(stale)}", "Run `make regen` and commit the result.")
    click.echo(f"{len(stale)} documents written" if stale else "generated documents are up to date")


for _command in (
    check,
    demo,
    explain,
    forget,
    generate,
    init,
    local_org,
    pull,
    reconcile_command,
    resolve,
    retry,
    review,
    status,
    sync_command,
):
    main.add_command(_command)
