"""Promoter.io's REST API, at the edge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses

from tooling.errors import Retriable, SourceRefused, Unreachable, UsageError
from tooling.nps.response import Response
from tooling.sources.promoter_io.client import DEFAULT_BASE_URL, PromoterIoClient
from tooling.sources.promoter_io.source import PromoterIoSource

FEEDBACK = f"{DEFAULT_BASE_URL}v2/feedback/"


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(pauses: list[float]) -> PromoterIoClient:
    return PromoterIoClient("k3y", sleep=pauses.append)


def page(*ids: int, following: str | None = None) -> dict[str, Any]:
    return {"count": 3, "next": following, "previous": None, "results": [{"id": number, "score": 9} for number in ids]}


def test_feedback__pages(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """Pages are followed as `next` names them; every request carries the key as a Token and a trailing slash."""
    web.get(FEEDBACK, json=page(1, 2, following=f"{FEEDBACK}?page=2&posted_date_0=2026-01-01"))
    web.get(f"{FEEDBACK}?page=2&posted_date_0=2026-01-01", json=page(3))
    assert [item["id"] for item in client.feedback(posted_date_0="2026-01-01")] == [1, 2, 3]
    assert [call.request.headers["Authorization"] for call in web.calls] == ["Token k3y", "Token k3y"]
    assert web.calls[0].request.url == f"{FEEDBACK}?posted_date_0=2026-01-01"


def test_feedback__page_past_the_end(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """A next page that is gone by now ends the list: items were removed while we were reading."""
    web.get(FEEDBACK, json=page(1, following=f"{FEEDBACK}?page=2"))
    web.get(f"{FEEDBACK}?page=2", status=404, json={"detail": "Invalid page."})
    assert [item["id"] for item in client.feedback()] == [1]


def test_feedback__no_such_resource(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """A first page that does not exist is a wrong address, not an empty list."""
    web.get(FEEDBACK, status=404)
    with pytest.raises(SourceRefused, match="PROMOTER_IO_BASE_URL"):
        list(client.feedback())


def test_feedback__next_page_on_another_host(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """The key does not travel to another host."""
    web.get(FEEDBACK, json=page(1, following="https://elsewhere.example.com/api/v2/feedback/?page=2"))
    with pytest.raises(SourceRefused, match=re.escape("elsewhere.example.com")):
        list(client.feedback())


def test_feedback__redirected(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """A redirect is not followed: it could carry the key away."""
    web.get(FEEDBACK, status=302, headers={"Location": "https://elsewhere.example.com/"})
    with pytest.raises(SourceRefused, match="HTTP 302"):
        list(client.feedback())


@pytest.mark.parametrize(
    ("headers", "detail"),
    [({"Retry-After": "42"}, "x"), ({}, "Request was throttled. Expected available in 42.0 seconds.")],
)
def test_feedback__throttled(
    web: responses.RequestsMock, client: PromoterIoClient, pauses: list[float], headers: dict[str, str], detail: str
) -> None:
    """A throttled request waits as long as the service says, in its header or its text, and goes on."""
    web.get(FEEDBACK, status=429, headers=headers, json={"detail": detail})
    web.get(FEEDBACK, json=page(1))
    assert len(list(client.feedback())) == 1
    assert pauses == [42.0]


def test_feedback__throttled_for_long(web: responses.RequestsMock, client: PromoterIoClient, pauses: list[float]) -> None:
    """A throttling of an hour ends the run, which is safe to repeat."""
    web.get(FEEDBACK, status=429, headers={"Retry-After": "3600"})
    with pytest.raises(Unreachable):
        list(client.feedback())
    assert pauses == []


def test_feedback__server_error_then_well(web: responses.RequestsMock, client: PromoterIoClient, pauses: list[float]) -> None:
    """Server errors and broken connections are repeated with growing pauses."""
    web.get(FEEDBACK, status=503)
    web.get(FEEDBACK, body=requests.exceptions.ReadTimeout())
    web.get(FEEDBACK, json=page(1))
    assert len(list(client.feedback())) == 1
    assert len(pauses) == 2


def test_feedback__server_error_stays(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """After the last attempt the error says that running again is safe; exit code 3."""
    web.get(FEEDBACK, status=500)
    with pytest.raises(Retriable) as raised:
        list(client.feedback())
    assert raised.value.exit_code == 3


@pytest.mark.parametrize("status", [401, 403])
def test_feedback__key_refused(web: responses.RequestsMock, client: PromoterIoClient, status: int) -> None:
    """A wrong key is named as such, and is not printed."""
    web.get(FEEDBACK, status=status)
    with pytest.raises(SourceRefused, match="the key was refused") as raised:
        list(client.feedback())
    assert "k3y" not in str(raised.value)


def test_feedback__html(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """A log-in page is not the API: the remedy is named."""
    web.get(FEEDBACK, body="<html>log in</html>", content_type="text/html")
    with pytest.raises(SourceRefused, match=r"text/html.*\n.*PROMOTER_IO_BASE_URL"):
        list(client.feedback())


@pytest.mark.parametrize("body", [[], {"count": 1}, {"results": {"id": 1}}, {"results": ["x"]}])
def test_feedback__json_of_another_shape(web: responses.RequestsMock, client: PromoterIoClient, body: Any) -> None:
    """JSON that is not a list envelope is refused, not taken for an empty list."""
    web.get(FEEDBACK, json=body)
    with pytest.raises(SourceRefused):
        list(client.feedback())


def test_feedback__endless_next(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """A page that names itself as its next one does not loop for ever."""
    web.get(FEEDBACK, json=page(1, following=FEEDBACK))
    with pytest.raises(SourceRefused, match="names itself"):
        list(client.feedback())


@pytest.mark.parametrize(("status", "removed"), [(200, False), (404, True), (410, True)])
def test_is_removed(web: responses.RequestsMock, client: PromoterIoClient, status: int, removed: bool) -> None:
    """A response is removed when its single read answers 404 or 410."""
    web.get(f"{DEFAULT_BASE_URL}feedback/270/", status=status, json={"id": 270, "score": 1})
    assert PromoterIoSource(client).is_removed("270") is removed


def test_close(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """Closing sends the status; any 2xx is well."""
    web.put(f"{FEEDBACK}270/", status=204)
    client.close("270")
    assert web.calls[0].request.body == b'{"status": "CLOSED"}'


def test_read__window_and_campaigns(web: responses.RequestsMock, client: PromoterIoClient) -> None:
    """The window is widened by a day on each side, and campaigns are chosen by id or by pattern of their name."""
    items = [
        {"id": number, "score": 9, "campaign": {"id": campaign, "name": name}}
        for number, campaign, name in [(1, 5, "Renewal EMEA"), (2, 6, "Onboarding"), (3, 7, "Other")]
    ]
    web.get(FEEDBACK, json={"results": items})
    source = PromoterIoSource(client, campaigns=["renewal*", "6"])
    found = source.read(datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC))
    assert [response.id for response in found if isinstance(response, Response)] == ["1", "2"]
    assert "posted_date_0=2026-03-03&posted_date_1=2026-03-07" in str(web.calls[0].request.url)


@pytest.mark.parametrize("url", ["app.promoter.io/api", "ftp://app.promoter.io/", "http://app.promoter.io/api/", ""])
def test_client__address_that_is_none_or_not_encrypted(url: str) -> None:
    """The key is sent only over TLS, except to the machine itself."""
    with pytest.raises(UsageError):
        PromoterIoClient("k3y", url)
    PromoterIoClient("k3y", "http://localhost:1234/api/")


def test_from_environment() -> None:
    """Key and base URL come from the environment; without a key the error says which variable to set."""
    with pytest.raises(UsageError, match="PROMOTER_IO_API_KEY"):
        PromoterIoClient.from_environment({})
    assert PromoterIoClient.from_environment({"PROMOTER_IO_API_KEY": "k3y"})
