"""Looking for escalation keywords in a verbatim: both made comparable by the same formula, then compared as padded texts.

A flow has no regular expressions over long texts: every character that separates words becomes a space.
"""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Get, Loop, Rule
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import TRUE, literal, ref
from tooling.metadata.flows.wording import escaped
from tooling.metadata.settings import KEYWORD_TYPE
from tooling.spec.escalation import SEVERITIES

_SEPARATORS = ".,;:!?¡¿\"'`´‘’‚“”„«»‹›()[]{}<>/\\|-–—_*#@&+=~^%$…·•\n\r\t\u00a0\u200b\u3000、。，．！？；：（）「」『』【】〈〉《》・～؟،؛।"


def comparable(text: str) -> str:
    """A formula: the text in lower case, every separator a space, no space twice."""
    for character in _SEPARATORS:
        text = f'SUBSTITUTE({text}, {escaped(character)}, " ")'
    for _ in range(3):
        text = f'SUBSTITUTE({text}, "  ", " ")'
    return f"LOWER({text})"


def look_for_keywords(then: str, fault: str) -> tuple[Element, ...]:
    """From `Prepare_Text` on: fills `FoundKeywords` with all that stand in the verbatim, and `Severity`, `KeywordType` and `KeywordQueue`
    from the gravest of them, the first by order among equals.
    """
    return (
        Assignment(
            "Prepare_Text",
            "Prepare the text",
            "Once, not again for each keyword.",
            (Assign("NormalText", ref("ComparableText")),),
            "Keywords",
        ),
        Get(
            "Keywords",
            "Escalation keywords",
            "Custom metadata that admins may change in Setup.",
            f"{KEYWORD_TYPE}__mdt",
            (Filter("Active__c", "EqualTo", TRUE),),
            ("Case_Type__c", "Id", "Keyword__c", "Match__c", "Order__c", "Queue__c", "Severity__c"),
            then="Each_Keyword",
            fault=fault,
            first_only=False,
            sort_by="Order__c",
        ),
        Loop("Each_Keyword", "Each keyword", "By their order.", "Keywords", "Does_It_Stand_There", then),
        Decision(
            "Does_It_Stand_There",
            "Does it stand there?",
            "As a word, as the beginning of one, or anywhere, as the keyword says.",
            (Rule("It_Stands_There", "Yes", (Condition("IsFound", "EqualTo", TRUE),), "Add_Keyword"),),
            "Each_Keyword",
            "No",
        ),
        Assignment(
            "Add_Keyword",
            "Add the keyword",
            "All that were found are kept on the response.",
            (Assign("FoundKeywords", ref("WithKeyword")),),
            "Is_It_Graver",
        ),
        Decision(
            "Is_It_Graver",
            "Is it graver?",
            "The gravest decides; among equals the first.",
            (Rule("It_Is_Graver", "Yes", (Condition("KeywordRank", "GreaterThan", ref("Rank")),), "Take_Keyword"),),
            "Each_Keyword",
            "No",
        ),
        Assignment(
            "Take_Keyword",
            "Take the keyword",
            "It decides until a graver one comes.",
            (
                Assign("Rank", ref("KeywordRank")),
                Assign("Severity", ref("Each_Keyword.Severity__c")),
                Assign("KeywordType", ref("Each_Keyword.Case_Type__c")),
                Assign("KeywordQueue", ref("Each_Keyword.Queue__c")),
            ),
            "Each_Keyword",
        ),
    )


def keyword_resources(record: str) -> tuple[Resource, ...]:
    keyword = "{!Each_Keyword.Keyword__c}"
    ranks = ", ".join(f'"{severity}", {len(SEVERITIES) - n}' for n, severity in enumerate(SEVERITIES))
    return (
        Variable("NormalText", "String", "The verbatim, comparable, between two spaces."),
        Variable("FoundKeywords", "String", "The keywords that were found.", output=True),
        Variable("Severity", "String", "The gravest keyword's severity."),
        Variable("KeywordType", "String", "The type of Case that keyword asks for."),
        Variable("KeywordQueue", "String", "The queue of that keyword's own."),
        Variable("Rank", "Number", "How grave the gravest keyword is; 0: none.", scale=0, value=literal(0)),
        Formula("ComparableText", "String", f'" " & {comparable(f"{{!{record}.Verbatim__c}}")} & " "', "The verbatim, comparable."),
        Formula("ComparableKeyword", "String", f"TRIM({comparable(keyword)})", "The keyword, comparable."),
        Formula(
            "IsFound",
            "Boolean",
            "AND(LEN({!ComparableKeyword}) > 0, CASE(TEXT({!Each_Keyword.Match__c}), "
            '"contains", IF(CONTAINS({!NormalText}, {!ComparableKeyword}), 1, 0), '
            '"prefix", IF(CONTAINS({!NormalText}, " " & {!ComparableKeyword}), 1, 0), '
            'IF(CONTAINS({!NormalText}, " " & {!ComparableKeyword} & " "), 1, 0)) = 1)',
            "True when the keyword stands in the verbatim, in the way it is looked for.",
        ),
        Formula(
            "WithKeyword",
            "String",
            f'LEFT(IF(ISBLANK({{!FoundKeywords}}), "", {{!FoundKeywords}} & ", ") & {keyword}, 255)',
            "The keywords found so far, and this one.",
        ),
        Formula(
            "KeywordRank",
            "Number",
            f"CASE(TEXT({{!Each_Keyword.Severity__c}}), {ranks}, 2)",
            "How grave: the higher, the graver.",
            scale=0,
        ),
    )
