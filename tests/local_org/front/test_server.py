"""Sockets: TLS and plain HTTP on one port, silent connections, certificates."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest
import requests

from tooling.local_org.front.certificates import Certificates
from tooling.local_org.front.environment import environment, forget_saved_org
from tooling.local_org.server import PortInUse, serve

VERSIONS = "/services/data"


def test_serve__both_protocols_on_one_port(served):
    """https and http, by name and by address, answer on the same port."""
    for base in (served.url, served.plain_url, f"https://127.0.0.1:{served.port}", f"http://127.0.0.1:{served.port}"):
        assert requests.get(base + VERSIONS).status_code == 200


def test_serve__silent_connections_delay_nobody(served):
    """A hundred connections that say nothing, and some that stop in the middle of a handshake, do not hold up a request."""
    silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(100)]
    for each in silent[:5]:
        each.sendall(b"\x16\x03")
    try:
        start = time.monotonic()
        assert requests.get(served.url + VERSIONS).status_code == 200
        assert time.monotonic() - start < 2
    finally:
        for each in silent:
            each.close()


def test_serve__late_first_byte(served):
    """A connection that was silent for a while is served when it speaks."""
    with socket.create_connection(("127.0.0.1", served.port)) as late:
        requests.get(served.plain_url + VERSIONS)
        late.sendall(b"GET /services/data HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert late.recv(15) == b"HTTP/1.1 200 OK"


def test_serve__many_keep_alive_connections(served):
    """48 clients at once, each on its own kept-alive connection."""
    failures = []

    def drive():
        with requests.Session() as session:
            for _ in range(3):
                answer = session.get(served.plain_url + VERSIONS)
                if answer.status_code != 200:
                    failures.append(answer.status_code)

    threads = [threading.Thread(target=drive) for _ in range(48)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_serve__chunked_bodies_keep_the_connection(rest):
    """A chunked upload is read whole, and the next request on the same connection is answered."""
    for number in range(3):
        body = iter([b'{"Name": ', b'"Chunk ', str(number).encode(), b'"}'])
        made = rest.post("/services/data/v66.0/sobjects/Account", data=body, headers={"Content-Type": "application/json"})
        assert made.status_code == 201
        assert rest.delete(f"/services/data/v66.0/sobjects/Account/{made.json()['id']}").status_code == 204


def test_serve__foreign_host_names_are_refused(served):
    """A page of another site that made its name lead here is not answered."""
    refused = requests.get(served.plain_url + VERSIONS, headers={"Host": "evil.example"})
    assert refused.status_code == 400


def test_serve__port_in_use(org, served, tmp_path):
    """A taken port is refused with the remedy."""
    with pytest.raises(PortInUse, match="--port"), serve(org, port=served.port, home=tmp_path):
        pass


def test_certificates__are_reused(tmp_path):
    """The authority of a home directory stays the same; its private key is not there; the server's is readable by its owner only."""
    first = Certificates.ensure(tmp_path).ca.read_bytes()
    again = Certificates.ensure(tmp_path)
    assert again.ca.read_bytes() == first
    assert b"PRIVATE KEY" not in first
    assert again.server.stat().st_mode & 0o077 == 0
    again.server.write_text("broken")
    assert Certificates.ensure(tmp_path).ca.read_bytes() != first


def test_certificates__bundle_joins_the_named_one(tmp_path, monkeypatch):
    """The bundle holds what the environment names now and our authority, once, however often it is made."""
    other = Certificates.ensure(tmp_path / "other").ca
    certificates = Certificates.ensure(tmp_path / "home")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    bundle = certificates.bundle()
    text = bundle.read_text()
    assert other.read_text().strip() in text
    assert certificates.ca.read_text().strip() in text
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert certificates.bundle().read_text() == text
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert certificates.bundle().read_text().count("BEGIN CERTIFICATE") > 50


def test_certificates__are_trusted_by_strict_clients(served):
    """The certificate stands for the name and both addresses."""
    context = ssl.create_default_context(cafile=served.certificates.ca)
    for name in ("localhost", "127.0.0.1", "::1"):
        with socket.create_connection(("127.0.0.1", served.port)) as raw, context.wrap_socket(raw, server_hostname=name) as wrapped:
            assert wrapped.version() in {"TLSv1.2", "TLSv1.3"}


def test_environment__names_what_clients_read(tmp_path, monkeypatch):
    """All variables of the contract; NO_PROXY only where a proxy is set."""
    found = environment(8765, tmp_path)
    assert found["SF_INSTANCE_URL"] == "https://localhost:8765"
    assert '"org_id": "00D000000000001EAA"' in found["CUMULUSCI_ORG_local"]
    assert {"REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL", "SF_TARGET_ORG"} <= set(found)
    assert "NO_PROXY" not in found
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert "localhost" in environment(8765, tmp_path)["NO_PROXY"]


def test_environment__forgets_the_saved_org(tmp_path, monkeypatch):
    """What cci saved under the same name would win over the variable, so it goes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    project = tmp_path / "work"
    project.mkdir()
    (project / "cumulusci.yml").write_text("minimum_cumulusci_version: '4'\nproject:\n    # the name\n    name: Some Project\n")
    saved = tmp_path / ".cumulusci" / "Some Project" / "local.org"
    saved.parent.mkdir(parents=True)
    saved.write_text("x")
    assert forget_saved_org(project) == saved
    assert not saved.exists()
    assert forget_saved_org(project) is None
