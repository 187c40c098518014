"""What the name of a host says about the org behind it: known before any call is made.

"My Domain URL Formats" (Salesforce Help): a partition stands between the org's name and `my.salesforce.com`, two hyphens before a
sandbox's name; sandboxes without enhanced domains are on instances called cs and a number.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urlsplit


class OrgKind(StrEnum):
    PRODUCTION = "production"
    SANDBOX = "sandbox"
    SCRATCH = "scratch org"
    DEVELOPER = "Developer Edition"
    LOCAL = "local org"


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MY_DOMAIN = re.compile(r"(?P<name>[a-z0-9-]+)(?:\.(?P<partition>[a-z0-9]+))?\.my\.salesforce\.(?:com|mil)")
_INSTANCE = re.compile(r"(?P<partition>[a-z]+\d+)\.salesforce\.(?:com|mil)")
_PARTITIONS = {"sandbox": OrgKind.SANDBOX, "scratch": OrgKind.SCRATCH, "develop": OrgKind.DEVELOPER}
_TEST_INSTANCE = re.compile(r"cs\d+")


def kind_of(host: str) -> OrgKind | None:
    """The kind of the org at a host name, with or without port; None when its name does not tell.

    >>> [kind_of(f"acme{rest}.my.salesforce.com") for rest in ("", "--uat.sandbox", "--uat")]
    [<OrgKind.PRODUCTION: 'production'>, <OrgKind.SANDBOX: 'sandbox'>, <OrgKind.SANDBOX: 'sandbox'>]
    """
    name = urlsplit(f"//{host}").hostname or ""
    if name in LOOPBACK:
        return OrgKind.LOCAL
    found = _MY_DOMAIN.fullmatch(name) or _INSTANCE.fullmatch(name)
    if found is None:
        return None
    partition = found["partition"] or ""
    if partition in _PARTITIONS:
        return _PARTITIONS[partition]
    if _TEST_INSTANCE.fullmatch(partition) or "--" in found.groupdict().get("name", ""):
        return OrgKind.SANDBOX
    # Other partitions (demo, trailblaze, patch …) are of no customer's; instances such as na139 are production.
    return OrgKind.PRODUCTION if not partition or re.fullmatch(r"[a-z]+\d+", partition) else None
