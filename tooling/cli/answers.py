"""What is in the org, and why: `nps explain`, `status`."""

from __future__ import annotations

from pathlib import Path

import click

from tooling.bridge import explain as explaining
from tooling.bridge import status as statuses
from tooling.cli.options import JSON, ORG, SPEC, examples, say_where, tell
from tooling.connect import connect
from tooling.spec.loader import load_spec


@click.command(epilog=examples("nps explain SR-00000012 --org local", "nps explain 00T000000000001AAA --org prod --json"))
@click.argument("name")
@SPEC
@ORG
@JSON
def explain(name: str, spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Say why a survey response (SR-…) or a Task (its id) is there: source, rule, automation, next step."""
    spec = load_spec(spec_path)
    found = explaining.explain(connect(org_name, api_version=spec.org.api_version), name)
    tell(found, as_json=as_json)


@click.command(epilog=examples("nps status --org local", "nps status --org prod --json"))
@SPEC
@ORG
@JSON
def status(spec_path: Path, org_name: str | None, as_json: bool) -> None:
    """Last runs, bookmark, parked and refused responses, and how automation is doing."""
    spec = load_spec(spec_path)
    org = connect(org_name, api_version=spec.org.api_version)
    say_where(org, as_json, "Reading")
    found = statuses.status(org)
    tell(found, as_json=as_json)
