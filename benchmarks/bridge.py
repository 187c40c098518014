"""What a sync costs: API calls as the server counts them, seconds, own processor time, memory; and what a plain loop costs beside it.

    .venv/bin/python benchmarks/bridge.py                 # 1,000 responses, 100 ms a call and 10 ms a written row
    .venv/bin/python benchmarks/bridge.py --bulk 100000   # by Bulk API 2.0: calls and peak memory
    .venv/bin/python benchmarks/bridge.py --memory 1000000  # a dry run of so many new responses: peak memory
    .venv/bin/python benchmarks/bridge.py --cpu 20000     # own processor time: normalise, match, plan

The org is a local org in a process of its own; its answers are delayed outside any lock, as a service far away would.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from bridge_cpu import measure_cpu
from simple_salesforce import Salesforce

from tooling.bridge.sync import SyncOptions, sync
from tooling.metadata import writer
from tooling.metadata.generator import plan
from tooling.nps.response import Person, Response, ResponseSkipped
from tooling.salesforce.gateway import Gateway, connect
from tooling.salesforce.org import Operation, Write
from tooling.spec.loader import spec_from
from tooling.spec.model import Spec

PEOPLE, ACCOUNTS, RESPONSES = 5_000, 1_000, 1_000
LATENCY, LATENCY_PER_ROW = 0.1, 0.01
SPEC = """
version: 1
sources: {promoter_io: {campaigns: all}}
budget: {daily_share: 1.0, reserve: 0, bulk_from: %d}
"""
START = datetime(2026, 3, 4, 12, tzinfo=UTC)


class GeneratedSource:
    """Responses made while they are read: nothing of them is kept."""

    name = "promoter_io"
    can_be_windowed = True

    def __init__(self, count: int, *, first: int = 0) -> None:
        self._numbers = range(first, first + count)

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        for number in self._numbers:
            # Every hundredth address belongs to two Contacts.
            person = f"twin{number % 50}@example.com" if number % 100 == 99 else f"p{random.Random(number).randrange(PEOPLE)}@example.com"
            yield Response(
                self.name, str(100_000 + number), Person(email=person, first_name="Kim", last_name=f"P{number}"), score=number % 11,
                verbatim=f"What customer {number} wrote about us, in a sentence or two.", sent_at=START - timedelta(days=3),
                responded_at=START - timedelta(days=2, minutes=number % 1_000), campaign_id="270", channel="email",
            )  # fmt: skip


class Server:
    """A local org of its own process, with our metadata and the fixture's people in it."""

    def __init__(self, home: Path, spec: Spec) -> None:
        source = home / "force-app"
        writer.write(plan(spec), source)
        command = [sys.executable, "-m", "tooling.local_org", "serve", "--port", "0", "--home", str(home), "--deploy", str(source)]
        self.process = subprocess.Popen([*command, "--clock", "2026-03-04T12:00:00Z"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]
        self.environ = {"REQUESTS_CA_BUNDLE": str(home / "ca-bundle.pem"), **_environment(home)}
        self.control("settings", {"async": "on request", "trace": False})

    def control(self, path: str, body: Any = None) -> Any:
        address = f"{self.url.replace('https', 'http')}/local-org/{path}"
        answer = requests.get(address, timeout=60) if body is None else requests.post(address, json=body, timeout=600)
        answer.raise_for_status()
        return answer.json()

    @property
    def calls(self) -> int:
        return int(self.control("usage")["api"]["total"])

    def gateway(self, **settings: Any) -> Gateway:
        return connect(self.environ["SF_INSTANCE_URL"], self.environ["SF_ACCESS_TOKEN"], environ=self.environ, **settings)

    def cpu_seconds(self) -> float:
        values = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(spec: Spec) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as home:
        server = Server(Path(home), spec)
        try:
            yield server
        finally:
            server.process.terminate()
            server.process.wait(20)


def _environment(home: Path) -> dict[str, str]:
    told = subprocess.run(
        [sys.executable, "-m", "tooling.local_org", "env", "--home", str(home)], capture_output=True, text=True, check=True
    )
    pairs = (line.removeprefix("export ").partition("=") for line in told.stdout.splitlines())
    return {name: value.strip("'") for name, _, value in pairs if not name.startswith("CUMULUSCI")}


def load_fixture(gateway: Gateway) -> None:
    """The permission set, 1,000 Accounts, 5,000 Contacts, fifty addresses that two Contacts share."""
    (grant,) = gateway.query("SELECT Id FROM PermissionSet WHERE Name = 'NPS_Bridge'")
    assignment = {"PermissionSetId": grant["Id"], "AssigneeId": gateway.identity.user_id}
    accounts = [{"Name": f"Company {number}"} for number in range(ACCOUNTS)]
    granted, created = gateway.write(
        [Write(Operation.INSERT, "PermissionSetAssignment", [assignment]), Write(Operation.INSERT, "Account", accounts)]
    )
    ids = [outcome.id for outcome in created]
    people = [
        {"LastName": f"P{number}", "Email": f"p{number}@example.com", "AccountId": ids[number % ACCOUNTS]} for number in range(PEOPLE)
    ]
    twins = [{"LastName": "Twin", "Email": f"twin{number // 2}@example.com", "AccountId": ids[number]} for number in range(100)]
    (saved,) = gateway.write([Write(Operation.INSERT, "Contact", [*people, *twins])])
    assert all(outcome.success for outcome in [*granted, *created, *saved])


def measure_sync(server: Server, spec: Spec, *, writers: int, first: int = 0, count: int = RESPONSES) -> None:
    gateway = server.gateway(writers=writers)
    server.control("faults", {"latency": LATENCY, "latency_per_row": LATENCY_PER_ROW})
    calls, server_cpu, own_cpu, started = server.calls, server.cpu_seconds(), time.process_time(), time.perf_counter()
    report = sync(spec, [GeneratedSource(count, first=first)], gateway)
    seconds = time.perf_counter() - started
    server.control("faults", [])
    assert report.created == count, report.as_text()
    print(
        f"nps sync, {writers} writers: {count} responses, {server.calls - calls} API calls, {seconds:.1f} s "
        f"(server processor {server.cpu_seconds() - server_cpu:.1f} s, own {time.process_time() - own_cpu:.1f} s); "
        f"{report.recalculated} parents recalculated, {report.ambiguous} ambiguous"
        + (", the day's comparison with the ledger included" if report.reconciled else "")
    )
    gateway.close()


def measure_loop(server: Server, *, first: int, count: int, of: int) -> None:
    """What one writes first: for each response look for it, look for the person, save it, flag Contact and Account."""
    client = Salesforce(instance_url=server.environ["SF_INSTANCE_URL"], session_id=server.environ["SF_ACCESS_TOKEN"], version="66.0")
    client.session.verify, client.session.trust_env = server.environ["REQUESTS_CA_BUNDLE"], False
    server.control("faults", {"latency": LATENCY, "latency_per_row": LATENCY_PER_ROW})
    calls, started, flagged = server.calls, time.perf_counter(), set[str]()
    for response in GeneratedSource(count, first=first).read(None, None):
        assert isinstance(response, Response)
        found = client.query(f"SELECT Id, AccountId FROM Contact WHERE Email = '{response.person.email}'")["records"]
        match = {"Contact__c": found[0]["Id"], "Account__c": found[0]["AccountId"]} if len(found) == 1 else {}
        client.Survey_Response__c.upsert(
            f"Response_Key__c/{response.key}",
            {"Source__c": response.source, "Source_Response_Id__c": response.id, "Score__c": response.score, "Outcome__c": "Answered",
             "Verbatim__c": response.verbatim, **match},
        )  # fmt: skip
        for name, parent in (("Contact", match.get("Contact__c")), ("Account", match.get("Account__c"))):
            if parent and parent not in flagged:
                flagged.add(parent)
                getattr(client, name).update(parent, {"NPS_Recalculate__c": True})
    seconds, used = time.perf_counter() - started, server.calls - calls
    server.control("faults", [])
    print(f"a loop over simple-salesforce: {count} responses, {used} API calls, {seconds:.1f} s", end="")
    print("" if count == of else f"; for {of} at this rate at most {used * of // count} calls and {seconds * of / count:.0f} s")


def measure_bulk(server: Server, spec: Spec, count: int) -> None:
    gateway = server.gateway()
    before, started = server.control("usage")["api"]["calls"], time.perf_counter()
    report = sync(spec, [GeneratedSource(count)], gateway)
    seconds = time.perf_counter() - started
    after = server.control("usage")["api"]["calls"]
    by_resource = {name: number - before.get(name, 0) for name, number in after.items() if number != before.get(name, 0)}
    polls = by_resource.get("GET jobs/ingest/{id}", 0) + by_resource.get("GET jobs/query/{id}", 0)
    total = sum(by_resource.values()) - polls
    print(f"bulk: {report.created} of {count} responses created, {total} API calls and {polls} polls, {seconds:.0f} s")
    print(f"  peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    for name, number in by_resource.items():
        print(f"  {number:4} {name}")
    gateway.close()


def measure_memory(server: Server, spec: Spec, count: int) -> None:
    """Reads, matches and plans; nothing is written, for an org that saves a million records takes longer than the bridge to send them."""
    gateway = server.gateway()
    own_cpu = time.process_time()
    report = sync(spec, [GeneratedSource(count)], gateway, SyncOptions(dry_run=True))
    assert report.created == count, report.incomplete
    print(f"dry run: {count:,} responses, own processor time {time.process_time() - own_cpu:.0f} s")
    print(f"  peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    gateway.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--loop", type=int, default=50, metavar="N", help="responses of the plain loop (default 50; 1000 takes six minutes)"
    )
    parser.add_argument("--bulk", type=int, metavar="N", help="only this: N responses by Bulk API 2.0, without delays")
    parser.add_argument("--cpu", type=int, metavar="N", help="only this: own processor time for N responses, without the org's")
    parser.add_argument("--memory", type=int, metavar="N", help="only this: peak memory of a dry run of N responses")
    given = parser.parse_args()
    spec = spec_from(SPEC % 2_000)
    with serving(spec) as server:
        loader = server.gateway()
        load_fixture(loader)
        loader.close()
        if given.bulk:
            measure_bulk(server, spec, given.bulk)
            return
        if given.memory:
            measure_memory(server, spec, given.memory)
            return
        if given.cpu:
            gateway = server.gateway()
            measure_cpu(gateway, spec, given.cpu, PEOPLE)
            gateway.close()
            return
        measure_sync(server, spec, writers=5)
        measure_sync(server, spec, writers=1, first=RESPONSES)
        measure_sync(server, spec, writers=1, first=2 * RESPONSES)
        measure_loop(server, first=3 * RESPONSES, count=given.loop, of=RESPONSES)


if __name__ == "__main__":
    main()
