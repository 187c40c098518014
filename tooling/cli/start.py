"""`nps init`: a mapping spec to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tooling.cli.options import examples
from tooling.connect import connect
from tooling.errors import UsageError
from tooling.spec.model import Org
from tooling.spec.starter import Start, starter

_NEXT = """Next:
  1. Look through {spec}: default_user has to be a user of your org.
  2. nps check, then nps generate: what the spec says, as metadata in force-app/.
  3. Name the org: cci org connect NAME, and --org NAME from here on.
     Without CumulusCI: SF_INSTANCE_URL and SF_ACCESS_TOKEN.
  4. Deploy force-app/: cci flow run install_prod --org NAME, or sf project deploy
     start; give the permission set NPS Bridge to the user that syncs.
  5. {key}
  6. nps sync --dry-run: what it would do, nothing is written."""
_KEY = "export PROMOTER_IO_API_KEY=..., from Promoter.io's settings."
_FILES = "Put your files where sources.files.path says, with the columns it names."
_PROJECT = {"packageDirectories": [{"path": "force-app", "default": True}], "namespace": "", "sourceApiVersion": Org().api_version}


@click.command(
    epilog=examples(
        "nps init                             # Promoter.io",
        "nps init --source csv --org prod     # files; the connected user is the default user",
    )
)
@click.option(
    "--source",
    type=click.Choice([start.value for start in Start]),
    default=Start.PROMOTER_IO.value,
    show_default=True,
    help="Where responses come from.",
)
@click.option("--org", "org_name", help="Fills in the user of this org as default user; nothing is written to the org.")
@click.option(
    "--spec",
    "spec_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("nps.yml"),
    show_default=True,
    help="Where to write it.",
)
def init(source: str, org_name: str | None, spec_path: Path) -> None:
    """Write a commented mapping spec, also into an existing Salesforce DX project."""
    if spec_path.exists():
        raise UsageError(f"{spec_path} exists", "Change it, or name another file with --spec.")
    user = connect(org_name).identity.username if org_name else None
    spec_path.parent.mkdir(parents=True, exist_ok=True)
    spec_path.write_text(starter(Start(source), user), "utf-8")
    click.echo(f"{spec_path} written")
    project = spec_path.parent / "sfdx-project.json"
    if not project.exists():
        project.write_text(json.dumps(_PROJECT, indent=2) + "\n", "utf-8")
        click.echo(f"{project} written")
    click.echo(_NEXT.format(spec=spec_path, key=_KEY if source == Start.PROMOTER_IO else _FILES))
