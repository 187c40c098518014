"""`python -m tooling.local_org`, as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

from tooling.local_org.__main__ import interviews_command
from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.schema.source import read_folder
from tooling.local_org.server import serve

ROOT = Path(__file__).parents[3]
PACKAGE = Path(__file__).parent / "package"
AUTOMATION = Path(__file__).parents[1] / "automation/package"


def run(*arguments, cwd):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(cwd)}
    return subprocess.Popen(
        [sys.executable, "-m", "tooling.local_org", *map(str, arguments)],
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_serve__ready_line_environment_reset_and_end(tmp_path):
    """One line when it answers, variables that reach it, a reset, a clean end; what it held persists under --data."""
    server = run("serve", "--port", 0, "--data", "data", "--deploy", PACKAGE, "--clock", "2026-03-01T09:00:00Z", cwd=tmp_path)
    try:
        line = server.stdout.readline().strip()
        assert line.startswith("Local org ready: https://localhost:")
        base = line.removeprefix("Local org ready: ").replace("https", "http")
        assert requests.get(f"{base}/local-org/clock").json()["now"].startswith("2026-03-01T09:0")
        code, out, _ = finish(run("env", cwd=tmp_path))
        assert code == 0
        assert f"export SF_INSTANCE_URL={base.replace('http', 'https')}" in out
        code, out, _ = finish(run("env", "--user", "nobody@example.com", cwd=tmp_path))
        assert (code, out) == (3, "")
        assert finish(run("reset", "--to", "deployed", cwd=tmp_path))[:2] == (0, "The records are gone, the metadata stays.\n")
    finally:
        server.send_signal(signal.SIGTERM)
        code, out, err = finish(server)
    assert (code, out, err) == (0, "", "")
    assert list((tmp_path / "data").iterdir())


def test_serve__refused_deploy(tmp_path):
    """A deploy that is refused is told with its place, and nothing is served."""
    broken = tmp_path / "broken" / "objects"
    broken.mkdir(parents=True)
    (broken.parent / "package.xml").write_text((PACKAGE / "package.xml").read_text())
    (broken / "Widget__c.object").write_text("<CustomObject><oops></CustomObject>")
    code, out, err = finish(run("serve", "--port", 0, "--deploy", broken.parent, cwd=tmp_path))
    assert (code, out) == (1, "")
    assert "Widget__c.object:1:" in err


def test_reset__nothing_answers(tmp_path):
    """Without a running org the command says how to start one."""
    code, _, err = finish(run("reset", "--port", 1, cwd=tmp_path))
    assert code == 3
    assert "tooling.local_org serve" in err


def test_interviews__of_a_served_org(tmp_path, capsys):
    """The newest interviews as lines a person reads, or as JSON; without an org, exit code 3 and how to start one."""
    with Org.open() as org:
        admin = org.user_of_token(ADMIN_TOKEN)
        assert org.deploy(admin, read_folder(AUTOMATION)).success
        with serve(org, port=0, home=tmp_path) as served:
            assert interviews_command(port=served.port, home=tmp_path) == 0
            nothing = capsys.readouterr().out
            assert org.insert(admin, [{"attributes": {"type": "Project__c"}, "Name": "A"}])[0].success
            assert interviews_command(port=served.port, home=tmp_path, flow="Project_Set_Defaults") == 0
            text = capsys.readouterr().out
            assert interviews_command(port=served.port, home=tmp_path, limit=1, as_json=True) == 0
            found = json.loads(capsys.readouterr().out)

    assert "No flow has run yet" in nothing
    assert "(Project_Set_Defaults)" in text
    assert len(found["interviews"]) == 1
    assert interviews_command(port=9, home=tmp_path) == 3
    assert "Start it with" in capsys.readouterr().err
