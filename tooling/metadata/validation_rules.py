"""The validation rules of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.types.validation_rule import ValidationRule
from tooling.nps.score import HIGHEST, LOWEST

LEDGER_MAINTENANCE = "NPS_Ledger_Maintenance"
_ARCHIVED = ("Revision__c", "Revision_Key__c", "Score__c", "Outcome__c", "Verbatim__c", "Tags__c", "Responded_At__c",
             "Source_Modified_At__c", "Content_Hash__c")  # fmt: skip
"""Not Archived At and Run Key: archiving is repeated, with the same content, when a run was killed in between."""


def validation_rules() -> Iterator[ValidationRule]:
    yield ValidationRule(
        sobject="Survey_Response__c",
        name="Score_Is_0_To_10",
        description="A score is an integer from 0 to 10. Blank is allowed: dismissed surveys have none.",
        condition=f"AND(NOT(ISBLANK(Score__c)), OR(Score__c < {LOWEST}, Score__c > {HIGHEST}, Score__c <> FLOOR(Score__c)))",
        message=f"A score is a whole number from {LOWEST} to {HIGHEST}.",
        field="Score__c",
    )
    yield ValidationRule(
        sobject="Survey_Response__c",
        name="Dismissed_Has_No_Score",
        description="A dismissed survey is no answer: it never carries a score.",
        condition='AND(ISPICKVAL(Outcome__c, "Dismissed"), NOT(ISBLANK(Score__c)))',
        message="A dismissed survey has no score.",
        field="Score__c",
    )
    yield ValidationRule(
        sobject="Survey_Response__c",
        name="Content_Changes_By_Revision",
        description="What a response says changes only as the next revision, after the current content was archived. Refuses a writer that "
        f"planned on an older revision. Exempt: the custom permission {LEDGER_MAINTENANCE}.",
        condition=f"AND(NOT(ISNEW()), NOT($Permission.{LEDGER_MAINTENANCE}), "
        f"OR({_changed('Score__c', 'Verbatim__c', 'Outcome__c', 'Responded_At__c')}), "
        "Revision__c <> BLANKVALUE(PRIORVALUE(Revision__c), 0) + 1)",
        message="The answer cannot be edited: it changes only as the next revision from its source.",
    )
    yield ValidationRule(
        sobject="Survey_Response__c",
        name="Contact_And_Lead_Only_If_Converted",
        description="One person answered: a Contact or a Lead; both only when the Lead was converted.",
        condition="AND(NOT(ISBLANK(Contact__c)), NOT(ISBLANK(Lead__c)), NOT(Lead__r.IsConverted))",
        message="Choose a Contact or a Lead: both only if the Lead is converted.",
        field="Lead__c",
    )
    yield ValidationRule(
        sobject="Survey_Response__c",
        name="Closed_By_Hand_Says_Why",
        description="Whoever closes a follow-up on the response says what was behind the answer and what was done about it. Closing the "
        "Task is never refused: the list view Closed without root cause has what is still to be said.",
        condition='AND(ISPICKVAL(Follow_Up_Status__c, "Done"), ISCHANGED(Follow_Up_Status__c), NOT(ISCHANGED(Followed_Up_At__c)), '
        "NOT(ISCHANGED(Automation_Status__c)), OR(ISBLANK(TEXT(Root_Cause__c)), ISBLANK(Resolution__c)))",
        message="Fill in Root Cause and Resolution: what was behind the answer, and what was done about it.",
    )
    yield ValidationRule(
        sobject="Survey_Response_Revision__c",
        name="Revisions_Are_Never_Edited",
        description=f"An archived revision stays as it is. Exempt: the custom permission {LEDGER_MAINTENANCE}.",
        condition=f"AND(NOT(ISNEW()), NOT($Permission.{LEDGER_MAINTENANCE}), OR({_changed(*_ARCHIVED)}))",
        message="An archived revision cannot be edited.",
    )


def _changed(*fields: str) -> str:
    return ", ".join(f"ISCHANGED({field})" for field in fields)
