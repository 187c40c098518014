"""The documents say what the commands do: nothing named that does not exist, nothing that exists unexplained."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from tooling import docs
from tooling.cli import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.exists()]
_CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"\[OPTIONS\]|COMMAND \[ARGS\]\.\.\.")
_COMMAND = re.compile(r"(?<![\w./`-])nps (?=[a-z])([^\n#|│;)`]*)")


def commands(group: click.Group = main, names: tuple[str, ...] = ("nps",)) -> Iterator[tuple[str, click.Command]]:
    """Every command that is shown, by its full name."""
    for name, command in sorted(group.commands.items()):
        if not command.hidden:
            yield " ".join((*names, name)), command
            if isinstance(command, click.Group):
                yield from commands(command, (*names, name))


def code_of(text: str) -> Iterator[str]:
    """Code blocks and code spans of a Markdown text."""
    for block, span in _CODE.findall(text):
        yield block or span


def problem_of(words: list[str]) -> str | None:
    """What is wrong with a command line that begins after `nps`."""
    command: click.Command = main
    rest = list(words)
    while rest and isinstance(command, click.Group) and not rest[0].startswith("-"):
        found = command.commands.get(rest[0])
        if found is None:
            return f"there is no command {' '.join(words)}"
        command = found
        rest.pop(0)
    known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
    unknown = [word for word in rest if word.startswith("--") and word.split("=")[0] not in known]
    return f"{' '.join(words)}: no option {', '.join(unknown)}" if unknown else None


def problems_in(code: str) -> list[str]:
    found = (problem_of(shlex.split(match[1].strip().rstrip('"'))) for match in _COMMAND.finditer(_PLACEHOLDER.sub("", code)))
    return [problem for problem in found if problem]


def test_problems__are_found() -> None:
    """The check itself: an unknown command and an unknown option are noticed, in a block, a span and a box."""
    text = "run `nps fly` or\n```bash\nnps sync --wings 2  # up\n│ nps local-org dig │\nnps sync --org local --limit 5\n```\nand nps land."
    assert [problem for code in code_of(text) for problem in problems_in(code)] == [
        "there is no command fly",
        "sync --wings 2: no option --wings",
        "there is no command local-org dig",
    ]


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_help__explains(name: str, command: click.Command) -> None:
    """Every command says what it does, and what each of its options does."""
    assert command.help and command.help.strip().endswith("."), name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]}"


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in commands() if not isinstance(one[1], click.Group)])
def test_help__has_an_example(name: str, command: click.Command) -> None:
    """Every command shows at least one example of itself, and every example would be understood."""
    heading, *examples = (command.epilog or "").replace("\b\n", "").splitlines() or [""]
    assert heading == "Examples:", name
    assert examples and all(name in example for example in examples)
    assert [problem for example in examples for problem in problems_in(example)] == []


def test_help__exit_codes() -> None:
    """The four exit codes are explained where somebody looks first."""
    assert [line.split()[0] for line in (main.epilog or "").splitlines() if line[:3].strip().isdigit()] == ["0", "1", "2", "3"]


def test_generated_documents__are_current() -> None:
    """What is checked in is what is written now: command reference, field dictionary, schema. `make regen` writes them."""
    assert docs.write(ROOT, main, check_only=True) == []


def test_generated_documents__are_written_when_stale(tmp_path: Path) -> None:
    """Missing ones are written, current ones left alone, and a comparison writes nothing."""
    everything = docs.write(tmp_path, main, check_only=True)
    assert "docs/cli.md" in everything
    assert not any(tmp_path.iterdir())
    assert docs.write(tmp_path, main) == everything
    assert docs.write(tmp_path, main) == []
    (tmp_path / "docs/cli.md").write_text("edited by hand")
    assert docs.write(tmp_path, main) == ["docs/cli.md"]


def test_command_reference__has_every_command(tmp_path: Path) -> None:
    """A heading for each command, and none for what is hidden."""
    docs.write(tmp_path, main)
    headings = re.findall(r"^## (.*)$", (tmp_path / "docs/cli.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(["nps", *(name for name, _ in commands())])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents__name_commands_that_exist(document: Path) -> None:
    """Every `nps …` in a document is a command with these options, every `make …` a target, every `cci … nps_…` a task of ours."""
    code = "\n".join(code_of(document.read_text("utf-8")))
    assert problems_in(code) == []

    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?<![\w./-])make ([a-z][a-z-]*)", code)) <= targets

    ours = yaml.safe_load((ROOT / "cumulusci.yml").read_text("utf-8"))
    assert set(re.findall(r"cci task run (nps_\w+)", code)) <= ours["tasks"].keys()
    assert set(re.findall(r"cci flow run (nps_\w+|dev_org)", code)) <= ours["flows"].keys()


def test_messages__name_commands_that_exist() -> None:
    """An error that says what to run next names a command that can be run."""
    sources = [path for path in (ROOT / "tooling").rglob("*.py") if "local_org" not in path.parts]
    assert [
        f"{path.name}: {problem}" for path in sources for code in code_of(path.read_text("utf-8")) for problem in problems_in(code)
    ] == []
