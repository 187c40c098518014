"""The org on this machine: `nps local-org`, `demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tooling.cli.options import JSON, examples
from tooling.connect import require_local_org
from tooling.errors import UsageError


@click.group("local-org")
def local_org() -> None:
    """A Salesforce-compatible org on this machine, for trying out and for tests."""


@local_org.command(
    "serve", epilog=examples("nps local-org serve --deploy orgs/customer --deploy force-app", "nps local-org serve --port 0 --data .org")
)
@click.option("--port", type=int, default=None, help="Default 8765; 0 picks a free one.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Where the org persists; without it, it is gone at the end.")
@click.option(
    "--deploy", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True, help="Source folders to deploy first."
)
@click.option("--clock", metavar="TIME", help="Where its clock starts, for example 2026-03-02T09:00:00Z.")
def serve(port: int | None, data: Path | None, deploy: tuple[Path, ...], clock: str | None) -> None:
    """Serve a local org in the foreground until it is interrupted."""
    require_local_org()
    from tooling.local_org.__main__ import main as local_org_main

    arguments = ["serve"]
    arguments += [] if port is None else ["--port", str(port)]
    arguments += [] if data is None else ["--data", str(data)]
    arguments += [] if clock is None else ["--clock", clock]
    for folder in deploy:
        arguments += ["--deploy", str(folder)]
    sys.exit(local_org_main(arguments))


@local_org.command("env", epilog=examples('eval "$(nps local-org env)"'))
@click.option("--port", type=int, default=None, help="Default: the port of the org that was started last.")
def env(port: int | None) -> None:
    """Print the variables after which cci, sf, simple-salesforce and jsforce reach the local org."""
    require_local_org()
    from tooling.local_org.__main__ import main as local_org_main

    sys.exit(local_org_main(["env", *([] if port is None else ["--port", str(port)])]))


@local_org.command("reset", epilog=examples("nps local-org reset", "nps local-org reset --to empty"))
@click.option("--to", type=click.Choice(["empty", "deployed"]), default="deployed", show_default=True, help="deployed: metadata stays.")
def reset(to: str) -> None:
    """Remove all records of the running local org, or everything."""
    require_local_org()
    from tooling.local_org.__main__ import main as local_org_main

    sys.exit(local_org_main(["reset", "--to", to]))


@local_org.command(
    "test-flows",
    epilog=examples(
        "nps local-org test-flows                                            # all flow tests of the running org",
        "nps local-org test-flows --deploy orgs/customer --deploy force-app  # in a new org, gone afterwards",
        "nps local-org test-flows My_First_Test My_Second_Test --json",
    ),
)
@click.argument("names", nargs=-1)
@click.option("--port", type=int, default=None, help="Default: the port of the org that was started last.")
@click.option(
    "--deploy", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True, help="Run in a new org with these folders."
)
@JSON
def test_flows(names: tuple[str, ...], port: int | None, deploy: tuple[Path, ...], as_json: bool) -> None:
    """Run flow tests, all or those with NAMES. Exit code 1 when one does not pass."""
    require_local_org()
    if port is not None and deploy:
        raise UsageError("--port and --deploy exclude each other", "Name the port of a running org, or folders for a new one.")
    from tooling.local_org.__main__ import main as local_org_main

    arguments = ["test-flows", *names]
    arguments += [] if port is None else ["--port", str(port)]
    arguments += ["--json"] if as_json else []
    for folder in deploy:
        arguments += ["--deploy", str(folder)]
    sys.exit(local_org_main(arguments))


@local_org.command(
    "interviews",
    epilog=examples("nps local-org interviews --limit 3", "nps local-org interviews --record a05000000000001AAA"),
)
@click.option("--record", metavar="ID", help="Only those that touched this record.")
@click.option("--flow", metavar="NAME", help="Only those of this flow.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="How many, the newest.")
@click.option("--port", type=int, default=None, help="Default: the port of the org that was started last.")
@JSON
def interviews(record: str | None, flow: str | None, limit: int, port: int | None, as_json: bool) -> None:
    """Show flow interviews: which way each took, why a branch was taken, what it used."""
    require_local_org()
    from tooling.local_org.__main__ import interviews_command

    sys.exit(interviews_command(record=record, flow=flow, limit=limit, port=port, as_json=as_json))


@click.command(epilog=examples("nps demo", "nps demo --keep   # leaves the org up, to look around in a browser"))
@click.option("--keep", is_flag=True, help="Leave the org up afterwards and print its address.")
@JSON
def demo(keep: bool, as_json: bool) -> None:
    """Deploy, load sample data, sync three times, and tell what happened: all on this machine."""
    require_local_org()
    from tooling.demo import run_demo

    run_demo(Path.cwd(), keep=keep, as_json=as_json)
