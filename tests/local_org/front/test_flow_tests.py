"""Flow tests over HTTP and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tooling.local_org.__main__ import main
from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.front.app import create_app
from tooling.local_org.schema.source import read_folder

PACKAGE = Path(__file__).parents[1] / "automation" / "package"
V = "/services/data/v66.0/tooling"
WRONG = "Project_Guard_Wrong_Expectation"


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with Org.open() as org:
        assert org.deploy(org.user_of_token(ADMIN_TOKEN), read_folder(PACKAGE)).success
        yield create_app(org).test_client()


def run(client: FlaskClient, body: object, how: str = "runTestsSynchronous") -> dict:
    return client.post(f"{V}/{how}", json=body, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}).get_json()


def test_control__runs_all(client: FlaskClient) -> None:
    """Without a body every flow test runs; the answer counts and carries each with its trace."""
    answer = client.post("/local-org/test-flows").get_json()
    assert (answer["passed"], answer["failed"], len(answer["tests"])) == (4, 1, 5)
    assert [test["name"] for test in answer["tests"] if test["outcome"] != "Pass"] == [WRONG]
    assert answer["tests"][0]["interview"]["elements"]


def test_control__runs_the_named(client: FlaskClient) -> None:
    """Named tests run in the order they are named; an unknown one is an error, and so is a body that names none."""
    named = client.post("/local-org/test-flows", json={"tests": [WRONG, "Project_Score_Of_Nothing"]}).get_json()
    assert [test["outcome"] for test in named["tests"]] == ["Fail", "Pass"]
    unknown = client.post("/local-org/test-flows", json={"tests": ["Nope"]})
    assert (unknown.status_code, unknown.get_json()[0]["errorCode"]) == (404, "NOT_FOUND")
    assert client.post("/local-org/test-flows", json={"tests": "Nope"}).get_json()[0]["errorCode"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"tests": [{"className": f"FlowTesting.{WRONG}"}]}, [WRONG]),
        ({"tests": [{"className": "FlowTesting.Project_Guard"}]}, [WRONG]),
        (
            {"tests": [{"className": "FlowTesting.Project_Score", "testMethods": ["Project_Score_Of_Nothing"]}]},
            ["Project_Score_Of_Nothing"],
        ),
        ({"classNames": "FlowTesting.project_close,SomeApexTest"}, ["Project_Close_Scores"]),
        ({"tests": [{"className": "SomeApexTest"}]}, []),
        ({"testLevel": "RunLocalTests"}, []),
    ],
)
def test_tooling__synchronous_run(client: FlaskClient, body: object, names: list[str]) -> None:
    """A class is a flow or a flow test, a method a test; of Apex there is nothing to run."""
    answer = run(client, body)
    ran = [each["methodName"] for each in (*answer["successes"], *answer["failures"])]
    assert (ran, answer["numTestsRun"]) == (names, len(names))
    assert [each["message"] for each in answer["failures"]] == (["The page error must come."] if names == [WRONG] else [])


def test_tooling__all_by_level_and_category(client: FlaskClient) -> None:
    """With the category Flow a test level takes all flow tests."""
    assert run(client, {"testLevel": "RunLocalTests", "category": ["Flow"]})["numTestsRun"] == 5


def test_tooling__refused(client: FlaskClient) -> None:
    """Unknown names, and what this org does not do, are errors that say so."""
    assert run(client, {"tests": [{"className": "FlowTesting.Nope"}]})[0]["errorCode"] == "NOT_FOUND"
    assert run(client, {"tests": [{"className": "FlowTesting.Project_Score", "testMethods": ["Nope"]}]})[0]["errorCode"] == "NOT_FOUND"
    assert run(client, {"tests": ["Nope"]})[0]["errorCode"] == "JSON_PARSER_ERROR"
    asynchronous = run(client, {"tests": [{"className": f"FlowTesting.{WRONG}"}]}, "runTestsAsynchronous")
    assert "runTestsSynchronous" in asynchronous[0]["message"]


def test_command__deployed_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a test, the reason below the one that fails, and its exit code; JSON for programs."""
    assert main(["test-flows", "--deploy", str(PACKAGE)]) == 1
    out = capsys.readouterr().out
    assert "FAIL   Project_Guard_Wrong_Expectation  Project_Guard, " in out
    assert "at Finish: Refuse_Reopening EqualTo: False, expected True" in out
    assert out.endswith("4 passed, 1 did not pass\n")
    assert main(["test-flows", "--deploy", str(PACKAGE), "--json", "Project_Close_Scores"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] == 1


def test_command__refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown test is wrong input, an org that does not answer is not reached."""
    assert main(["test-flows", "--deploy", str(PACKAGE), "Nope"]) == 2
    assert "No FlowTest named Nope found" in capsys.readouterr().err
    assert main(["test-flows", "--port", "1"]) == 3
    assert "No local org answers on port 1" in capsys.readouterr().err
