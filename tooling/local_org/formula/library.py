"""Every function of the language by name, and those that are known but refused."""

from __future__ import annotations

from . import functions_date, functions_logic, functions_number, functions_record, functions_text
from .functions import Function

FUNCTIONS: dict[str, Function] = {
    f.name: f for module in (functions_logic, functions_text, functions_number, functions_date, functions_record) for f in module.FUNCTIONS
}

REFUSED = frozenset(
    {
        "CURRENCYRATE", "GETRECORDIDS", "GETSESSIONID", "HTMLENCODE", "IMAGEPROXYURL", "JSENCODE", "JSINHTMLENCODE", "JUNCTIONIDLIST",
        "LINKTO", "PARENTGROUPVAL", "PREDICT", "PREVGROUPVAL", "REQUIRESCRIPT", "URLENCODE", "URLFOR",
    }
)  # fmt: skip
"""Functions of pages, buttons and reports, and those that need a browser session or exchange rates, which the local org has not."""
