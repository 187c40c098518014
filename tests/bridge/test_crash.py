"""A real `nps sync` is killed (SIGKILL) before or after any of its calls, or at a random moment, while the org's automation runs.

Run again, the org has to be as after an undisturbed run: nothing lost, nothing twice, no parent left behind.
The full form: `NPS_KILLS=1000 .venv/bin/python -m pytest tests/bridge/test_crash.py -s`.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.bridge.feedback_service import KEY, FeedbackService, feedback, serve
from tests.bridge.world import START, World
from tooling.bridge.sync import SyncOptions, sync
from tooling.local_org.engine.users import ADMIN_TOKEN
from tooling.sources.configured import configured_sources
from tooling.spec.loader import load_spec

KILLS = int(os.environ.get("NPS_KILLS", "8"))
ROOT = Path(__file__).parents[2]
SPEC = "version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 1.0, reserve: 0, bulk_from: %d}\n"
LATER = "2026-03-04T11:30:00Z"
BULK_FROM = {"collections": 2_000, "bulk": 5}


@dataclass
class Killer:
    """Stands before the org's server and kills a process when it makes its n-th call: before the org sees it, or when it has committed."""

    inner: Any
    process: subprocess.Popen[bytes] | None = None
    at: int = 0
    phase: str = ""
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/services/data/"):
            return self.inner(environ, start_response)  # type: ignore[no-any-return]
        with self.lock:
            self.calls += 1
            is_mine = self.calls == self.at
        if is_mine and self.phase == "before":
            self.kill()
            start_response("503 Gone", [("Content-Length", "0")])
            return [b""]
        answer = list(self.inner(environ, start_response))
        if is_mine and self.phase == "after":
            self.kill()
        return answer

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@dataclass
class Scene:
    """The org before the sync that is to be killed, and what the service says by then."""

    world: World
    service: FeedbackService
    killer: Killer
    folder: Path

    def environ(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SF_")},
            "PYTHONPATH": str(ROOT), "SF_INSTANCE_URL": self.world.served.url, "SF_ACCESS_TOKEN": ADMIN_TOKEN,
            "REQUESTS_CA_BUNDLE": str(self.world.served.ca_bundle), "PROMOTER_IO_API_KEY": KEY, "PROMOTER_IO_BASE_URL": self.service.url,
        }  # fmt: skip

    def start(self, manner: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from tooling.cli import main; main()", "sync", "--spec", str(self.folder / f"{manner}.yml")]
        with (self.folder / "errors.txt").open("ab") as errors:
            return subprocess.Popen(command, env=self.environ(), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=errors)

    def sync(self, manner: str) -> None:
        spec = load_spec(self.folder / f"{manner}.yml")
        gateway = self.world.connect()
        sync(spec, configured_sources(spec.sources, self.folder, self.environ()), gateway, SyncOptions())
        gateway.close()

    def settle(self) -> dict[str, list[Any]]:
        """Everything that must not depend on a crash, once automation has caught up."""
        org, query = self.world.org, self.world.query
        for _ in range(3):
            org.advance(timedelta(hours=1))
            org.run_async()
        parents = [
            "NPS_Score__c", "NPS_Category__c", "NPS_Verbatim__c", "NPS_Previous_Score__c", "NPS_Average_Score__c", "NPS_Response_Count__c",
            "NPS_Trend__c",
        ]  # fmt: skip
        company = ["NPS_Promoters__c", "NPS_Passives__c", "NPS_Detractors__c", "NPS_Net_Promoter_Score__c", "NPS_Segment__c"]
        found = {
            "responses": query(
                "SELECT Response_Key__c, Score__c, Category__c, Verbatim__c, Revision__c, Content_Hash__c, Contact__r.LastName, "
                "Lead__r.LastName, Account__r.Name, Match_Status__c, Match_Rule__c, Quiet__c, Source_Status__c, Removed_At_Source__c, "
                "Automation_Status__c, Automated_Revision__c, Automation_Error__c, Follow_Up_Status__c, Dropped_Fields__c "
                "FROM Survey_Response__c ORDER BY Response_Key__c"
            ),
            "revisions": query(
                "SELECT Revision_Key__c, Score__c, Verbatim__c, Revision__c FROM Survey_Response_Revision__c ORDER BY Revision_Key__c"
            ),
            "tasks": query(
                "SELECT NPS_Response__r.Response_Key__c, NPS_Kind__c, Subject, Status, Priority FROM Task "
                "ORDER BY NPS_Response__r.Response_Key__c, Subject"
            ),
            "cases": query("SELECT Subject, Status FROM Case ORDER BY Subject"),
            "emails": sorted(str(mail.get("subject")) for mail in org.emails()),
            "contacts": query(f"SELECT LastName, {', '.join(parents)} FROM Contact ORDER BY LastName"),
            "leads": query(f"SELECT LastName, {', '.join(parents)} FROM Lead ORDER BY LastName"),
            "accounts": query(f"SELECT Name, {', '.join([*parents, *company])} FROM Account ORDER BY Name"),
            "letters": query("SELECT Delivery_Key__c, Status__c, Attempts__c FROM NPS_Dead_Letter__c ORDER BY Delivery_Key__c"),
            "open runs": query("SELECT Run_Key__c FROM NPS_Sync_Run__c WHERE Status__c = 'Running'"),
        }
        for row in found["responses"]:
            row["Removed_At_Source__c"] = bool(row["Removed_At_Source__c"])  # when it was noticed may differ
        return found


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    """Twelve people at four companies, a first sync behind them; then new answers, edits, a closed, a removed and a refused one."""
    companies = world.insert("Account", *({"Name": f"Company {number}"} for number in range(4)))
    world.insert(
        "Contact",
        *({"LastName": f"P{number}", "Email": f"p{number}@example.com", "AccountId": companies[number % 4]} for number in range(12)),
    )
    world.insert("Lead", {"LastName": "Lea", "Company": "Lead Ltd", "Email": "lea@example.com"})
    for manner, bulk_from in BULK_FROM.items():
        (tmp_path / f"{manner}.yml").write_text(SPEC % bulk_from)
    with serve(FeedbackService([feedback(number, f"p{number}@example.com", number % 11) for number in range(20)])) as service:
        killer = Killer(world.served.app.wsgi_app)
        found = Scene(world, service, killer, tmp_path)
        found.sync("collections")
        world.insert("Contact", {"LastName": "P15", "Email": "p15@example.com", "AccountId": companies[0]})  # its response was parked
        service.items = [  # 0 to 2 were edited, 19 is gone
            *(feedback(number, f"p{number}@example.com", 9 if number < 3 else number % 11) for number in range(19)),
            *(feedback(number, f"p{number % 12}@example.com", number % 7, score_created=LATER) for number in range(30, 42)),
            feedback(50, "lea@example.com", 2), feedback(51, "nobody@example.com", 1), feedback(52, "broken@", 10),
        ]  # fmt: skip
        service.items[5]["status"] = "CLOSED"
        world.org.set_now(START + timedelta(days=3))
        world.org.run_async()
        before = world.org.settings
        world.org.settings = before.changed({"async": "immediate"})
        world.org.snapshot("before-the-crash")
        world.served.app.wsgi_app = killer  # type: ignore[method-assign]
        try:
            yield found
        finally:
            world.served.app.wsgi_app = killer.inner  # type: ignore[method-assign]
            world.org.settings = before


def restore(scene: Scene) -> None:
    """Through the front, which forgets its jobs and the calls it has counted: a thousand turns are more than a day's."""
    scene.killer.process, scene.killer.calls = None, 0
    answer = requests.post(f"{scene.world.served.plain_url}/local-org/restore", json={"name": "before-the-crash"}, timeout=30)
    assert answer.ok, answer.text


def undisturbed(scene: Scene, manner: str) -> tuple[dict[str, list[Any]], int, float]:
    """The org afterwards, the calls the process makes, and the seconds from its first call to its end."""
    restore(scene)
    process = scene.start(manner)
    while not scene.killer.calls and process.poll() is None:
        time.sleep(0.005)
    started = time.monotonic()
    assert process.wait(60) == 0, (scene.folder / "errors.txt").read_text()
    seconds, calls = time.monotonic() - started, scene.killer.calls
    return scene.settle(), calls, seconds


@pytest.mark.parametrize("manner", list(BULK_FROM))
def test_sync__killed(scene: Scene, manner: str) -> None:
    """Killed at each boundary and at random moments, once or twice, and run again: the same org."""
    expected, calls, seconds = undisturbed(scene, manner)
    assert len(expected["tasks"]) >= 5 and expected["revisions"] and expected["open runs"] == []
    boundaries = [(number, phase) for number in range(1, calls + 1) for phase in ("before", "after")]
    dice = random.Random(manner)
    dice.shuffle(boundaries)
    wanted = (KILLS + 1) // len(BULK_FROM)
    deaths = 0
    for turn in range(wanted):
        restore(scene)
        at_boundary = turn % 2 == 0 and bool(boundaries)
        scene.killer.at, scene.killer.phase = boundaries.pop() if at_boundary else (0, "")
        delay = 0.0 if at_boundary else dice.uniform(0, seconds)
        moment = f"{scene.killer.phase} call {scene.killer.at}" if at_boundary else f"after {delay:.2f} s"
        died = run_and_kill(scene, manner, delay)
        deaths += died
        if turn % 5 == 4:  # the next one dies too
            scene.killer.at = 0
            run_and_kill(scene, manner, dice.uniform(0, seconds))
        scene.killer.process, scene.killer.at = None, 0
        scene.sync(manner)
        found = scene.settle()
        assert differences(found, expected) == [], f"{manner}, turn {turn}, killed {moment}"
    print(f"{manner}: {calls} calls in an undisturbed run of {seconds:.1f} s, {wanted} turns, killed {deaths} times, no difference")
    assert deaths >= wanted // 2


def differences(found: dict[str, list[Any]], expected: dict[str, list[Any]]) -> list[str]:
    """What is not as in an undisturbed run, field by field."""
    told = []
    for name, rows in expected.items():
        if len(found[name]) != len(rows):
            told.append(f"{name}: {len(found[name])} instead of {len(rows)}: {found[name]}")
            continue
        for place, (one, other) in enumerate(zip(found[name], rows, strict=True)):
            if isinstance(one, dict) and one != other:
                told += [
                    f"{name} {place}: {field} is {one[field]!r}, not {other[field]!r}" for field in other if one[field] != other[field]
                ]
            elif one != other:
                told.append(f"{name} {place}: {one!r}, not {other!r}")
    return told


def run_and_kill(scene: Scene, manner: str, delay: float) -> bool:
    """Whether the process was killed, not just done."""
    calls_before = scene.killer.calls
    process = scene.start(manner)
    scene.killer.process = process
    if not scene.killer.at:
        while scene.killer.calls == calls_before and process.poll() is None:
            time.sleep(0.005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(delay, 0.001))
        scene.killer.kill()
    return process.wait(60) == -signal.SIGKILL


def test_sync__two_at_once(scene: Scene) -> None:
    """Two bridges on one source do no harm: the same org as after one."""
    expected, _, _ = undisturbed(scene, "collections")
    restore(scene)
    both = [scene.start("collections") for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert differences(scene.settle(), expected) == []
