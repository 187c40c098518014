"""The local org's own certificate authority, and the bundles that make clients trust it beside the public ones."""

from __future__ import annotations

import importlib.util
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

_HOSTS = ("localhost", "127.0.0.1", "::1")
_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of one home directory: `ca.pem`, `server.pem` (key and certificate) and the bundles written on demand.

    The authority's private key is never written: nobody can make further certificates that this machine's clients trust.
    """

    home: Path

    @classmethod
    def ensure(cls, home: Path) -> Certificates:
        """Makes authority and server certificate in `home`, or keeps those that are there and will be valid for another month."""
        home.mkdir(parents=True, exist_ok=True)
        found = cls(home)
        if not found._usable():
            found._make()
        return found

    @property
    def ca(self) -> Path:
        return self.home / "ca.pem"

    @property
    def server(self) -> Path:
        return self.home / "server.pem"

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def bundle(self) -> Path:
        """PEM file for Python clients: what REQUESTS_CA_BUNDLE names now, else certifi's authorities, and ours.

        `requests` takes the variable instead of its own authorities, so ours alone would break every other host.
        """
        named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return self._merge(self.home / "bundle.pem", Path(named) if named else _certifi())

    def node_bundle(self) -> Path:
        """PEM file for NODE_EXTRA_CA_CERTS, which adds to Node's own authorities but names one file only."""
        named = os.environ.get("NODE_EXTRA_CA_CERTS")
        return self._merge(self.home / "node-ca.pem", Path(named) if named else None)

    def _merge(self, target: Path, base: Path | None) -> Path:
        ours = self.ca.read_text(encoding="ascii")
        if base is not None and base.resolve() == target.resolve() and target.exists():
            present = target.read_text(encoding="utf-8")
            if ours.strip() in present:
                return target
            # Our own bundle with an authority since replaced: start again from the public ones.
            base = _certifi()
        text = _authorities(base) if base is not None else ""
        if ours.strip() not in text:
            text = f"{text.rstrip()}\n{ours}" if text else ours
        partial = target.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
        return target

    def _usable(self) -> bool:
        try:
            certificate = x509.load_pem_x509_certificate(self.server.read_bytes())
            authority = x509.load_pem_x509_certificate(self.ca.read_bytes())
            certificate.verify_directly_issued_by(authority)
        except Exception:
            # Absent, cut short or of another authority: in every case the remedy is to make new ones.
            return False
        return min(certificate.not_valid_after_utc, authority.not_valid_after_utc) > datetime.now(UTC) + _RENEW_BEFORE

    def _make(self) -> None:
        authority = trustme.CA(organization_name="Local org (this machine only)")
        issued = authority.issue_cert(*_HOSTS, common_name="localhost")
        pem = issued.private_key_pem.bytes() + b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        self.server.unlink(missing_ok=True)
        handle = os.open(self.server, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        self.ca.write_bytes(authority.cert_pem.bytes())


def _authorities(source: Path) -> str:
    """The text of a PEM file, or of all files of a directory of authorities; nothing when it is not there."""
    if source.is_dir():
        return "\n".join(file.read_text(encoding="utf-8", errors="ignore") for file in sorted(source.iterdir()) if file.is_file())
    return source.read_text(encoding="utf-8", errors="ignore") if source.exists() else ""


def _certifi() -> Path | None:
    found = importlib.util.find_spec("certifi")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / "cacert.pem"
