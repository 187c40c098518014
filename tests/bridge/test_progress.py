"""How far a long run has come, as somebody at a terminal sees it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bridge.test_faults import clear, keys
from tests.bridge.world import START, ListSource, World, response
from tooling.bridge.report import SyncReport
from tooling.bridge.sync import SyncOptions, sync
from tooling.errors import Unreachable
from tooling.local_org.engine.users import ADMIN_TOKEN
from tooling.local_promoter.app import Double
from tooling.local_promoter.feed import Feed
from tooling.local_promoter.server import serve

SPEC = "version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 1.0, reserve: 0}\n"
LINE = re.compile(r"\d+ of about 50 read, \d+ created, 0 revised, about 0:\d\d:\d\d left")


def on_a_terminal(command: list[str], folder: Path, environ: dict[str, str]) -> tuple[int, str, str]:
    """Exit code, what was printed, and what a terminal of 80 columns showed on the way."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def listen() -> None:
        try:
            while data := os.read(ours, 4096):
                shown.append(data)
        except OSError:  # how Linux says that nobody holds the other end any more
            return

    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        listener = threading.Thread(target=listen)
        listener.start()
        assert process.stdout is not None
        printed = process.stdout.read()
        code = process.wait(60)
        listener.join(10)
    os.close(ours)
    return code, printed, b"".join(shown).decode("utf-8", "replace")


def test_sync__a_backfill_shows_how_long_it_still_takes(world: World, people: dict[str, str], tmp_path: Path) -> None:
    """In a real process: how many of how many are read, and about how long the rest takes; what is printed stays free of it."""
    (tmp_path / "nps.yml").write_text(SPEC)
    feed = Feed(START)
    feed.play(
        [
            {"event": "feedback", "minutes_ago": 24 * 60 * (20 + 91 * (number // 10)), "campaign": 1, "id": number + 1, "score": 9,
             "contact": {"email": "anna@example.com"}}
            for number in range(50)
        ],
        START,
    )  # fmt: skip
    world.fault(latency=0.2, match={"path": "/composite"})
    double = Double(feed, lambda: START)
    with serve(double) as url:
        environ = {
            "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80",
            "PYTHONPATH": str(Path(__file__).parents[2]), "SF_INSTANCE_URL": world.served.url, "SF_ACCESS_TOKEN": ADMIN_TOKEN,
            "REQUESTS_CA_BUNDLE": str(world.served.ca_bundle), "PROMOTER_IO_API_KEY": double.key, "PROMOTER_IO_BASE_URL": url,
        }  # fmt: skip
        command = [str(Path(sys.executable).with_name("nps")), "sync", "--backfill"]
        code, printed, shown = on_a_terminal(command, tmp_path, environ)
    assert (code, "50 created" in printed, "left" in printed) == (0, True, False), printed
    assert LINE.search(re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown))


class CountedSource(ListSource):
    """A source that says how many responses it has."""

    def count(self) -> int | None:
        return len(self.responses)


def expected_of(world: World, source: CountedSource, **options: bool) -> list[int | None]:
    """How many the run said it would read, each time it told how far it was."""
    told: list[int | None] = []
    sync(world.spec, [source], world.connect(), SyncOptions(**options), lambda report: told.append(report.expected))
    return told


def test_sync__of_how_many(world: World, people: dict[str, str]) -> None:
    """A first sync and a backfill ask for the number; a backfill that goes on leaves out what it has read; a later sync does not ask."""
    source = CountedSource([response(number, "anna@example.com", responded_at=START - timedelta(days=60 * number)) for number in range(10)])
    assert set(expected_of(world, source)) == {10}
    assert set(expected_of(world, source)) == {None}
    source.responses += [replace(one, id=f"{one.id}0") for one in source.responses[1:]]
    world.fault(code="REQUEST_LIMIT_EXCEEDED", message="TotalRequests Limit exceeded.", match={"body": "promoter_io:50"})
    with pytest.raises(Unreachable):
        world.sync(source, backfill=True)
    clear(world)
    (left,) = set(expected_of(world, source, backfill=True))
    assert left is not None and 10 <= left < 19
    assert len(keys(world)) == 19


def test_progress__what_it_says() -> None:
    """The rest takes as long for each response as those before; without a count, and at the end, nothing is guessed."""
    report = SyncReport(started=100.0)
    report.read = 25
    assert report.progress(now=110.0) == "25 read, 0 created, 0 revised"
    report.expected = 1_025
    assert report.progress(now=110.0) == "25 of about 1,025 read, 0 created, 0 revised, about 0:06:40 left"
    report.read = 1_025
    assert report.progress(now=500.0) == "1,025 of about 1,025 read, 0 created, 0 revised"
