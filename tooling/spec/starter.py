"""The mapping spec that `nps init` writes: short, commented, and without e-mails."""

from __future__ import annotations

from enum import StrEnum


class Start(StrEnum):
    """Where the responses of a new spec come from."""

    PROMOTER_IO = "promoter_io"
    CSV = "csv"
    JSON_LINES = "json_lines"


_PROMOTER_IO = """  promoter_io:
    campaigns: all            # or a list of campaign ids: [270, 271]
    survey_type: relationship # relationship: about the company as a whole; transactional: about one event
"""
_FILES = """  files:
    - path: "responses/*.{ending}"
      format: {format}
      name: web_form          # what the responses' key begins with
      columns:                # which {part} of the file holds what
        id: id
        score: score
        verbatim: comment
        email: email
        responded_at: date    # 2026-03-02 or 2026-03-02T09:00:00Z
"""
_SPEC = """# The mapping spec: what NPS for Salesforce makes in the org, and what flows into it. What is not said here has a default.
# `nps check` checks it, `nps generate` writes force-app/ from it; docs/nps.schema.json of the product helps editors to complete.
version: 1

# Where responses come from.
sources:
{sources}
# Whose response it is. In order; the first rule that finds exactly one person wins. Never guessed: the rest is parked for `nps review`.
match:
  people:
    - {{by: user_id, field: NPS_User_Id__c}}
    - {{by: email, fields: [Email]}}   # add your own e-mail fields: [Email, Secondary_Email__c]

# A detractor gets an answer: one Task, never two for one response.
follow_up:
  default_user: {default_user}   # gets the Task when no manager or owner can
  detractor:
    assign: [success_manager, account_owner, lead_owner]
    due: 24h
    priority: High
    max_age: 14d              # an older answer starts nothing

# E-mails are off: add a section `emails` when the texts and the sender are agreed.
"""
_DEFAULT_USER = "success@example.com"


def starter(source: Start, default_user: str | None = None) -> str:
    """The text of a new spec. `default_user` is a Salesforce user name; without it an example stands there to be replaced."""
    if source is Start.PROMOTER_IO:
        sources = _PROMOTER_IO
    else:
        ending, part = ("csv", "column") if source is Start.CSV else ("jsonl", "key")
        sources = _FILES.format(ending=ending, format=source.value, part=part)
    return _SPEC.format(sources=sources, default_user=default_user or _DEFAULT_USER)
