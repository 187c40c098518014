"""Documents that are output: written from the code, and compared with it by `make check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from tooling.spec import dictionary, json_schema

_CLI = Path("docs/cli.md")


def write(root: Path, command: click.Group, *, check_only: bool = False) -> list[str]:
    """Writes what is stale, or with `check_only` only names it: paths relative to `root`."""
    stale = []
    for path, text in _documents(command):
        target = root / path
        if not target.exists() or target.read_text("utf-8") != text:
            stale.append(str(path))
            if not check_only:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
    return stale


def _documents(command: click.Group) -> Iterator[tuple[Path, str]]:
    yield Path("docs/nps.schema.json"), json_schema.render()
    yield Path("docs/field-dictionary.md"), dictionary.render()
    yield _CLI, _command_reference(command)


def _command_reference(command: click.Group) -> str:
    sections = ["# Command reference\n\nWritten by `make regen` from the commands' own help.\n"]
    for names, one in _commands(command, ("nps",)):
        context = click.Context(one, info_name=" ".join(names), terminal_width=100, max_content_width=100)
        sections.append(f"## {' '.join(names)}\n\n```text\n{one.get_help(context).rstrip()}\n```\n")
    return "\n".join(sections)


def _commands(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield names, command
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            if not child.hidden:
                yield from _commands(child, (*names, name))
