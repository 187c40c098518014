"""Documents that are output: written from the code, and compared with it by `make check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from tooling.metadata import flow_chart
from tooling.spec import dictionary, json_schema
from tooling.spec.loader import load_spec

_CLI = Path("docs/cli.md")
_WIDTH = 100


def write(root: Path, command: click.Group, *, check_only: bool = False) -> list[str]:
    """Writes what is stale, or with `check_only` only names it: paths relative to `root`."""
    stale = []
    for path, text in _documents(root, command):
        target = root / path
        if not target.exists() or target.read_text("utf-8") != text:
            stale.append(str(path))
            if not check_only:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
    return stale


def _documents(root: Path, command: click.Group) -> Iterator[tuple[Path, str]]:
    # The local org is an extra: the bridge alone is installed without what this imports.
    from tooling.local_org import compatibility

    yield Path("tooling/local_org/COMPATIBILITY.md"), compatibility.render()
    yield Path("docs/nps.schema.json"), json_schema.render()
    yield Path("docs/field-dictionary.md"), dictionary.render()
    if (root / "nps.yml").exists():
        yield Path(flow_chart.PATH), flow_chart.render(load_spec(root / "nps.yml"))
    yield _CLI, _command_reference(command)


def _command_reference(command: click.Group) -> str:
    sections = ["# Command reference\n\nWritten by `make regen` from the commands' own help.\n"]
    for context in _contexts(command, "nps"):
        sections.append(f"## {context.command_path}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(sections)


def _contexts(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """A context for each command, below its group's: it inherits what the group says about help."""
    context = click.Context(command, parent, name, terminal_width=_WIDTH, max_content_width=_WIDTH, **command.context_settings)
    yield context
    if isinstance(command, click.Group):
        for child_name, child in sorted(command.commands.items()):
            if not child.hidden:
                yield from _contexts(child, child_name, context)
