"""The writer: the package directory becomes the plan; what is not ours is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tooling.metadata.writer import MANIFEST, diff, write

PLAN = {"main/default/tabs/A__c.tab-meta.xml": "<a/>\n", "main/default/labels/B.labels-meta.xml": "<b/>\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "force-app"


def test_write__twice_changes_nothing(root: Path) -> None:
    """The second write of the same plan touches no file."""
    assert write(PLAN, root) == sorted(PLAN)
    assert write(PLAN, root) == []
    assert diff(PLAN, root) == ""
    assert (root.parent / MANIFEST).read_text("utf-8").splitlines() == sorted(PLAN)


def test_write__deletes_only_what_it_owns(root: Path) -> None:
    """A file that left the plan goes, with its empty folder; a customer's file in the same folder stays."""
    write(PLAN, root)
    foreign = root / "main/default/tabs/Theirs__c.tab-meta.xml"
    foreign.write_text("<theirs/>")

    assert write({}, root) == sorted(PLAN)
    assert foreign.exists()
    assert not (root / "main/default/labels").exists()


def test_write__a_foreign_file_in_the_way(root: Path) -> None:
    """A file that somebody else made is not overwritten."""
    target = root / next(iter(PLAN))
    target.parent.mkdir(parents=True)
    target.write_text("<theirs/>")

    with pytest.raises(FileExistsError, match=r"A__c\.tab-meta\.xml"):
        write(PLAN, root)

    assert target.read_text() == "<theirs/>"


def test_diff__shows_drift(root: Path) -> None:
    """An edit by hand, a missing file and a file too many are all in the diff."""
    write(PLAN, root)
    (root / "main/default/tabs/A__c.tab-meta.xml").write_text("<edited/>\n")

    drift = diff({"main/default/tabs/A__c.tab-meta.xml": "<a/>\n", "main/default/new.xml": "<new/>\n"}, root)

    assert "-<edited/>" in drift and "+<a/>" in drift
    assert "+<new/>" in drift
    assert "-<b/>" in drift


def test_write__manifest_that_leaves_the_folder(root: Path) -> None:
    """A path in the manifest that leads out of the package directory is not followed."""
    write(PLAN, root)
    outside = root.parent / "outside.txt"
    outside.write_text("keep")
    (root.parent / MANIFEST).write_text("../outside.txt\n")

    write(PLAN, root)

    assert outside.read_text() == "keep"
