"""Node 22, `sf`, jsforce and the linters: one npm folder, installed from its lock file when that changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
_STAMP = MODULES / ".installed-from"
_LOWEST = (22, 19)
"""sf's HTTP client (undici 8) needs what this Node brought: on Node 20 every command of sf that reaches an org dies."""
_INSTALL_SECONDS = 900


class ClientFailed(AssertionError):
    """A client's process ended with an error; its output is the message."""


@dataclass(frozen=True, slots=True)
class Nodejs:
    """A Node that runs every client, and the folder of their packages."""

    binary: Path

    @property
    def path(self) -> str:
        """What goes before PATH, so that `node` and `sf` are these."""
        return f"{self.binary.parent}{os.pathsep}{MODULES / '.bin'}"

    def run(self, script: str | Path, *arguments: str | Path, environ: Mapping[str, str] | None = None, seconds: int = 120) -> str:
        """The standard output of a script in `scripts/` (or at an absolute path), started in the npm folder.

        Raises:
            ClientFailed: it ended with an error.
        """
        return run([str(self.binary), str(FOLDER / "scripts" / script), *map(str, arguments)], environ=environ, cwd=FOLDER, seconds=seconds)


def run(
    command: list[str], *, environ: Mapping[str, str] | None = None, cwd: Path = FOLDER, seconds: int = 120, fails: bool = False
) -> str:
    """The standard output of a client's process; with `fails`, everything it said while failing.

    Raises:
        ClientFailed: it ended with an error (or, with `fails`, without one).
    """
    done = subprocess.run(
        command, cwd=cwd, env=None if environ is None else dict(environ), capture_output=True, text=True, timeout=seconds, check=False
    )
    if bool(done.returncode) != fails:
        raise ClientFailed(f"`{' '.join(command)}` ended with {done.returncode}:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done.stdout + done.stderr if fails else done.stdout


def absent(reason: str) -> NoReturn:
    """A missing tool skips on a developer's machine and fails in CI, which must not turn green for want of one."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"CI has to run the clients: {reason}", pytrace=False)
    pytest.skip(reason)


def installed() -> Nodejs:
    """The npm folder as its lock file says; two processes that ask at once install once."""
    npm = shutil.which("npm")
    if npm is None:
        absent("npm is not on the PATH: install Node.js to run the JavaScript clients")
    with (FOLDER / "package-lock.json").open("rb") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        lock = hashlib.sha256(lock_file.read()).hexdigest()
        if not _STAMP.exists() or _STAMP.read_text("ascii") != lock:
            run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environ=os.environ, seconds=_INSTALL_SECONDS)
            _STAMP.write_text(lock, "ascii")
    return Nodejs(_node())


def _node() -> Path:
    """The locked Node 22 where there is one for this machine, else the machine's own when it is new enough."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    locked = MODULES / f"node-{platform.system().lower()}-{machine}" / "bin/node"
    if locked.exists():
        return locked
    own = shutil.which("node")
    if own is not None and _version(own) >= _LOWEST:
        return Path(own)
    absent(f"no Node {'.'.join(map(str, _LOWEST))} or newer: none is locked for {platform.system()} {machine}, and the machine has none")


def _version(node: str) -> tuple[int, ...]:
    said = run([node, "--version"], environ=os.environ).strip()
    return tuple(int(part) for part in said.removeprefix("v").split(".")[:2])


def as_json(text: str) -> Any:
    """What a client printed as JSON."""
    return json.loads(text)
