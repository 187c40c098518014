"""The commands: what they print where, and the exit codes that scripts rely on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tooling.cli import main
from tooling.cli.options import folded, for_this_org
from tooling.metadata.about import VERSION
from tooling.spec.loader import load_spec

ROOT = Path(__file__).parents[1]
SPEC = "sources: {promoter_io: {}}\nfollow_up: {detractor: {due: 24h}}\n"
FILE_SPEC = (
    "sources:\n  files:\n  - path: answers.csv\n    columns: {id: id, score: score, email: email, responded_at: day}\n"
    "follow_up: {detractor: {due: 24h}}\n"
)
_SETTINGS = ("SF_", "PROMOTER_IO_", "CUMULUSCI_")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a mapping spec, in which nobody has said anything about an org or a key."""
    for name in [name for name in os.environ if name.startswith(_SETTINGS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nps.yml").write_text(SPEC)
    (tmp_path / "answers.csv").write_text("id,score,email,day\n1,9,ann@example.com,2026-03-01\n")
    return tmp_path


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environ, prog_name="nps")


def assert_refused(result: Result, exit_code: int, *texts: str) -> None:
    """It ended with this code, said so on standard error, said nothing on standard output, and showed no traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == exit_code, result.output
    for text in texts:
        assert text in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output


def tree_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# nps check ------------------------------------------------------------------------------------------------------------------------


def test_check__no_findings(project: Path) -> None:
    """A sound spec is said to be so."""
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "nps.yml: no findings\n", "")


def test_check__all_findings(project: Path) -> None:
    """All findings at once, each with file, line and column, exit code 2."""
    (project / "nps.yml").write_text(
        "sources: {promoter_io: {}}\nrollup: {window: 900d, history: 30d}\nfollow_up:\n  detractor: {priorty: High, due: soon}\nlabel: {}\n"
    )
    result = run("check")
    assert_refused(result, 2)
    places = [line.removeprefix("Error: ").split(": ")[0] for line in result.stderr.splitlines()]
    assert [place.split(":")[:2] for place in places] == [["nps.yml", "2"], ["nps.yml", "4"], ["nps.yml", "4"], ["nps.yml", "5"]]
    for text in ("rollup.window is longer than rollup.history", "priorty", "priority", "soon", "labels"):
        assert text in result.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"", b"a: [", b"- 1\n"], ids=["missing", "binary", "empty", "broken", "list"])
def test_check__no_spec(project: Path, content: bytes | None) -> None:
    """What is no spec at all is refused by name."""
    other = project / "other.yml"
    if content is not None:
        other.write_bytes(content)
    assert_refused(run("check", "--spec", "other.yml"), 2, "other.yml")


def test_check__a_folder(project: Path) -> None:
    """A folder is no spec."""
    assert_refused(run("check", "--spec", "."), 2)


# nps generate ---------------------------------------------------------------------------------------------------------------------


def test_generate__writes_once(project: Path) -> None:
    """The first run writes every file, the second none; the check agrees."""
    first = run("generate")
    assert first.exit_code == 0, first.output
    written = tree_of(project / "force-app")
    assert f"{len(written)} files, {len(written)} changed" in first.stdout
    assert len(first.stdout.splitlines()) < 30 and f"and {len(written) - 20} more" in first.stdout

    second = run("generate")
    assert second.stdout == f"{len(written)} files, unchanged\n"
    assert tree_of(project / "force-app") == written
    assert run("generate", "--check").exit_code == 0


def test_generate__check_of_a_changed_spec(project: Path) -> None:
    """A spec that was changed without generating: exit code 1, the difference printed, nothing written."""
    run("generate")
    before = tree_of(project)
    (project / "nps.yml").write_text(SPEC.replace("24h", "6h"))
    changed = tree_of(project)

    result = run("generate", "--check")
    assert result.exit_code == 1
    assert "--- force-app/main/default/flows/NPS_Follow_Up.flow-meta.xml" in result.stdout
    assert [line for line in result.stdout.splitlines() if line.startswith("+") and "(6 / 24)" in line]
    assert "Run `nps generate`" in result.stderr and "Traceback" not in result.output
    assert tree_of(project) == changed
    assert changed.keys() == before.keys()

    assert run("generate").exit_code == 0
    assert run("generate", "--check").exit_code == 0


def test_generate__check_of_a_file_edited_by_hand(project: Path) -> None:
    """What somebody changed in force-app/ by hand shows as a difference from what is generated."""
    run("generate")
    flow = project / "force-app/main/default/flows/NPS_Follow_Up.flow-meta.xml"
    flow.write_text(flow.read_text("utf-8").replace("Active", "Draft"), "utf-8")
    result = run("generate", "--check")
    assert result.exit_code == 1
    assert "-    <status>Draft</status>\n+    <status>Active</status>\n" in result.stdout


def test_generate__a_file_in_the_way(project: Path) -> None:
    """A file that the generator did not write is not overwritten."""
    theirs = project / "force-app/main/default/flows/NPS_Follow_Up.flow-meta.xml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("<Flow/>")
    assert_refused(run("generate"), 2, "NPS_Follow_Up.flow-meta.xml")
    assert theirs.read_text() == "<Flow/>"
    assert list(tree_of(project / "force-app")) == ["main/default/flows/NPS_Follow_Up.flow-meta.xml"]


def test_generate__broken_spec(project: Path) -> None:
    """With findings nothing is written."""
    (project / "nps.yml").write_text(SPEC + "nonsense: 1\n")
    assert_refused(run("generate"), 2, "nps.yml:3", "nonsense")
    assert not (project / "force-app").exists()


# nps sync, explain, status: an org is needed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["sync --since yesterday", "sync --limit 0", "sync --wings", "explain", "fly", "local-org reset --to x"])
def test_usage__refused(project: Path, line: str) -> None:
    """What the command line does not allow is exit code 2, with a pointer to the help."""
    assert_refused(run(*line.split()), 2, "--help")


# All of it ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "org", "typed"),
    [
        ("Next: nps sync --limit 5", "local", "Next: nps sync --org local --limit 5"),
        (
            "`nps review`, then nps resolve SR-1 --contact 003",
            "my dev",
            "`nps review --org 'my dev'`, then nps resolve --org 'my dev' SR-1 --contact 003",
        ),
        ("nps check, nps status", None, "nps check, nps status"),
        ("nps check, nps generate", "local", "nps check, nps generate"),
    ],
)
def test_answers__commands_name_the_org(text: str, org: str | None, typed: str) -> None:
    """What an answer proposes can be copied: it reaches the org that was named, and commands without an org stay as they are."""
    assert for_this_org(text, org) == typed


def test_answers__folded() -> None:
    """Lines are folded under their own beginning; ids stay whole, for they are copied."""
    assert folded("  create  promoter_io:1  Contact 003000000000001AAA (email)\n\nend", 36).splitlines() == [
        "  create  promoter_io:1  Contact", "      003000000000001AAA (email)", "", "end",
    ]  # fmt: skip


def test_version(project: Path) -> None:
    """The version is the one that is deployed with the metadata."""
    assert VERSION in run("--version").stdout


def test_bridge__without_the_local_org(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the bridge is installed, the local org and the demo say what to install."""
    monkeypatch.setitem(sys.modules, "flask", None)
    for arguments in (["demo"], ["local-org", "env"], ["local-org", "serve"], ["local-org", "reset"], ["status", "--org", "local"]):
        assert_refused(run(*arguments), 2, "not installed", "`local-org`")


def test_bridge__imports_no_extra() -> None:
    """The bridge's commands load none of the packages that come with an extra: they may be absent, and cost time."""
    code = "import sys, tooling.cli; print(*{'flask', 'cheroot', 'lark', 'trustme', 'cumulusci'} & {m.split('.')[0] for m in sys.modules})"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


@pytest.mark.parametrize("source", ["promoter_io", "csv", "json_lines"])
def test_init__writes_a_spec_without_findings(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `nps init` writes passes `nps check`, sends no e-mail, and is never written over."""
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["init", "--source", source])
    again = CliRunner().invoke(main, ["init"])

    assert ran.exit_code == 0, ran.output
    assert CliRunner().invoke(main, ["check"]).exit_code == 0
    assert load_spec(tmp_path / "nps.yml").emails is None
    assert (tmp_path / "sfdx-project.json").exists()
    assert (again.exit_code, "nps.yml exists" in again.output) == (2, True)
