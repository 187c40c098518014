"""The flows, judged by two linters that are not ours: flow-scanner and the flow scanner of Salesforce's Code Analyzer."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.clients.nodejs import MODULES, Nodejs, as_json, run
from tooling.metadata.generator import plan
from tooling.metadata.writer import write
from tooling.spec.loader import load_spec
from tooling.spec.model import EmailRule, UserIdRule

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / "force-app").rglob("*.flow-meta.xml"))
DEFECTS = Path(__file__).parent / "flow_with_defects"
_RULES = (UserIdRule(), EmailRule())

ALLOWED = {
    ("RecursiveAfterUpdate", "NPS_Response_Created", "Write_Result"): (
        "The update runs after commit and so is no insert: a flow that starts on insert only cannot start again by it. It sets no field "
        "that starts the other flow: NPS_Response_Changed waits for a new Automation_Attempt__c."
    ),
    ("RecursiveAfterUpdate", "NPS_Response_Changed", "Write_Result"): (
        "The flow starts when Automation_Attempt__c changes while the status is Pending. The update leaves the attempt as it is, so it "
        "does not meet the start's conditions again. It cannot be done before the save: it says what became of records made after it."
    ),
    **{
        ("RecursiveAfterUpdate", f"NPS_Recalculation_Requested_{parent}", "Set_The_Flag"): (
            "The flow starts when a request is stamped. The update stamps none: the recalculation inside its save takes the request back, "
            "so the start's conditions are false afterwards."
        )
        for parent in ("Account", "Contact", "Lead")
    },
    **{
        ("TriggerOrder", flow, "TriggerOrder"): (
            "An order is for flows that one save triggers; this one is started by the clock, once a day, alone."
        )
        for flow in (
            "NPS_Automation_Sweep",
            "NPS_Nightly_Recalculation_Account",
            "NPS_Nightly_Recalculation_Contact",
            "NPS_Nightly_Recalculation_Lead",
            "NPS_Renewal_Sweep",
        )
    },
    ("HardcodedUrl", "NPS_Promoter_Invite", "Invitation"): (
        "The link is a text of the mapping spec, to a public review page, for people outside: no address of an org that could change."
    ),
}
"""Findings that stay, each with the reason why it does no harm."""
_CLAIMED = "After commit, on a response that was saved before: the start's conditions are false then, so it starts nothing again."
_NO_LOOP = "It stands behind the loop's exit, not in its body: a converted Lead ends the search, and the flow, with this one update."
ALLOWED_CLAIMING = ALLOWED | {
    **{("RecursiveAfterUpdate", "NPS_Claim_Unmatched", element): _CLAIMED for element in ("Give_It", "Leave_It", "Say_Ambiguous")},
    **{("DMLStatementInLoop", "NPS_Claim_Unmatched", element): _NO_LOOP for element in ("Keep_As_Dead_Letter", "Leave_It")},
}
"""The same where flows claim what was parked."""
NEVER_ALLOWED = {"MissingFaultPath", "UnconnectedElement", "HardcodedId"}


def findings(nodejs: Nodejs, *flows: Path) -> set[tuple[str, str, str]]:
    """Rule, flow and element of everything flow-scanner reports; a rule that breaks down is no judgement."""
    found = as_json(nodejs.run("scan_flows.mjs", *flows))
    assert [entry for entry in found if entry["error"]] == []
    return {(entry["rule"], entry["flow"], entry["element"]) for entry in found}


def flow_scanner(folder: Path, report: Path) -> tuple[int, dict[str, list[dict[str, object]]]]:
    """How many flows Code Analyzer's scanner read, and what it found, by query."""
    home = MODULES / "@salesforce/code-analyzer-flow-engine/FlowScanner"
    said = run([sys.executable, "-m", "flowtest", "-d", str(folder), "--no_log", "-j", str(report)], cwd=home)
    read = re.search(r"found (\d+) flows to scan", said)
    # It ends with 0 whatever it found: the report is what counts.
    return int(read[1]) if read else 0, as_json(report.read_text("utf-8"))["results"]


def test_flow_scanner__only_argued_findings(nodejs: Nodejs) -> None:
    """Nothing is found but what the table argues for, and an entry that no longer applies has to go."""
    assert FLOWS
    assert findings(nodejs, *FLOWS) == set(ALLOWED)


@pytest.fixture(scope="module")
def claiming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What our own spec gives with `match.claim: flow`."""
    spec = load_spec(ROOT / "nps.yml")
    folder = tmp_path_factory.mktemp("claiming")
    write(plan(spec.model_copy(update={"match": spec.match.model_copy(update={"claim": "flow", "people": _RULES})})), folder)
    return folder


def test_flow_scanner__where_flows_claim(nodejs: Nodejs, claiming: Path, tmp_path: Path) -> None:
    """The flows that only a spec with `match.claim: flow` makes are judged by both linters in the same way."""
    flows = sorted(claiming.rglob("*.flow-meta.xml"))
    assert len(flows) == len(FLOWS) + 6

    assert findings(nodejs, *flows) == set(ALLOWED_CLAIMING)
    assert flow_scanner(claiming, tmp_path / "report.json") == (len(flows), {})


def test_allowed__stays_small() -> None:
    """At most three rules are excused, each with a reason, and never one about faults, loose ends or ids."""
    rules = {rule for rule, _, _ in ALLOWED}

    assert len(rules) <= 3
    assert not {rule for rule, _, _ in ALLOWED_CLAIMING} & NEVER_ALLOWED
    assert all(ALLOWED_CLAIMING.values())


def test_flow_scanner__finds_defects(nodejs: Nodejs) -> None:
    """The linter does look: each kind of defect that we never allow is found in a flow that has it."""
    found = {rule for rule, _, _ in findings(nodejs, *DEFECTS.glob("*.flow-meta.xml"))}

    assert found >= NEVER_ALLOWED


def test_code_analyzer__no_input_reaches_records(nodejs: Nodejs, tmp_path: Path) -> None:
    """No flow lets what a caller passes in choose or fill records beyond the caller's rights."""
    read, found = flow_scanner(ROOT / "force-app", tmp_path / "report.json")

    assert read == len(FLOWS)
    assert found == {}


def test_code_analyzer__finds_defects(nodejs: Nodejs, tmp_path: Path) -> None:
    """The scanner does look: the flow with defects lets its inputs choose the record and fill it."""
    read, found = flow_scanner(DEFECTS, tmp_path / "report.json")

    assert read == 1
    assert set(found) == {
        "FlowSecurity.SystemModeWithoutSharing.recordUpdates.selector",
        "FlowSecurity.SystemModeWithoutSharing.recordUpdates.data",
    }
