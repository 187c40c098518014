"""What the commands share: options, where they write to, how an answer is told."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import click

from tooling.nps.response import ResponseSkipped
from tooling.salesforce.hosts import kind_of
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
_TAKES_ORG = re.compile(r"\bnps (explain|forget|reconcile|resolve|retry|review|status|sync)\b")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


class Answer(Protocol):
    def as_json(self) -> dict[str, Any]: ...

    def as_text(self) -> str: ...


def examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def tell(answer: Answer, *, as_json: bool) -> None:
    """JSON for programs. Text is folded at the width of a terminal; in a pipe a line stays a line."""
    if as_json:
        click.echo(json.dumps(answer.as_json(), default=_as_json, ensure_ascii=False))
        return
    text = for_this_org(answer.as_text(), click.get_current_context().params.get("org_name"))
    click.echo(folded(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text)


def for_this_org(text: str, org_name: str | None) -> str:
    """The commands that a text proposes, as they have to be typed to reach the org that was named for this one.

    >>> for_this_org("Next: nps sync --limit 5", "local")
    'Next: nps sync --org local --limit 5'
    """
    return _TAKES_ORG.sub(lambda command: f"{command[0]} --org {shlex.quote(org_name)}", text) if org_name else text


def folded(text: str, width: int) -> str:
    """Lines of at most `width` where words allow it, folded under their own beginning. Ids and keys stay whole: they are copied.

    >>> print(folded("  create  promoter_io:1  Contact 003000000000001AAA (email)", 36))
      create  promoter_io:1  Contact
          003000000000001AAA (email)
    """
    lines: list[str] = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        lines += textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(lines)


def say_where(org: TargetOrg, quiet: bool, doing: str = "Writing to") -> None:
    """One line before anything happens: which org, of which kind, as whom."""
    who = org.identity
    kind = kind_of(who.host)
    click.echo(f"{doing} org {who.org_id} at {who.host}{f' ({kind})' if kind else ''} as {who.username}", err=quiet)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, ResponseSkipped):
        return {"reason": value.reason, "place": value.place}
    raise TypeError(f"{type(value).__name__} has no JSON form")
