"""Our dashboard's reports on an org with a history: their figures are those computed from the records in Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.automation.world import World, moment, text_of
from tooling.local_org.engine.org import Org
from tooling.local_org.engine.reports import Figure, Group, ReportResult, run_dashboard, run_report
from tooling.local_org.front.app import create_app

_ZONE = ZoneInfo("America/Los_Angeles")
_FIELDS = (
    "Name, Score__c, Responded_At__c, Removed_At_Source__c, Follow_Up_Status__c, Followed_Up_At__c, Case__c, Case__r.IsClosed, "
    "Automation_Status__c"
)
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def history(deployed: Org) -> World:
    """Two owners, five companies, answers of six months; some follow-ups done, some Cases closed, one answer removed."""
    deployed.restore("deployed")
    deployed.refuse_actions(lambda kind: None)
    world = World(deployed)
    owners = [world.user("Maria"), world.user("Lena")]
    begin = world.org.now()
    answers = [(10, 150), (9, 95), (3, 64), (7, 63), (0, 40), (8, 33), (10, 31), (6, 10), (2, 6), (9, 5), (5, 1.5), (10, 1), (4, 0.3)]
    responses = []
    for company in range(5):
        account = world.account(f"Company {company}", OwnerId=owners[company % 2])
        person = world.contact(account, Email=f"p{company}@acme.example", LastName=f"Person {company}")
        for score, days in answers[company::2]:
            responded = begin - timedelta(days=days, minutes=company)
            sent = text_of(responded - timedelta(hours=2))
            text = "We will cancel" if score < 4 else "Thank you"
            values = {"Responded_At__c": text_of(responded), "Survey_Sent_At__c": sent, "Verbatim__c": text}
            responses.append(world.answer(score, person, Respondent_Email__c=f"p{company}@acme.example", **values))
        world.recalculate(account)
    # Four in the morning of the first in London is the evening of the month before where the reader is.
    world.answer(9, person, Responded_At__c="2026-03-01T04:00:00Z")
    world.update(responses[0], Removed_At_Source__c=text_of(begin), Revision__c=2)
    open_tasks = [task["Id"] for response in responses for task in world.tasks(response) if task["Status"] != "Completed"]
    world.later(hours=5)
    world.update_all([{"Id": task, "Status": "Completed"} for task in open_tasks[:3]])
    world.later(days=3)
    world.update_all([{"Id": task, "Status": "Completed"} for task in open_tasks[3:4]])
    cases = world.rows("SELECT Id FROM Case ORDER BY Id")
    world.update(cases[0]["Id"], Status="Closed")
    world.add("NPS_Dead_Letter__c", Delivery_Key__c="a", Error_Code__c="STRING_TOO_LONG", Status__c="New")
    world.add("NPS_Dead_Letter__c", Delivery_Key__c="b", Error_Code__c="STRING_TOO_LONG", Status__c="Retry")
    world.add("NPS_Dead_Letter__c", Delivery_Key__c="c", Error_Code__c="UNABLE_TO_LOCK_ROW", Status__c="Resolved")
    world.run()
    return world


def run(world: World, name: str) -> ReportResult:
    return run_report(world.org, f"NPS/{name}", user=None, time_zone=_ZONE)


def of_groups(result: ReportResult, figure: str) -> dict[str, Figure]:
    """A figure of the outermost groups."""
    at = [each.label for each in result.summaries].index(figure)
    return {group.label: result.facts[(place,), ()].figures[at] for place, group in enumerate(result.down)}


def counts(result: ReportResult) -> dict[str, Figure]:
    return of_groups(result, "Record count")


def responses(world: World) -> list[dict[str, Any]]:
    return world.rows(f"SELECT {_FIELDS} FROM Survey_Response__c")


def counted(world: World) -> list[dict[str, Any]]:
    return [row for row in responses(world) if row["Score__c"] is not None and row["Removed_At_Source__c"] is None]


def month(row: Row) -> str:
    return f"{moment(row['Responded_At__c']).astimezone(_ZONE):%B %Y}"


def grouped(rows: Iterable[Row], by: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return found


def category(row: Row) -> str:
    return "Promoter" if row["Score__c"] >= 9 else "Passive" if row["Score__c"] >= 7 else "Detractor"


def nps(rows: list[Row]) -> Decimal:
    kinds = Counter(map(category, rows))
    return Decimal(100) * (kinds["Promoter"] - kinds["Detractor"]) / len(rows)


def test_over_time__net_promoter_score_with_counts(history: World) -> None:
    """By month of the reader, oldest first, without removed answers; each month with the number of answers it rests on."""
    result = run(history, "NPS_Over_Time")
    months = grouped(counted(history), month)
    assert len(months) >= 4
    scores = of_groups(result, "Net Promoter Score")
    assert {label: round(Decimal(str(score)), 9) for label, score in scores.items()} == {
        m: round(nps(rows), 9) for m, rows in months.items()
    }
    assert counts(result) == {m: len(rows) for m, rows in months.items()}
    for kind in ("Promoter", "Passive", "Detractor"):
        sums = {label: Counter(map(category, rows))[kind] for label, rows in months.items()}
        assert of_groups(result, f"Sum of Is {kind}") == sums
    assert [group.label for group in result.down] == sorted(months, key=lambda label: datetime.strptime(label, "%B %Y"))
    assert result.total.count == len(counted(history)) == len(responses(history)) - 1


def test_answers_over_time__by_category(history: World) -> None:
    """Each month's answers divided into promoters, passives and detractors."""
    result = run(history, "NPS_Answers_Over_Time")
    found = {
        (group.label, part.label): result.facts[(at, inner), ()].count
        for at, group in enumerate(result.down)
        for inner, part in enumerate(group.children)
    }
    assert found == Counter((month(row), category(row)) for row in counted(history))


def test_open_follow_ups__by_age(history: World) -> None:
    """Those that are open, by the days since the answer."""
    now = history.org.now()

    def age(row: Row) -> str:
        days = (now - moment(row["Responded_At__c"])) / timedelta(days=1)
        return "1: up to a day" if days <= 1 else "2: up to 2 days" if days <= 2 else "3: up to 7 days" if days <= 7 else "4: longer"

    waiting = [row for row in responses(history) if row["Follow_Up_Status__c"] == "Open"]
    result = run(history, "NPS_Open_Follow_Ups")
    assert waiting
    assert counts(result) == Counter(map(age, waiting))
    listed = {row[0].value for at in range(len(result.down)) for row in result.facts[(at,), ()].rows}
    assert listed == {row["Name"] for row in waiting}


def test_loop_closure__share_and_speed(history: World) -> None:
    """Which share of the follow-ups is done, and how quickly."""
    due = [row for row in responses(history) if row["Follow_Up_Status__c"] in ("Open", "Done")]
    done = [row for row in due if row["Follow_Up_Status__c"] == "Done"]
    hours = [(moment(row["Followed_Up_At__c"]) - moment(row["Responded_At__c"])) / timedelta(hours=1) for row in done]
    result = run(history, "NPS_Loop_Closure")
    share = of_groups(result, "Share of follow-ups")
    assert 0 < len(done) < len(due)
    assert round(Decimal(str(share["Done"])), 6) == round(Decimal(100 * len(done)) / len(due), 6)
    assert round(Decimal(str(share["Open"])), 6) == round(Decimal(100 * (len(due) - len(done))) / len(due), 6)
    average = of_groups(result, "Average Hours to Follow-Up")["Done"]
    assert float(str(average)) == pytest.approx(sum(round(each, 1) for each in hours) / len(hours), abs=0.05)
    bands = Counter("<=24h" if each <= 24 else "24-48h" if each <= 48 else ">48h" for each in hours)
    place = [group.label for group in result.down].index("Done")
    found = {part.label: result.facts[(place, at), ()].count for at, part in enumerate(result.down[place].children)}
    assert found == bands
    assert len(bands) > 1


def test_escalations__open_and_closed(history: World) -> None:
    """Answers with a Case, by whether it is closed."""
    escalated = [row for row in responses(history) if row["Case__c"]]
    found = counts(run(history, "NPS_Escalations"))
    assert found == Counter(str(row["Case__r"]["IsClosed"]).lower() for row in escalated)
    assert set(found) == {"true", "false"}


def test_health__by_owner(history: World) -> None:
    """The average of each owner's Accounts that have a health score."""
    rows = history.rows("SELECT Owner.Name, NPS_Health_Score__c FROM Account WHERE NPS_Health_Score__c != null")
    owners = grouped(rows, lambda row: str(row["Owner"]["Name"]))
    result = run(history, "NPS_Health_By_Owner")
    averages = of_groups(result, "Average NPS Health Score")
    assert set(averages) == {"Maria", "Lena"}
    for name, accounts in owners.items():
        expected = sum(row["NPS_Health_Score__c"] for row in accounts) / len(accounts)
        assert float(str(averages[name])) == pytest.approx(expected)
    assert counts(result) == {name: len(accounts) for name, accounts in owners.items()}


def test_automation__by_status_and_dead_letters(history: World) -> None:
    """What became of each response, and what could not be written and is not resolved."""
    expected = Counter(row["Automation_Status__c"] for row in responses(history) if row["Automation_Status__c"])
    assert counts(run(history, "NPS_Automation_Health")) == expected
    assert counts(run(history, "NPS_Dead_Letters")) == {"STRING_TOO_LONG": 2}


def test_promoters__surveyed_within_ninety_days(history: World) -> None:
    """Accounts to ask for a reference, by owner, with their names."""
    since = history.org.now().astimezone(_ZONE).date() - timedelta(days=90)
    rows = history.rows("SELECT Name, Owner.Name, NPS_Segment__c, NPS_Last_Surveyed_At__c FROM Account")
    promoters = [row for row in rows if row["NPS_Segment__c"] == "Promoter"]
    recent = [row for row in promoters if moment(row["NPS_Last_Surveyed_At__c"]).astimezone(_ZONE).date() >= since]
    result = run(history, "NPS_Recent_Promoters")
    assert recent
    assert counts(result) == Counter(row["Owner"]["Name"] for row in recent)


def test_list_view__only_recently_surveyed_promoters(history: World) -> None:
    """The list from which advocates are asked: a promoter whose last survey is long ago is not on it, nor is anybody who is not one."""
    past = text_of(history.org.now() - timedelta(days=91))
    web = create_app(history.org).test_client()

    def listed() -> set[str]:
        page = web.get("/o/Account?view=NPS_Recent_Promoters").text
        assert "does not apply" not in page
        return {row["Name"] for row in history.rows("SELECT Name FROM Account") if f">{row['Name']}<" in page}

    rows = history.rows("SELECT Id, Name, NPS_Segment__c, NPS_Last_Surveyed_At__c FROM Account")
    promoters = {row["Name"]: row["Id"] for row in rows if row["NPS_Segment__c"] == "Promoter"}
    assert promoters and len(promoters) < len(rows)
    assert listed() == set(promoters)

    history.org.snapshot("listed")
    history.update(promoters.popitem()[1], NPS_Last_Surveyed_At__c=past)
    assert listed() == set(promoters)
    history.org.restore("listed")


def test_dashboard__every_component_has_its_figure(history: World) -> None:
    """No component is refused, each is drawn by a figure and a grouping that its report has, and none lies over another."""
    found = run_dashboard(history.org, "NPS/NPS", user=None, time_zone=_ZONE)
    assert {tile.report for tile in found.tiles} == {f"NPS/{name.partition('/')[2]}" for name in history.org.metadata.of_type("Report")}
    drawn = {tile.report.partition("/")[2]: tile.result.summaries[tile.summary].label for tile in found.tiles if tile.result}
    assert [tile.problem for tile in found.tiles if tile.problem] == []
    assert drawn["NPS_Over_Time"] == "Net Promoter Score"
    assert drawn["NPS_Health_By_Owner"] == "Average NPS Health Score"
    assert {drawn[name] for name in drawn if name not in ("NPS_Over_Time", "NPS_Health_By_Owner")} == {"Record count"}
    assert len({(tile.place.row, tile.place.column) for tile in found.tiles}) == len(found.tiles)


def test_groups__are_never_empty(history: World) -> None:
    """A group stands for at least one row, in every report."""

    def sizes(result: ReportResult, groups: tuple[Group, ...], path: tuple[int, ...]) -> Iterable[int]:
        for at, group in enumerate(groups):
            yield result.facts[(*path, at), ()].count
            yield from sizes(result, group.children, (*path, at))

    for name in history.org.metadata.of_type("Report"):
        result = run(history, name.partition("/")[2])
        assert result.down
        assert min(sizes(result, result.down, ())) > 0


def test_pages__of_a_person_a_company_and_the_dashboard(history: World) -> None:
    """The follow-up and the e-mail stand on the person's page, the parts of the health on the company's, figures on the dashboard."""
    web = create_app(history.org).test_client()
    email = history.emails()[0]
    contact = history.row(f"SELECT Id, AccountId FROM Contact WHERE Email = '{email['to'][0]}'")
    person = web.get(f"/r/{contact['Id']}").text
    assert email["subject"] in person
    assert "NPS follow-up" in person
    explanation = history.value(contact["AccountId"], "NPS_Health_Explanation__c")
    company = web.get(f"/r/{contact['AccountId']}").text
    assert [part for part in explanation.split("; ") if f"<li>{part}</li>" not in company] == []
    board = web.get("/dashboards/NPS/NPS").text
    assert board.count('class="bar') >= 12
    assert "not supported" not in board
