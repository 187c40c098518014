"""The loader: every finding at once, each with its place and its remedy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from tooling.errors import SpecError, UsageError
from tooling.spec import Spec, load_spec, spec_from
from tooling.spec.model import EmailRule
from tooling.spec.refusals import NOT_AVAILABLE, NotAvailable

BROKEN = sorted((Path(__file__).parent / "spec_errors").glob("*.yml"))
ROOT = Path(__file__).parents[2]
SOURCE = "sources: {promoter_io: {}}\n"


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_load_spec__broken(path: Path) -> None:
    """A broken spec is refused with exactly the findings beside it, all at once."""
    with pytest.raises(SpecError) as caught:
        spec_from(path.read_text("utf-8"))

    assert str(caught.value) + "\n" == path.with_suffix(".txt").read_text("utf-8")


def test_load_spec__the_demo() -> None:
    """The spec of this repository loads, with what is written in it."""
    spec = load_spec(ROOT / "nps.yml")

    assert spec.health_score.components["product_usage"].field == "Account.Usage_Score__c"
    assert [f for r in spec.match.people if isinstance(r, EmailRule) for f in r.fields] == ["Email", "Secondary_Email__c"]
    assert spec.follow_up.default_user == "admin@local.example"


def test_load_spec__shortest() -> None:
    """A spec that names nothing but a source has a default for everything else."""
    spec = spec_from(SOURCE)

    assert spec.follow_up.detractor.due == timedelta(hours=24)
    assert spec.sources.promoter_io is not None and spec.sources.promoter_io.campaigns == "all"


def test_load_spec__empty_section() -> None:
    """A section whose lines are all commented out is as if it were not there; an empty source has its defaults."""
    empty = spec_from("sources:\n  promoter_io:\nlabels:\n# none\nmatch:\n  prefer:\n")

    assert empty == spec_from("sources: {promoter_io: {}}\nmatch: {prefer: []}")


def test_load_spec__no_file(tmp_path: Path) -> None:
    """A file that is not there is a usage error that names it, not a traceback."""
    with pytest.raises(UsageError, match="cannot read"):
        load_spec(tmp_path / "nps.yml")


def test_load_spec__names_the_file(tmp_path: Path) -> None:
    """Findings begin with the name of the file that was loaded."""
    path = tmp_path / "other.yml"
    path.write_text("audiences: []\n" + SOURCE)

    with pytest.raises(SpecError) as caught:
        load_spec(path)

    assert str(caught.value) == "other.yml:1:1: audiences is not available in this version; remove it"


@pytest.mark.parametrize("entry", NOT_AVAILABLE, ids=lambda e: e.path)
def test_refusals__every_entry_is_refused(entry: NotAvailable) -> None:
    """Whatever the table names is refused by name, and is then the only thing wrong."""
    wanted: object = None if entry.values is None else entry.values[0]
    for part in reversed(entry.path.split(".")):
        wanted = [wanted] if part == "*" else {part: wanted}
    assert isinstance(wanted, dict)
    wanted.setdefault("sources", {})["promoter_io"] = {}

    with pytest.raises(SpecError) as caught:
        spec_from(yaml.safe_dump(wanted))

    assert str(caught.value).endswith(" is not available in this version; remove it")
    assert len(str(caught.value).splitlines()) == 1


def test_labels__relabel_our_fields() -> None:
    """A label in the spec is the label of the field."""
    assert spec_from(SOURCE + "labels: {Survey_Response__c.Score__c: Rating}").labels == {"Survey_Response__c.Score__c": "Rating"}


def test_fingerprint__comments_do_not_count() -> None:
    """The fingerprint changes with the meaning of the spec only."""
    spec = spec_from(SOURCE)

    assert spec.fingerprint() == spec_from("version: 1\n" + SOURCE).fingerprint()
    assert spec.fingerprint() != spec_from(SOURCE + "rollup: {window: 90d}").fingerprint()


@pytest.mark.parametrize(("text", "expected"), [("30m", timedelta(minutes=30)), ("36h", timedelta(hours=36)), ("2w", timedelta(days=14))])
def test_durations__units(text: str, expected: timedelta) -> None:
    """Minutes, hours, days and weeks."""
    assert spec_from(f"{SOURCE}follow_up: {{detractor: {{due: {text}}}}}").follow_up.detractor.due == expected


def test_references__namespaced_fields() -> None:
    """A field of a managed package is a field like any other."""
    spec = spec_from(SOURCE + "org: {tier: Account.acme__Tier__c}")

    assert spec.org.tier == "Account.acme__Tier__c"


def test_spec__is_frozen() -> None:
    """A spec is a value: nobody changes it on the way."""
    with pytest.raises(Exception, match="frozen"):
        Spec().version = 1
