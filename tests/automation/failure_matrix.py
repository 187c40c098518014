"""The failure matrix: which element of which flow is refused in which story, and what must be true afterwards."""

from __future__ import annotations

from tests.automation.failure_matrix_emails import OF_EMAILS
from tests.automation.failure_scenes import (
    RESPONSE,
    Refusal,
    a_case,
    advocacy,
    all_done_once,
    behind,
    bell_again,
    bell_named,
    both,
    closed_task,
    conversion,
    converted,
    dead_letter,
    detractor,
    due_tonight,
    error_on_response,
    follow_up,
    lead_answer,
    matched,
    next_night,
    night_has_run,
    no_bell,
    no_sender,
    noted_but_not_sent,
    nothing_left,
    opted_out,
    parked,
    promoter_soon,
    queue_named,
    refused_value,
    reopened_task,
    required_field,
    revised,
    sender_again,
    soon,
    suppressed_once,
    unverified_sender,
    users_active,
    waiting,
)

_LATER_TASK = 'AND(NOT(ISNEW()), ISPICKVAL(NPS_Kind__c, "{}"))'
_NEW_TASK = 'AND(ISNEW(), ISPICKVAL(NPS_Kind__c, "{}"))'
_NO_LETTER = ("NPS_Dead_Letter__c", "TRUE")
_NO_REQUEST = "AND(ISCHANGED(NPS_Recalculation_Requested_At__c), NOT(ISBLANK(NPS_Recalculation_Requested_At__c)))"


def _with_letter(entry: Refusal, flow: str) -> Refusal:
    """The same, and the dead letter is refused too."""
    return Refusal(
        (*entry.fails, (flow, "Keep_As_Dead_Letter")), entry.story, entry.check, (*entry.rules, _NO_LETTER), entry.before, entry.break_it,
        entry.repair, nothing_left, entry.again,
    )  # fmt: skip


MATRIX: dict[str, Refusal] = {
    "task": Refusal(
        (("NPS_Follow_Up", "Create_Task"),), detractor, all_done_once, (("Task", _NEW_TASK.format("Follow-up")),), trace=error_on_response
    ),
    "task, swept": Refusal(
        (("NPS_Follow_Up", "Create_Task"),), detractor, all_done_once, (("Task", _NEW_TASK.format("Follow-up")),), again="sweep"
    ),
    "task's change": Refusal(
        (("NPS_Follow_Up", "Update_Task"),),
        revised,
        all_done_once,
        (("Task", _LATER_TASK.format("Follow-up")),),
        before=detractor,
        trace=error_on_response,
    ),
    "bell": Refusal(
        (),
        detractor,
        all_done_once,
        break_it=bell_named("NPS_Follow_Up", "Gone"),
        repair=bell_named("Gone", "NPS_Follow_Up"),
        trace=error_on_response,
    ),
    "bell, refused": Refusal(
        (("NPS_Follow_Up", "Ring"),), detractor, all_done_once, break_it=no_bell, repair=bell_again, trace=error_on_response
    ),
    "users": Refusal((), detractor, all_done_once, break_it=users_active(False), repair=users_active(True), trace=error_on_response),
    "case": Refusal((("NPS_Escalate", "Create_Case"),), detractor, all_done_once, (("Case", "ISNEW()"),), trace=error_on_response),
    "case, a required field": Refusal(
        (("NPS_Escalate", "Create_Case"),),
        detractor,
        all_done_once,
        break_it=required_field(True),
        repair=required_field(False),
        trace=error_on_response,
    ),
    "queue": Refusal(
        (),
        detractor,
        all_done_once,
        break_it=queue_named("NPS_Enterprise_Escalations", "Gone"),
        repair=queue_named("Gone", "NPS_Enterprise_Escalations"),
        trace=error_on_response,
    ),
    "case's person": Refusal(
        (("NPS_Escalate", "Update_Case"),), matched, all_done_once, (("Case", "NOT(ISNEW())"),), before=parked, trace=error_on_response
    ),
    "timeline": Refusal(
        (("NPS_Log_Activity", "Create_Task"),), detractor, all_done_once, (("Task", _NEW_TASK.format("Timeline")),), trace=error_on_response
    ),
    "timeline's change": Refusal(
        (("NPS_Log_Activity", "Change_Task"),),
        revised,
        all_done_once,
        (("Task", _LATER_TASK.format("Timeline")),),
        before=detractor,
        trace=error_on_response,
    ),
    "acknowledgement, noted as sent": Refusal(
        (("NPS_Acknowledge", "Note_As_Sent"),),
        detractor,
        all_done_once,
        (refused_value("Acknowledgement_Status__c", "Sent"),),
        trace=error_on_response,
    ),
    "acknowledgement, noted as suppressed": Refusal(
        (("NPS_Acknowledge", "Note_As_Suppressed"),),
        opted_out,
        suppressed_once,
        (refused_value("Acknowledgement_Status__c", "Suppressed"),),
    ),
    "acknowledgement, noted as waiting": Refusal(
        (("NPS_Acknowledge", "Note_As_Waiting"),), parked, waiting, (refused_value("Acknowledgement_Status__c", "Waiting"),)
    ),
    "acknowledgement, sender": Refusal(
        (("NPS_Acknowledge", "Send"),), detractor, all_done_once, break_it=no_sender, repair=sender_again, trace=error_on_response
    ),
    "acknowledgement, an unverified sender": Refusal(
        (("NPS_Acknowledge", "Send"),), detractor, all_done_once, break_it=unverified_sender, repair=sender_again, trace=error_on_response
    ),
    "acknowledgement, sender and note": Refusal(
        (("NPS_Acknowledge", "Send"), ("NPS_Acknowledge", "Note_As_Failed")),
        detractor,
        # It stays noted as sent: rather none than two.
        noted_but_not_sent,
        (refused_value("Acknowledgement_Status__c", "Failed"),),
        break_it=no_sender,
        repair=sender_again,
        trace=error_on_response,
    ),
    "result of a new response": Refusal(
        (("NPS_Response_Created", "Write_Result"),),
        detractor,
        all_done_once,
        (refused_value("Automation_Status__c", "Done"),),
        trace=dead_letter("AUTOMATION_RESULT_NOT_WRITTEN"),
        again="sweep",
    ),
    "result of a changed response": Refusal(
        (("NPS_Response_Changed", "Write_Result"),),
        revised,
        all_done_once,
        (refused_value("Automation_Status__c", "Done"),),
        before=detractor,
        trace=dead_letter("AUTOMATION_RESULT_NOT_WRITTEN"),
        again="sweep",
    ),
    "start by the sweep": Refusal(
        (("NPS_Automation_Sweep", "Start_Again"),),
        both(detractor, lambda scene: scene.world.until_the_sweep()),
        all_done_once,
        (("Task", _NEW_TASK.format("Follow-up")), (RESPONSE, "AND(ISCHANGED(Automation_Attempt__c), Automation_Attempt__c > 1)")),
        trace=dead_letter("AUTOMATION_NOT_STARTED_AGAIN"),
        again="sweep",
    ),
    "follow-up, stamped as done": Refusal(
        (("NPS_Follow_Up_Done", "Stamp_Response"),),
        closed_task,
        follow_up("Done"),
        (refused_value("Follow_Up_Status__c", "Done"),),
        before=detractor,
        trace=dead_letter("FOLLOW_UP_NOT_STAMPED"),
    ),
    "follow-up, nobody is asked for the cause": Refusal(
        (("NPS_Follow_Up_Done", "Ring"),),
        closed_task,
        follow_up("Done"),
        before=detractor,
        break_it=no_bell,
        repair=bell_again,
        trace=follow_up("Done"),
    ),
    "follow-up, stamped as reopened": Refusal(
        (("NPS_Follow_Up_Reopened", "Stamp_Response"),),
        reopened_task,
        follow_up("Open"),
        (refused_value("Follow_Up_Status__c", "Open"),),
        before=both(detractor, closed_task),
        trace=dead_letter("FOLLOW_UP_NOT_STAMPED"),
    ),
    "follow-up done, Account asked": Refusal(
        (("NPS_Follow_Up_Done", "Ask_Account"),),
        closed_task,
        follow_up("Done"),
        (("Account", _NO_REQUEST),),
        before=detractor,
        trace=dead_letter("FOLLOW_UP_NOT_STAMPED"),
    ),
    "follow-up reopened, Account asked": Refusal(
        (("NPS_Follow_Up_Reopened", "Ask_Account"),),
        reopened_task,
        follow_up("Open"),
        (("Account", _NO_REQUEST),),
        before=both(detractor, closed_task),
        trace=dead_letter("FOLLOW_UP_NOT_STAMPED"),
    ),
    "escalation opened, Account asked": Refusal(
        (("NPS_Escalation_Opened", "Ask_Account"),),
        both(detractor, soon),
        all_done_once,
        (("Account", _NO_REQUEST),),
        trace=dead_letter("RECALCULATION_NOT_REQUESTED"),
    ),
    "escalation closed, Account asked": Refusal(
        (("NPS_Escalation_Closed", "Ask_Account"),),
        a_case("Closed"),
        all_done_once,
        (("Account", _NO_REQUEST),),
        before=both(detractor, soon),
        trace=dead_letter("RECALCULATION_NOT_REQUESTED"),
    ),
    "request after the bridge, Account and Contact": Refusal(
        (("NPS_Request_Recalculation", "Ask_Account"), ("NPS_Request_Recalculation", "Ask_Contact")),
        promoter_soon,
        advocacy("Invited", 1),
        (("Account", "ISCHANGED(NPS_Recalculated_At__c)"), ("Contact", "ISCHANGED(NPS_Recalculated_At__c)")),
        trace=behind,
    ),
    "request after the bridge, Lead": Refusal(
        (("NPS_Request_Recalculation", "Ask_Lead"),),
        lead_answer,
        lambda scene: None,
        (("Lead", "ISCHANGED(NPS_Recalculated_At__c)"),),
        trace=behind,
    ),
    "conversion, responses": Refusal(
        (("NPS_Lead_Converted", "Write_Responses"),),
        conversion,
        converted,
        ((RESPONSE, "NOT(ISBLANK(Contact__c))"),),
        before=lead_answer,
        trace=dead_letter("LEAD_CONVERSION_NOT_FOLLOWED"),
    ),
    "conversion, Contact asked": Refusal(
        (("NPS_Lead_Converted", "Ask_Contact"),),
        conversion,
        converted,
        (("Contact", _NO_REQUEST),),
        before=lead_answer,
        trace=dead_letter("LEAD_CONVERSION_NOT_FOLLOWED"),
    ),
    "conversion, Account asked": Refusal(
        (("NPS_Lead_Converted", "Ask_Account"),),
        conversion,
        converted,
        (("Account", _NO_REQUEST),),
        before=lead_answer,
        trace=dead_letter("LEAD_CONVERSION_NOT_FOLLOWED"),
    ),
    **{
        f"night, {sobject} asked": Refusal(
            ((f"NPS_Nightly_Recalculation_{sobject}", "Ask"),),
            next_night,
            night_has_run,
            ((sobject, _NO_REQUEST),),
            before=due_tonight(sobject),
            trace=dead_letter("RECALCULATION_NOT_REQUESTED"),
            again="nights",
        )
        for sobject in ("Account", "Contact", "Lead")
    },
    **{
        f"{sobject}, flag": Refusal(
            ((f"NPS_Recalculation_Requested_{sobject}", "Set_The_Flag"),),
            next_night,
            night_has_run,
            ((sobject, "ISCHANGED(NPS_Recalculated_At__c)"),),
            before=due_tonight(sobject),
            trace=dead_letter("RECALCULATION_REFUSED"),
            again="nights",
        )
        for sobject in ("Account", "Contact", "Lead")
    },
    **OF_EMAILS,
}


for _name, _flow in (
    ("result of a new response", "NPS_Response_Created"),
    ("result of a changed response", "NPS_Response_Changed"),
    ("start by the sweep", "NPS_Automation_Sweep"),
    ("follow-up, stamped as done", "NPS_Follow_Up_Done"),
    ("follow-up, stamped as reopened", "NPS_Follow_Up_Reopened"),
    ("escalation opened, Account asked", "NPS_Escalation_Opened"),
    ("escalation closed, Account asked", "NPS_Escalation_Closed"),
    ("conversion, responses", "NPS_Lead_Converted"),
    ("night, Account asked", "NPS_Nightly_Recalculation_Account"),
    ("night, Contact asked", "NPS_Nightly_Recalculation_Contact"),
    ("night, Lead asked", "NPS_Nightly_Recalculation_Lead"),
    ("Account, flag", "NPS_Recalculation_Requested_Account"),
    ("Contact, flag", "NPS_Recalculation_Requested_Contact"),
    ("Lead, flag", "NPS_Recalculation_Requested_Lead"),
    ("invitation, noted", "NPS_Promoter_Thank_You"),
    ("renewal, noted as sent", "NPS_Renewal_Email"),
    ("renewal, noted as sent", "NPS_Renewal_Sweep"),
):
    MATRIX[f"{_name}, and the dead letter of {_flow}"] = _with_letter(MATRIX[_name], _flow)
