"""The private key of a JWT login: what is said when it is none, without a line of it, and with nothing sent."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.connect.world import BRIDGE, CONSUMER_KEY, assert_says, pem
from tooling.connect import connect
from tooling.errors import NpsError

ENVIRON = {"SF_USERNAME": BRIDGE, "SF_CLIENT_ID": CONSUMER_KEY}
BAD_KEYS: dict[str, Callable[[rsa.RSAPrivateKey], str]] = {
    "no key": lambda key: "n0t-a-k3y",
    "cut off": lambda key: pem(key)[:200],
    "public": lambda key: (
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    ),
    "elliptic": lambda key: pem(ec.generate_private_key(ec.SECP256R1())),
    "with a password": lambda key: pem(key, serialization.BestAvailableEncryption(b"secret")),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_key__is_none(key: rsa.RSAPrivateKey, kind: str) -> None:
    """A key of another kind is named as the problem; neither the error nor its traceback has a line of it."""
    bad = BAD_KEYS[kind](key)
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**ENVIRON, "SF_PRIVATE_KEY": bad})
    assert_says(raised, "RSA private key in PEM form", "SF_PRIVATE_KEY")
    told = "".join(traceback.format_exception(raised.value))
    lines = bad.splitlines()[1:-1] or [bad]
    assert not any(line in told for line in lines)


def test_key__missing() -> None:
    """Neither variable is set."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ=ENVIRON)
    assert_says(raised, "SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE")


def test_key__file_missing(tmp_path: Path) -> None:
    """The file that is named is not there."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**ENVIRON, "SF_PRIVATE_KEY_FILE": str(tmp_path / "server.key")})
    assert_says(raised, "server.key cannot be read", "No such file")


def test_key__file_is_no_text(tmp_path: Path) -> None:
    """A key store or a DER file is no PEM file."""
    (tmp_path / "server.key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**ENVIRON, "SF_PRIVATE_KEY_FILE": str(tmp_path / "server.key")})
    assert_says(raised, "server.key cannot be read", "PEM")
