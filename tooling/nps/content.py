"""What a response says, normalised, and the hash that tells whether it changed."""

from __future__ import annotations

import hmac
import unicodedata

from tooling.nps.response import Response

LONGEST_VERBATIM = 32_000


def normalised_verbatim(text: str | None) -> str | None:
    r"""NFC, LF line ends, trimmed, cut to what the org's field holds; None when nothing is left.

    Salesforce trims what it stores: without this, a trailing space would look like an edit at every sync.

    >>> normalised_verbatim("slow\r\nbut nice  ")
    'slow\nbut nice'
    """
    if text is None:
        return None
    clean = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    return clean[:LONGEST_VERBATIM].strip() or None


def content_hash(response: Response, org_id: str) -> str:
    """64 hexadecimal digits over score, outcome, verbatim and tags, keyed by org and response.

    Keyed, so that equal comments of two people, or of two orgs, cannot be linked by their hashes.
    """
    parts = (
        "" if response.score is None else str(response.score),
        response.outcome.value,
        normalised_verbatim(response.verbatim) or "",
        *sorted(response.tags),
    )
    message = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.digest(f"{org_id[:15]}|{response.key}".encode(), message.encode(), "sha256").hex()
