"""Reports and dashboards: what of them is run."""

from __future__ import annotations

from collections.abc import Iterator

from ..engine import reports
from ..engine.filter_items import OPERATIONS
from ..engine.reports import ReportError, assumptions
from ..engine.reports.dashboards import SHOWN
from ..engine.reports.definition import AGGREGATES, FORMATS, GRANULARITIES, REFUSED, REFUSED_IN_GROUPINGS
from ..engine.reports.filters import DATE_OPERATORS, INTERVALS
from ..engine.reports.run import MOST_ROWS
from .markdown import bullets, code, section, table, words
from .source import complaints


def sections() -> Iterator[str]:
    rows = (
        ("formats", words(FORMATS)),
        ("report types", "custom ones, with up to four objects joined, inner and outer"),
        ("filter operators", words(OPERATIONS)),
        ("filter operators on dates", words(DATE_OPERATORS)),
        ("filter values", "several, relative dates (`LAST_N_DAYS:90`), days; filter logic with AND, OR, NOT and parentheses"),
        ("time frames", words(["INTERVAL_CUSTOM", *INTERVALS])),
        ("groupings", f"down and across; dates by {words(GRANULARITIES)}"),
        ("aggregates", f"`RowCount` {words(AGGREGATES)}"),
        ("summary formulas", "of every type, with PARENTGROUPVAL of one grouping; shown for every level or for one down"),
        ("rows", f"sortColumn, rowLimit of tabular reports; details of {MOST_ROWS:,} rows, figures of all"),
        ("dashboard components", words(SHOWN)),
    )
    yield section(
        "Reports and dashboards",
        "Deployed ones are run on the pages for people (`/reports`, `/dashboards`); the Analytics API is not there. Every report can be "
        "deployed, retrieved and listed; one that uses anything else than the following says so on its page instead of showing figures:",
        table(("", "run"), rows),
        f"Refused by name: {words((*REFUSED, *REFUSED_IN_GROUPINGS))}; standard report types; scopes other than `organization`; filters of "
        "dashboards.",
        "What running a report complains of:",
        bullets(map(code, complaints(reports, ReportError))),
        "Assumed:",
        bullets(assumptions.ASSUMPTIONS),
    )
