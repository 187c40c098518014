"""CumulusCI's keychain, with CumulusCI itself and a served org."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.connect.world import BRIDGE, CONSUMER_KEY, CONSUMER_SECRET, World, assert_says, user_of
from tooling.connect import connect
from tooling.errors import NpsError, Unreachable
from tooling.local_org.front.environment import environment

QUERY = "SELECT Username FROM User WHERE Username LIKE 'bridge%'"


@pytest.fixture
def project(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CumulusCI project, with a home and a keychain of its own, on a machine that trusts the org."""
    pytest.importorskip("cumulusci", reason="CumulusCI is an extra")
    root = tmp_path / "project"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    (root / "cumulusci.yml").write_text("minimum_cumulusci_version: '4.0.0'\nproject:\n  name: keychain-test\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CUMULUSCI_KEY", "0123456789abcdef")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.served.ca_bundle))
    monkeypatch.setattr(sys, "path", list(sys.path))  # CumulusCI adds the project to it
    monkeypatch.chdir(root)
    return root


def refresh_token(world: World) -> str:
    """What `cci org connect` gets when `BRIDGE` logs in by the browser."""
    page = {"response_type": "code", "redirect_uri": "http://localhost:7788/callback", "login_hint": BRIDGE}
    sent = requests.get(f"{world.served.plain_url}/services/oauth2/authorize", params=page, allow_redirects=False, timeout=10)
    code = requests.utils.unquote(sent.headers["Location"].partition("code=")[2].partition("&")[0])
    form = {"grant_type": "authorization_code", "code": code}
    return str(requests.post(f"{world.served.plain_url}/services/oauth2/token", data=form, timeout=10).json()["refresh_token"])


def save_org(world: World, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> dict[str, Any]:
    org = {
        "instance_url": world.served.url, "access_token": "00D000000000001!AQ4AQ0LD", "refresh_token": refresh_token(world),
        "client_id": CONSUMER_KEY, "client_secret": CONSUMER_SECRET, "org_id": world.org.id, "username": BRIDGE,
        "id": f"https://login.salesforce.com/id/{world.org.id}/005000000000001AAA", **changes,
    }  # fmt: skip
    monkeypatch.setenv("CUMULUSCI_ORG_prod", json.dumps(org))
    return org


def test_keychain__logs_in(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An org of the keychain is logged in to by its refresh token; the token that lies there is not relied on."""
    save_org(world, monkeypatch)
    assert user_of(connect("prod", environ=world.trust)) == BRIDGE


def test_keychain__local_org_of_the_environment(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `nps local-org env` prints is an org of the keychain."""
    told = environment(world.served.port, world.served.certificates.home)
    monkeypatch.setenv("CUMULUSCI_ORG_local", told["CUMULUSCI_ORG_local"])
    monkeypatch.setenv("CUMULUSCI_ORG_other", told["CUMULUSCI_ORG_local"])
    assert user_of(connect("other", environ=world.trust)) == "admin@local.example"


def test_keychain__session_renewed_when_it_ends(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that ends in the middle is renewed by CumulusCI."""
    save_org(world, monkeypatch)
    gateway = connect("prod", environ=world.trust)
    world.end_sessions()
    assert gateway.query(QUERY)[0]["Username"] == BRIDGE
    gateway.close()


@pytest.mark.parametrize("inside", [True, False], ids=["in a project", "outside of one"])
def test_keychain__name_unknown(world: World, project: Path, monkeypatch: pytest.MonkeyPatch, inside: bool) -> None:
    """An unknown name is an error that says how to list and to connect orgs; the environment is not used instead."""
    if not inside:
        monkeypatch.chdir(project.parent)
    with pytest.raises(NpsError) as raised:
        connect("nowhere", environ=world.token)
    assert_says(raised, "nowhere", "cci org list", "cci org connect nowhere")


def test_keychain__scratch_org_not_created(project: Path) -> None:
    """No scratch org comes into being because somebody wanted to write to it."""
    with pytest.raises(NpsError) as raised:
        connect("dev", environ={})
    assert_says(raised, "dev was not created yet", "cci flow run dev_org --org dev")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"refresh_token": "5Aep-R3VOKED"}, "expired access/refresh token"),
        ({"client_secret": "an-old-5ECRET"}, "invalid client credentials"),
    ],
    ids=["refresh token", "secret"],
)
def test_keychain__login_refused(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], says: str
) -> None:  # fmt: skip
    """A login that CumulusCI is refused is our error, with what to connect again; nothing of what it sent is repeated."""
    org = save_org(world, monkeypatch, **changes)
    with pytest.raises(NpsError) as raised:
        connect("prod", environ=world.trust)
    assert_says(raised, says, "cci org connect prod")
    assert not any(str(org[name]) in str(raised.value) for name in ("access_token", "refresh_token", "client_secret"))


def test_keychain__private_key_of_the_environment_is_none(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CumulusCI's own JWT login, with a key that is none: our error, without the key."""
    save_org(world, monkeypatch)
    monkeypatch.setenv("SFDX_CLIENT_ID", CONSUMER_KEY)
    monkeypatch.setenv("SFDX_HUB_KEY", "n0t-a-k3y")
    with pytest.raises(NpsError) as raised:
        connect("prod", environ=world.trust)
    assert_says(raised, "no usable org prod")
    assert "n0t-a-k3y" not in str(raised.value)


def test_keychain__login_host_unreachable(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers: exit code 3."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    save_org(world, monkeypatch, instance_url=f"https://localhost:{port}")
    with pytest.raises(NpsError) as raised:
        connect("prod", environ=world.trust)
    assert_says(raised, f"cannot reach the login host localhost:{port}", kind=Unreachable, code=3)


def test_keychain__certificate_not_trusted(world: World, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An org whose certificate nobody trusts does not become trusted by trying again."""
    save_org(world, monkeypatch)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(NpsError) as raised:
        connect("prod", environ={})
    assert_says(raised, "certificate of localhost", "REQUESTS_CA_BUNDLE")


def test_keychain__project_file_broken(project: Path) -> None:
    """A cumulusci.yml that CumulusCI refuses is said to be so."""
    (project / "cumulusci.yml").write_text("project: [")
    with pytest.raises(NpsError) as raised:
        connect("prod", environ={})
    assert_says(raised, "cumulusci.yml")
