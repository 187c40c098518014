"""What the commands share: options, where they write to, how an answer is told."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import click

from tooling.nps.response import ResponseSkipped
from tooling.salesforce.org import TargetOrg

SPEC = click.option(
    "--spec",
    "spec_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("nps.yml"),
    show_default=True,
    help="The mapping spec.",
)
ORG = click.option("--org", "org_name", help="`local`, or an org of CumulusCI's keychain. Default: the org the environment describes.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


class Answer(Protocol):
    def as_json(self) -> dict[str, Any]: ...

    def as_text(self) -> str: ...


def examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def tell(answer: Answer, *, as_json: bool) -> None:
    click.echo(json.dumps(answer.as_json(), default=_as_json, ensure_ascii=False) if as_json else answer.as_text())


def say_where(org: TargetOrg, quiet: bool) -> None:
    who = org.identity
    click.echo(f"Writing to org {who.org_id} at {who.host} as {who.username}", err=quiet)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, ResponseSkipped):
        return {"reason": value.reason, "place": value.place}
    raise TypeError(f"{type(value).__name__} has no JSON form")
