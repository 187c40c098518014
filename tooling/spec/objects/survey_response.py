"""Survey_Response__c: the ledger, one record per response."""

from __future__ import annotations

from tooling.nps.content import LONGEST_VERBATIM
from tooling.nps.response import Outcome, SourceStatus, SurveyType
from tooling.spec.objects.build import (
    LONGEST_TEXT,
    checkbox,
    datetime,
    email,
    long_text,
    lookup,
    number,
    picklist,
    text,
)
from tooling.spec.objects.types import Choice, ObjectKind, ObjectSpec, Writer

BRIDGE = frozenset({Writer.BRIDGE})
USER = frozenset({Writer.USER})
ADMIN = frozenset({Writer.ADMIN})
RESOLVER = ADMIN | BRIDGE
"""The bridge decides; an admin decides what it could not."""
SOURCES = (Choice("promoter_io", "Promoter.io"), Choice("file", "File"))
FROM_THE_LEDGER = ("Survey_Responses", "Survey Responses")

_ANSWER = (
    number(
        "Score__c", "Score", 2,
        "The answer to the NPS question: an integer from 0 to 10. Blank for a dismissed survey. Changes only together with Revision.",
        "How likely the person is to recommend us, from 0 to 10.",
        section="Answer", writers=BRIDGE,
    ),
    text(
        "Category__c", "Category", 10,
        "Promoter (9, 10), Passive (7, 8) or Detractor (0 to 6), from Score. Blank without a score.",
        "Promoter: 9 or 10. Passive: 7 or 8. Detractor: 0 to 6.",
        bridge_reads=True, section="Answer", calculated=True,
    ),
    long_text(
        "Verbatim__c", "Verbatim", LONGEST_VERBATIM,
        "What the person wrote, with Unicode NFC and LF line ends, trimmed. Changes only together with Revision.",
        "The person's own words.",
        lines=6, section="Answer", writers=BRIDGE, personal=True,
    ),
    picklist(
        "Outcome__c", "Outcome", [o.value for o in Outcome],
        "What became of the survey. A dismissal has no score and never counts; a partial answer counts if it has a score.",
        "Whether the survey was answered, partly answered or dismissed.",
        section="Answer", writers=BRIDGE,
    ),
    datetime(
        "Responded_At__c", "Responded At",
        "When the person answered, by the source's clock. Changes only together with Revision.",
        "When the person answered.",
        section="Answer", writers=BRIDGE,
    ),
    long_text(
        "Tags__c", "Tags", 4000,
        "Tags of the response at the source, one a line.",
        "Tags given to this response in the survey tool.",
        section="Answer", writers=BRIDGE, personal=True,
    ),
)  # fmt: skip

_PERSON = (
    lookup(
        "Contact__c", "Contact", "Contact", FROM_THE_LEDGER,
        "The Contact who answered. Set by the bridge's matching, or by an admin who resolves a parked response.",
        "Who answered.",
        section="Person and company", writers=RESOLVER,
    ),
    lookup(
        "Lead__c", "Lead", "Lead", FROM_THE_LEDGER,
        "The Lead who answered. Together with a Contact only when the Lead is converted.",
        "Who answered, while not yet a Contact.",
        section="Person and company", writers=RESOLVER,
    ),
    lookup(
        "Account__c", "Account", "Account", FROM_THE_LEDGER,
        "The company the answer was given for. Stays when the Contact changes company.",
        "The company this answer counts for.",
        section="Person and company", writers=RESOLVER,
    ),
    lookup(
        "Opportunity__c", "Opportunity", "Opportunity", FROM_THE_LEDGER,
        "The Opportunity the answer is about, where a survey belongs to one.",
        "The Opportunity this answer is about.",
        section="Person and company", writers=ADMIN,
    ),
    email(
        "Respondent_Email__c", "Respondent Email",
        "The address as the source sent it; kept when matching changes. An external ID for its index.",
        "The address the survey went to.",
        section="Person and company", external_id=True, writers=BRIDGE, personal=True,
    ),
    text(
        "Respondent_Name__c", "Respondent Name", LONGEST_TEXT,
        "The name as the source sent it; kept when matching changes.",
        "The name the survey tool knows.",
        section="Person and company", writers=BRIDGE, personal=True,
    ),
    text(
        "Respondent_User_Id__c", "Respondent User ID", LONGEST_TEXT,
        "The product's user id as the source sent it; kept when matching changes.",
        "The person's id in your product.",
        section="Person and company", writers=BRIDGE, personal=True,
    ),
    picklist(
        "Match_Status__c", "Match Status", ["Matched", "Ambiguous", "Unmatched", "Resolved"],
        "Matched: one rule found exactly one person. Ambiguous: several, see Match Candidates. Unmatched: none. "
        "Resolved: decided by a person.",
        "Whether we know who answered.",
        section="Matching", writers=RESOLVER,
    ),
    text(
        "Match_Rule__c", "Match Rule", LONGEST_TEXT,
        "The rule of the mapping spec that decided, or why none did.",
        "Why this person was chosen.",
        section="Matching", writers=BRIDGE,
    ),
    long_text(
        "Match_Candidates__c", "Match Candidates", 4000,
        "The records among which the rules could not decide: id, name and reason, one a line.",
        "Who it may have been.",
        section="Matching", writers=BRIDGE, personal=True,
    ),
)  # fmt: skip

_SURVEY = (
    picklist(
        "Source__c", "Source", SOURCES,
        "The feedback source the response came from, as the mapping spec names it.",
        "Where the response came from.",
        section="Survey", writers=BRIDGE,
    ),
    picklist(
        "Survey_Type__c", "Survey Type", [t.value for t in SurveyType],
        "Relationship: about the company as a whole. Transactional: about one event.",
        "What the survey asked about.",
        section="Survey", writers=BRIDGE,
    ),
    text("Survey_Name__c", "Survey Name", LONGEST_TEXT, "The survey's or campaign's name at the source.", "The survey's name.",
         section="Survey", writers=BRIDGE),
    text("Campaign_Id__c", "Campaign ID", 80, "The campaign's id at the source.", "The campaign's id in the survey tool.",
         section="Survey", writers=BRIDGE),
    text("Channel__c", "Channel", 40, "How the survey reached the person: email, web, in-app.", "How the survey reached the person.",
         section="Survey", writers=BRIDGE),
    text("Language__c", "Language", 20, "The language of the survey, as the source says it (en, de-CH).", "The language of the survey.",
         section="Survey", writers=BRIDGE),
    datetime("Survey_Sent_At__c", "Survey Sent At", "When the survey was sent, by the source's clock.", "When the survey was sent.",
             section="Survey", writers=BRIDGE),
    long_text("Attributes__c", "Attributes", 32000, "Survey-level attributes of the response, as JSON.",
              "Further data that came with the response.", section="Survey", writers=BRIDGE, personal=True),
    picklist("Source_Status__c", "Source Status", [s.value for s in SourceStatus],
             "Whether the response is open or closed in the survey tool.", "Open or closed in the survey tool.",
             section="Survey", writers=BRIDGE),
    datetime("Removed_At_Source__c", "Removed at Source",
             "When the bridge found that the source has removed the response. A removed response leaves all roll-ups; its Task stays.",
             "Set when the response was deleted in the survey tool: it no longer counts.", section="Survey", writers=BRIDGE),
)  # fmt: skip

_FOLLOW_UP = (
    picklist("Follow_Up_Status__c", "Follow-Up Status", ["Not needed", "Open", "Done", "Suppressed"],
             "The closed loop: Open while the Task is open, Done when it is closed. Suppressed: a follow-up was due but is switched off.",
             "Whether somebody has answered this person.", bridge_reads=True, section="Follow-up", writers=USER),
    datetime("Follow_Up_Due_At__c", "Follow-Up Due At",
             "The moment the follow-up is due. This is the truth; the Task's due date is its day in the org's time zone.",
             "Answer the person before this moment.", bridge_reads=True, section="Follow-up"),
    datetime("Followed_Up_At__c", "Followed Up At", "When the follow-up Task was closed; cleared when it is opened again.",
             "When somebody answered this person.", section="Follow-up", writers=USER),
    number("Hours_To_Follow_Up__c", "Hours to Follow-Up", 8, "Hours from the answer to the closed follow-up.",
           "How long the person waited, in hours.", scale=1, section="Follow-up", calculated=True),
    text("Follow_Up_Band__c", "Follow-Up Band", 10, "The speed of the follow-up for reports: <=24h, 24-48h, >48h or none.",
         "How quickly the person was answered.", section="Follow-up", calculated=True),
    text("Follow_Up_Age__c", "Follow-Up Age", 20,
         "How long an open follow-up has waited since the answer, for reports. Blank when it is not open.",
         "How long the person has been waiting.", section="Follow-up", calculated=True),
    picklist("Root_Cause__c", "Root Cause",
             ["Product gap", "Bug or outage", "Support experience", "Onboarding", "Price or contract", "Expectations", "Other"],
             "What was behind the answer, decided by whoever followed up.", "What was behind the answer.",
             restricted=False, section="Follow-up", writers=USER),
    long_text("Resolution__c", "Resolution", 4000, "What was done about it, written by whoever followed up.", "What was done about it.",
              section="Follow-up", writers=USER, personal=True),
    picklist("Acknowledgement_Status__c", "Acknowledgement Status", ["Waiting", "Sent", "Suppressed", "Failed"],
             "Where the e-mail that acknowledges the answer stands. Suppressed: not allowed, see the reason. Failed: tried again later.",
             "Whether we wrote to the person at once.", section="Follow-up"),
    datetime("Acknowledged_At__c", "Acknowledged At", "When the acknowledgement was sent.", "When we wrote to the person.",
             section="Follow-up"),
    text("Acknowledgement_Reason__c", "Acknowledgement Reason", LONGEST_TEXT, "Why the acknowledgement was suppressed, or what failed.",
         "Why nothing was sent.", section="Follow-up"),
    text("Escalation_Keywords__c", "Escalation Keywords", LONGEST_TEXT, "The escalation keywords found in the verbatim.",
         "Alarming words in the answer.", section="Escalation and advocacy"),
    lookup("Case__c", "Case", "Case", FROM_THE_LEDGER, "The Case this response opened. One response opens at most one Case.",
           "The Case opened for this answer.", bridge_reads=True, section="Escalation and advocacy"),
    checkbox("Case_Is_Closed__c", "Case Is Closed", "Whether the Case this response opened is closed.", "Whether the Case is closed.",
             section="Escalation and advocacy", calculated=True),
    picklist("Advocacy_Status__c", "Advocacy Status", ["Waiting", "Invited", "Completed", "Skipped"],
             "Where the invitation to speak for us stands. Waiting: a detractor of the company is still to be answered. Skipped: see the "
             "reason.",
             "Where the invitation to recommend us stands.", section="Escalation and advocacy", writers=USER),
    picklist("Advocacy_Ask__c", "Advocacy Ask",
             [Choice("appexchange_review", "AppExchange review"), Choice("g2_review", "G2 review"), Choice("case_study", "Case study")],
             "What the promoter was invited to: exactly one of these.", "What we asked the promoter for.",
             restricted=False, section="Escalation and advocacy", writers=USER),
    text("Advocacy_Reason__c", "Advocacy Reason", LONGEST_TEXT, "Why the invitation waits or was skipped.",
         "Why nobody was invited.", section="Escalation and advocacy"),
    datetime("Advocacy_Invited_At__c", "Advocacy Invited At", "When the invitation was sent.", "When we asked.",
             section="Escalation and advocacy"),
    datetime("Advocacy_Completed_At__c", "Advocacy Completed At", "When the promoter did what we asked for.", "When the promoter did it.",
             section="Escalation and advocacy", writers=USER),
)  # fmt: skip

_AUTOMATION = (
    picklist("Automation_Status__c", "Automation Status", ["Pending", "Done", "Failed", "Suppressed", "Not needed"],
             "The state of what flows do for this response after it is saved. Pending: to be done. Failed: see Automation Error; done "
             "again later. Suppressed: automation is switched off in NPS Settings.",
             "Whether Tasks and the like have been created.", section="Automation", bridge_reads=True),
    number("Automation_Attempt__c", "Automation Attempt", 6, "How often automation was started for this response.",
           "How often it was tried.", default="0", section="Automation"),
    number("Automated_Revision__c", "Automated Revision", 9, "The revision that automation has dealt with. Behind Revision: to be done.",
           "The revision that has been dealt with.", section="Automation"),
    checkbox("Automation_Retry__c", "Retry Automation", "Tick to start automation again; it clears itself.",
             "Tick and save to try again.", section="Automation", writers=ADMIN),
    long_text("Automation_Error__c", "Automation Error", 4000, "What kept automation from finishing, in the platform's own words.",
              "What went wrong.", section="Automation", bridge_reads=True),
    checkbox("Quiet__c", "Quiet", "Backfilled, or too old when it came: starts no follow-up, no e-mail and no escalation.",
             "Loaded as history: nobody is asked to follow up.", section="Automation", writers=BRIDGE),
    datetime("Roll_Up_Changed_At__c", "Roll-Up Changed At",
             "When score, outcome, removal, Contact, Lead or Account last changed. A parent is behind while its NPS Recalculated At is not "
             "later.",
             "When this response last changed what its Contact, Lead and Account show.", section="Automation", bridge_reads=True),
)  # fmt: skip

_BOOKKEEPING = (
    text("Response_Key__c", "Response Key", 120, "{source}:{response id}: stable for ever, the external ID the bridge finds it by.",
         "The response's key.", section="Record", external_id=True, unique=True, case_sensitive=True, writers=BRIDGE),
    text("Source_Response_Id__c", "Source Response ID", 80, "The response's id at the source.", "The response's id in the survey tool.",
         section="Record", external_id=True, writers=BRIDGE),
    number("Revision__c", "Revision", 9,
           "1 for a new response, one more for every change at the source. What it said before is a Survey Response Revision.",
           "How often the answer was changed, plus one.", default="1", section="Record", writers=BRIDGE),
    text("Content_Hash__c", "Content Hash", 64,
         "Keyed SHA-256 of score, outcome, verbatim and tags as the bridge normalises them: decides whether a response has changed.",
         "Used to see whether the response has changed.", section="Record", writers=BRIDGE),
    text("Run_Key__c", "Run Key", 80, "The sync run that wrote this content last; see NPS Sync Runs. Blank: not written by the bridge.",
         "The sync run that wrote this.", section="Record", writers=BRIDGE),
    datetime("Source_Modified_At__c", "Source Modified At", "When the response was last changed at the source, if the source says so.",
             "When it was last changed in the survey tool.", section="Record", writers=BRIDGE),
    datetime("Received_At__c", "Received At", "When the response first reached this org.", "When it reached Salesforce.",
             section="Record", writers=BRIDGE),
    datetime("Erased_At__c", "Erased At", "When the person was erased on request. No later revision is written.",
             "When personal data was removed on request.", section="Record", bridge_reads=True, writers=ADMIN),
    long_text("Dropped_Fields__c", "Dropped Fields", 4000, "Fields that the org refused, and why; the rest was saved without them.",
              "What could not be saved, and why.", section="Record", writers=BRIDGE, personal=True),
    picklist("Routing_Status__c", "Routing Status", ["Pending", "Done", "Waiting", "Parked"],
             "What became of the routes of the mapping spec that this response takes. Pending: the next sync carries them out. Waiting: "
             "until it is known who answered. Parked: see Routing Notes. Blank: no route is for this response.",
             "Whether this answer was passed on to other records.", section="Record", writers=BRIDGE),
    long_text("Routing_Notes__c", "Routing Notes", 4000, "Per route: the record it went to, or why it did not, one a line.",
              "Where this answer was passed on to.", section="Record", writers=BRIDGE, personal=True),
    number("Is_Promoter__c", "Is Promoter", 1, "1 for a promoter, else 0: for sums in reports.", "1 for a promoter, else 0.",
           section="Record", calculated=True),
    number("Is_Passive__c", "Is Passive", 1, "1 for a passive, else 0: for sums in reports.", "1 for a passive, else 0.",
           section="Record", calculated=True),
    number("Is_Detractor__c", "Is Detractor", 1, "1 for a detractor, else 0: for sums in reports.", "1 for a detractor, else 0.",
           section="Record", calculated=True),
)  # fmt: skip

SURVEY_RESPONSE = ObjectSpec(
    api_name="Survey_Response__c",
    label="Survey Response",
    plural_label="Survey Responses",
    kind=ObjectKind.CUSTOM,
    description="One survey response of one person. The ledger: everything about NPS on Contact, Lead and Account is derived from these "
    "records. What a response said before it was changed is kept as Survey Response Revisions.",
    name_label="Response Number",
    name_format="SR-{00000000}",
    sharing_model="ReadWrite",
    activities=True,
    fields=_ANSWER + _PERSON + _SURVEY + _FOLLOW_UP + _AUTOMATION + _BOOKKEEPING,
)
