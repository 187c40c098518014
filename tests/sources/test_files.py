"""Responses in CSV and JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tooling.errors import SourceRefused, UsageError
from tooling.nps.response import Outcome, Response, ResponseSkipped
from tooling.sources.configured import configured_sources
from tooling.sources.files import FileSource
from tooling.spec.loader import spec_from

COLUMNS = {"id": "response_id", "score": "nps", "verbatim": "comment", "email": "email", "responded_at": "date", "outcome": "outcome"}
HEADER = "response_id,nps,comment,email,date,outcome\n"


def read(path: Path, text: str | bytes, columns: dict[str, str] | None = None, **settings: Any) -> list[Response | ResponseSkipped]:
    file = path / "responses.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(FileSource([file], columns or COLUMNS, **settings).read(None, None))


def only(found: list[Response | ResponseSkipped]) -> Response:
    assert len(found) == 1
    assert isinstance(found[0], Response)
    return found[0]


def test_read__csv(tmp_path: Path) -> None:
    """A row becomes a response; a comment may hold commas, quotation marks and line breaks; a byte order mark is no text."""
    text = "\ufeff" + HEADER + '7,9,"nice, ""really""\nyes",anna@example.com,2026-03-04,\n'
    found = only(read(tmp_path, text))
    assert (found.key, found.score, found.verbatim, found.person.email) == ("file:7", 9, 'nice, "really"\nyes', "anna@example.com")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_read__other_delimiters(tmp_path: Path, delimiter: str) -> None:
    """The delimiter is taken from the header."""
    text = (HEADER + "7,9,fine,anna@example.com,2026-03-04,\n").replace(",", delimiter)
    assert only(read(tmp_path, text)).score == 9


@pytest.mark.parametrize("score", ["ten", "11", "9.5", "-1", "8/10", ""])
def test_read__bad_score(tmp_path: Path, score: str) -> None:
    """A score that is none is skipped with file and line, and the rows around it are read."""
    text = HEADER + f"1,9,,,,\n2,{score},x,,,\n3,0,,,,\n"
    found = read(tmp_path, text)
    assert [item.id for item in found if isinstance(item, Response)] == ["1", "3"]
    assert [item.place for item in found if isinstance(item, ResponseSkipped)] == ["responses.csv:3"]


def test_read__line_numbers_after_line_breaks(tmp_path: Path) -> None:
    """The place is the line where the record begins, also after a comment of several lines."""
    found = read(tmp_path, HEADER + '1,9,"a\nb\nc",,,\n\n2,x,,,,\n')
    assert isinstance(found[1], ResponseSkipped)
    assert found[1].place == "responses.csv:6"


def test_read__dismissed_and_partial(tmp_path: Path) -> None:
    """A dismissal and a partial answer need no score; a dismissal with one contradicts itself; other words are unknown."""
    found = read(tmp_path, HEADER + "1,,,,,Dismissed\n2,,half,,,partial\n3,4,,,,dismissed\n4,4,,,,maybe\n5,4,,,,answered\n")
    assert [item.outcome for item in found if isinstance(item, Response)] == [Outcome.DISMISSED, Outcome.PARTIAL, Outcome.ANSWERED]
    assert [item.place for item in found if isinstance(item, ResponseSkipped)] == ["responses.csv:4", "responses.csv:5"]


def test_read__dates(tmp_path: Path) -> None:
    """An ambiguous date is refused, unless the format is named."""
    text = HEADER + "1,9,,,03/04/2026,\n"
    assert isinstance(read(tmp_path, text)[0], ResponseSkipped)
    assert str(only(read(tmp_path, text, date_format="%m/%d/%Y")).responded_at) == "2026-03-04 00:00:00+00:00"


def test_configured_sources__date_format(tmp_path: Path) -> None:
    """Each file source has the date format that the spec gives it; what does not follow it is skipped with the way out."""
    columns = "columns: {id: i, score: s, email: e, responded_at: d}"
    spec = spec_from(
        f"sources: {{files: [{{path: a.csv, name: one, date_format: '%d.%m.%Y %H:%M', {columns}}}, {{path: b.csv, name: two, {columns}}}]}}"
    )
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("i,s,e,d\n1,9,a@b.c,04.03.2026 17:30\n2,9,a@b.c,2026-03-04\n", "utf-8")
    ours, iso = (list(source.read(None, None)) for source in configured_sources(spec.sources, tmp_path, {}))
    assert str(only(ours[:1]).responded_at) == "2026-03-04 17:30:00+00:00"
    assert [item.place for item in (ours[1], iso[0]) if isinstance(item, ResponseSkipped)] == ["a.csv:3", "b.csv:2"]
    assert isinstance(iso[0], ResponseSkipped) and "sources.files.date_format" in iso[0].reason
    assert str(only(iso[1:]).responded_at) == "2026-03-04 00:00:00+00:00"


def test_read__missing_id(tmp_path: Path) -> None:
    """A row without id is skipped."""
    assert isinstance(read(tmp_path, HEADER + " ,9,,,,\n")[0], ResponseSkipped)


def test_read__same_id_twice(tmp_path: Path) -> None:
    """A repetition is no error; another content under the same id is skipped and points to the first."""
    found = read(tmp_path, HEADER + "1,9,,,,\n1,9,,,,\n1,3,,,,\n")
    assert len(found) == 2
    assert isinstance(found[1], ResponseSkipped)
    assert "responses.csv:2" in found[1].reason


def test_read__too_many_cells(tmp_path: Path) -> None:
    """A row that does not fit the header is skipped: a comma in it was probably not quoted."""
    found = read(tmp_path, HEADER + "1,9,nice, really,a@b.c,2026-03-04,\n2,8\n")
    assert isinstance(found[0], ResponseSkipped)
    assert isinstance(found[1], Response)


def test_read__missing_column(tmp_path: Path) -> None:
    """A column that the file does not have is named, with those it has."""
    with pytest.raises(UsageError, match=r"responses\.csv has no column nps \(for score\).*it has response_id, score"):
        read(tmp_path, "response_id,score,comment,email,date,outcome\n")


def test_read__missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(UsageError, match=r"none\.csv"):
        list(FileSource([tmp_path / "none.csv"], COLUMNS).read(None, None))


def test_read__not_utf8(tmp_path: Path) -> None:
    """Text in another encoding is refused, with the remedy."""
    with pytest.raises(UsageError, match="UTF-8"):
        read(tmp_path, HEADER.encode() + "1,9,schön,,,\n".encode("latin-1"))


def test_read__open_quotation_mark(tmp_path: Path) -> None:
    """A quotation mark that stays open swallows the file: the line where it began is named."""
    rows = "".join(f"{number},9,{'x' * 90},,,\n" for number in range(2, 20))
    with pytest.raises(SourceRefused, match=r"responses\.csv:2"):
        read(tmp_path, HEADER + '1,9,"open,,,\n' + rows)


def test_read__stray_quotation_mark(tmp_path: Path) -> None:
    """A record that is not CSV is skipped, and the next one is read."""
    found = read(tmp_path, HEADER + '1,9,"nice" really,,,\n2,8,,,,\n')
    assert isinstance(found[0], ResponseSkipped)
    assert found[0].place == "responses.csv:2"
    assert isinstance(found[1], Response)


def test_read__json_lines(tmp_path: Path) -> None:
    """Each line is an object; a line that is none is skipped with its place."""
    lines = [{"id": "a", "score": 10, "tags": ["x", "y"]}, {"id": "b", "score": True}, ["c"], {"id": "d", "score": 9.0}]
    file = tmp_path / "responses.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines) + "\n{broken\n\n", "utf-8")
    found = list(FileSource([file], {"id": "id", "score": "score", "tags": "tags"}, name="export", format="json_lines").read(None, None))
    assert [(item.key, item.score, item.tags) for item in found if isinstance(item, Response)] == [
        ("export:a", 10, ("x", "y")),
        ("export:d", 9, ()),
    ]
    assert [item.place for item in found if isinstance(item, ResponseSkipped)] == [f"responses.jsonl:{line}" for line in (2, 3, 5)]


def test_configured_sources(tmp_path: Path) -> None:
    """The spec's entries become sources; a pattern that no file matches, a missing key and no source at all are named."""
    spec = spec_from(
        "version: 1\nsources: {promoter_io: {campaigns: all}, "
        "files: [{path: 'data/*.csv', columns: {id: i, score: s, email: e, responded_at: d}}]}"
    )
    with pytest.raises(UsageError, match="no file matches"):
        configured_sources(spec.sources, tmp_path, {"PROMOTER_IO_API_KEY": "k3y"})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("i,s,e,d\n1,9,a@b.c,2026-03-04\n", "utf-8")
    sources = configured_sources(spec.sources, tmp_path, {"PROMOTER_IO_API_KEY": "k3y"})
    assert [source.name for source in sources] == ["promoter_io", "file"]
    assert len(list(sources[1].read(None, None))) == 1
    with pytest.raises(UsageError, match="PROMOTER_IO_API_KEY"):
        configured_sources(spec.sources, tmp_path, {})
    with pytest.raises(UsageError, match="no source"):
        configured_sources(spec_from("version: 1").sources, tmp_path, {})


def test_file_source__attributes(tmp_path: Path) -> None:
    """Named columns become attributes, for routes; an empty cell is none; a Salesforce id is the person's."""
    text = "response_id,nps,comment,email,date,outcome,Renewal Key,Owner Id\n1,9,,,,,R-1,003000000000001\n2,9,,,,,,\n"
    columns = {**COLUMNS, "salesforce_id": "Owner Id"}
    first, second = read(tmp_path, text, columns, attributes={"renewal_key": "Renewal Key"})
    assert isinstance(first, Response) and isinstance(second, Response)
    assert (first.attributes, first.person.salesforce_id) == ({"renewal_key": "R-1"}, "003000000000001")
    assert (second.attributes, second.person.salesforce_id) == ({}, None)
