"""The texts of an e-mail as resources of a flow: one template for each language, and what stands in place of the merge fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tooling.metadata.flows.resources import Formula, Resource, TextTemplate
from tooling.metadata.flows.wording import escaped
from tooling.spec.message import MergeField, Messages, parts

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def by_language(texts: Mapping[str, str], fallback: str) -> str:
    """A formula that chooses among formulas by `LanguageKey`: the very language, else the language it is a form of, else the fallback."""
    chosen = texts[fallback]
    others = sorted((language for language in texts if language != fallback), key=lambda language: (len(language), language))
    for language in others:
        key = language.lower()
        chosen = f'IF(OR({{!LanguageKey}} = "{key}", BEGINS({{!LanguageKey}}, "{key}-")), {texts[language]}, {chosen})'
    if len(others) and "-" in fallback:
        key = fallback.lower()
        chosen = f'IF({{!LanguageKey}} = "{key}", {texts[fallback]}, {chosen})'
    return chosen


def message_resources(messages: Messages, fallback: str, values: Mapping[str, str], *, prefix: str = "") -> Iterator[Resource]:
    """`Subject` and `Body` (with the prefix), and the templates and merge values they are made of.

    `values` gives each merge field's value as a formula.
    """
    merged: dict[tuple[str, str], str] = {}
    templates: list[Resource] = []
    chosen: dict[str, dict[str, str]] = {"Subject": {}, "Body": {}}
    for language, message in messages.items():
        for part, text in (("Subject", message.subject.strip()), ("Body", message.body.strip())):
            name = f"{prefix}{part}_{language.replace('-', '_')}"
            templates.append(TextTemplate(name, _template(text, merged, prefix), f"The e-mail's {part.lower()} in {language}."))
            chosen[part][language] = f"{{!{name}}}"
    yield from _merge_formulas(merged, values)
    yield from templates
    for part, texts in chosen.items():
        yield Formula(f"{prefix}{part}", "String", by_language(texts, fallback), f"The {part.lower()} in the person's language.")


def _template(text: str, merged: dict[tuple[str, str], str], prefix: str) -> str:
    def written(part: str | MergeField) -> str:
        if isinstance(part, str):
            return part
        name = merged.setdefault((part.name, part.otherwise), f"{prefix}Merge_{len(merged) + 1}_{part.name}")
        return f"{{!{name}}}"

    return "".join(written(part) for part in parts(text))


def _merge_formulas(merged: Mapping[tuple[str, str], str], values: Mapping[str, str]) -> Iterable[Formula]:
    for (field, otherwise), name in merged.items():
        value = values[field]
        expression = f"IF(ISBLANK({value}), {escaped(otherwise)}, {value})" if otherwise else value
        yield Formula(name, "String", expression, f"What stands in the text for {field}, with a word for when it is unknown.")


def is_multilingual(*texts: Mapping[str, object]) -> bool:
    """Whether there is anything to choose by language."""
    return any(len(one) > 1 for one in texts)


def language_key(expression: str, *texts: Mapping[str, object]) -> tuple[Formula, ...]:
    """`LanguageKey` for the texts that are chosen by it; nothing where there is only one language."""
    if not is_multilingual(*texts):
        return ()
    key = f'LOWER(SUBSTITUTE(BLANKVALUE({expression}, ""), "_", "-"))'
    return (Formula("LanguageKey", "String", key, "The person's language, as the texts are named: de, pt-br."),)
