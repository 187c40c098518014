"""Command line of the local org: serve it, print the environment that reaches it, reset it, run its flow tests."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from .engine.flow_tests import run_flow_tests
from .engine.org import DeployOptions, Org
from .engine.users import ADMIN_TOKEN
from .errors import NotFound, OrgError
from .flow import trace_lines
from .front.auth import ADMIN
from .front.durations import read_moment
from .front.environment import environment, forget_saved_org, known_port
from .front.flow_test_report import flow_test_report
from .front.flow_tests import control_answer
from .schema.source import read_folder
from .server import DEFAULT_PORT, PortInUse, serve

__all__ = ["environment", "main", "serve_command"]

HOME = Path(".local-org")
_EXAMPLES = """examples:
  python -m tooling.local_org serve --port 0 --deploy force-app
  eval "$(python -m tooling.local_org env)"
  python -m tooling.local_org reset --to deployed
  python -m tooling.local_org test-flows --deploy force-app
"""


def serve_command(
    *,
    port: int = DEFAULT_PORT,
    data: Path | None = None,
    deploy: Sequence[Path] = (),
    clock: datetime | None = None,
    home: Path = HOME,
    until: threading.Event | None = None,
) -> int:
    """Serves an org in the foreground until SIGINT or SIGTERM (or until the event); the exit code of the process.

    `data` is a directory in which the org persists; without it everything is gone at the end. `deploy` are folders of metadata or of
    Salesforce DX source, deployed in their order before the org answers.
    """
    stopped = until or threading.Event()
    org = Org.open(data, clock=clock)
    try:
        if not all(_deploy(org, folder) for folder in deploy):
            return 1
        with _signals(stopped), serve(org, port=port, home=home) as served:
            print(f"Local org ready: {served.url}", flush=True)
            stopped.wait()
    except PortInUse as refused:
        print(refused, file=sys.stderr)
        return 2
    finally:
        org.close()
    return 0


def _deploy(org: Org, folder: Path) -> bool:
    """Deploys a folder and says what came of it."""
    try:
        result = org.deploy(org.user_of_token(ADMIN_TOKEN), read_folder(folder), DeployOptions())
    except (OrgError, OSError) as refused:
        print(f"Cannot deploy {folder}: {refused}", file=sys.stderr)
        return False
    for failure in result.failures:
        where = f"{failure.file_name}:{failure.line}:{failure.column}"
        print(f"{where}: {failure.component_type} {failure.full_name}: {failure.problem}", file=sys.stderr)
    return bool(result.success)


class _signals:  # noqa: N801 - reads as a statement: with _signals(stopped)
    """SIGINT and SIGTERM set the event while the block runs; only the main thread may ask for that."""

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, lambda *_: self._stopped.set())

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]


def env_command(*, port: int | None = None, home: Path = HOME, user: str | None = None) -> int:
    """Prints `export` lines for a shell's eval; for another user than the administrator the org must be running."""
    chosen = port or known_port(home) or DEFAULT_PORT
    token, username = ADMIN_TOKEN, ADMIN
    if user is not None:
        try:
            answer = _post(chosen, "/services/oauth2/token", urllib.parse.urlencode({"grant_type": "password", "username": user}).encode())
        except ConnectionError as refused:
            print(refused, file=sys.stderr)
            return 3
        token, username = str(answer["access_token"]), user
    removed = forget_saved_org(Path.cwd())
    if removed is not None:
        print(f"Removed {removed}: cci would have used it instead of the variable.", file=sys.stderr)
    for name, value in environment(chosen, home, token=token, username=username).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def reset_command(*, port: int | None = None, home: Path = HOME, to: str = "empty") -> int:
    """Empties the org that is being served: everything, or the records only (`deployed`)."""
    try:
        _post(port or known_port(home) or DEFAULT_PORT, "/local-org/reset", json.dumps({"to": to}).encode(), "application/json")
    except ConnectionError as refused:
        print(refused, file=sys.stderr)
        return 3
    print("The org is empty." if to == "empty" else "The records are gone, the metadata stays.")
    return 0


def test_flows_command(
    *, names: Sequence[str] = (), port: int | None = None, deploy: Sequence[Path] = (), home: Path = HOME, as_json: bool = False
) -> int:
    """Runs flow tests: of the org that is being served, or of a new one into which folders are deployed. 1 when one does not pass."""
    try:
        if deploy:
            with Org.open() as org:
                if not all(_deploy(org, folder) for folder in deploy):
                    return 2
                found = control_answer(run_flow_tests(org, names or None))
        else:
            body = json.dumps({"tests": list(names)} if names else {}).encode()
            found = _post(port or known_port(home) or DEFAULT_PORT, "/local-org/test-flows", body, "application/json")
    except (NotFound, Refused) as refused:
        print(refused, file=sys.stderr)
        return 2
    except ConnectionError as unreachable:
        print(unreachable, file=sys.stderr)
        return 3
    print(json.dumps(found, ensure_ascii=False) if as_json else flow_test_report(found))
    return 1 if found["failed"] else 0


def interviews_command(
    *,
    record: str | None = None,
    flow: str | None = None,
    limit: int = 10,
    port: int | None = None,
    home: Path = HOME,
    as_json: bool = False,
) -> int:
    """Shows the newest flow interviews of the org that is being served: which way each took, why, and what it used."""
    asked = {"record": record, "flow": flow, "limit": str(limit)}
    query = urllib.parse.urlencode({name: value for name, value in asked.items() if value})
    try:
        found = _ask(port or known_port(home) or DEFAULT_PORT, f"/local-org/interviews?{query}")
    except ConnectionError as unreachable:
        print(unreachable, file=sys.stderr)
        return 3
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    traces = cast("list[dict[str, object]]", found["interviews"])
    print("\n\n".join("\n".join(trace_lines(trace)) for trace in traces) or "No flow has run yet, or none like this.")
    return 0


class Refused(ConnectionError):
    """The served org answers, and says no."""


def _post(port: int, path: str, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> dict[str, object]:
    """Plain HTTP on the loopback interface, past every proxy.

    Raises:
        Refused: see there.
        ConnectionError: nothing answers.
    """
    return _ask(port, path, body, {"Content-Type": content_type})


def _ask(port: int, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, object]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, dict(headers or {}))
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as refused:
        raise Refused(f"The local org on port {port} refused: {refused.read().decode(errors='replace')}") from refused
    except (OSError, ValueError) as failed:
        raise ConnectionError(
            f"No local org answers on port {port} ({failed}). Start it with: python -m tooling.local_org serve"
        ) from failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tooling.local_org",
        description="A Salesforce-compatible org on this machine.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", type=Path, default=HOME, help="directory of CA, bundle and port (default: %(default)s)")
    serving = commands.add_parser("serve", parents=[common], help="serve an org in the foreground until interrupted")
    serving.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port on the loopback interface, 0 picks one (default: %(default)s)"
    )
    serving.add_argument("--data", type=Path, help="directory in which the org persists (default: a temporary one)")
    serving.add_argument(
        "--deploy",
        type=Path,
        metavar="DIR",
        action="append",
        default=[],
        help="metadata or Salesforce DX source to deploy first; repeatable",
    )
    serving.add_argument(
        "--clock", type=_moment, metavar="TIME", help="where the org's ticking clock starts, for example 2026-11-21T09:00:00Z"
    )
    variables = commands.add_parser("env", parents=[common], help="print export lines that point cci, sf and others at the org")
    variables.add_argument("--port", type=int, help="port of the org (default: the last one served)")
    variables.add_argument("--user", metavar="NAME", help="a session of this user instead of the administrator's")
    emptying = commands.add_parser("reset", parents=[common], help="empty the org that is being served")
    emptying.add_argument("--port", type=int, help="port of the org (default: the last one served)")
    emptying.add_argument("--to", choices=("empty", "deployed"), default="empty", help="deployed keeps the metadata (default: %(default)s)")
    testing = commands.add_parser("test-flows", parents=[common], help="run flow tests; the exit code is 1 when one does not pass")
    testing.add_argument("names", nargs="*", metavar="NAME", help="flow tests to run (default: all)")
    where = testing.add_mutually_exclusive_group()
    where.add_argument("--port", type=int, help="port of the org (default: the last one served)")
    where.add_argument("--deploy", type=Path, metavar="DIR", action="append", default=[], help="run in a new org with this; repeatable")
    testing.add_argument("--json", action="store_true", help="print JSON for programs")
    showing = commands.add_parser("interviews", parents=[common], help="show the newest flow interviews: their way, why, what they used")
    showing.add_argument("--record", metavar="ID", help="only those that touched this record")
    showing.add_argument("--flow", metavar="NAME", help="only those of this flow")
    showing.add_argument("--limit", type=int, default=10, metavar="N", help="how many (default: %(default)s)")
    showing.add_argument("--port", type=int, help="port of the org (default: the last one served)")
    showing.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser


def _moment(text: str) -> datetime:
    try:
        return read_moment(text)
    except OrgError as unreadable:
        raise argparse.ArgumentTypeError(unreadable.message) from unreadable


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    run: dict[str, Callable[[], int]] = {
        "serve": lambda: serve_command(port=given.port, data=given.data, deploy=given.deploy, clock=given.clock, home=given.home),
        "env": lambda: env_command(port=given.port, home=given.home, user=given.user),
        "test-flows": lambda: test_flows_command(
            names=given.names, port=given.port, deploy=given.deploy, home=given.home, as_json=given.json
        ),
        "interviews": lambda: interviews_command(
            record=given.record, flow=given.flow, limit=given.limit, port=given.port, home=given.home, as_json=given.json
        ),
        "reset": lambda: reset_command(port=given.port, home=given.home, to=given.to),
    }
    return run[given.command]()


if __name__ == "__main__":
    sys.exit(main())
