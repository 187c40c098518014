"""Promoter.io's REST API: authentication, paging, throttling. No payload is interpreted here."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlparse

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tooling.errors import Retriable, SourceRefused, Unreachable, UsageError

DEFAULT_BASE_URL = "https://app.promoter.io/api/"
KEY_VARIABLE = "PROMOTER_IO_API_KEY"
URL_VARIABLE = "PROMOTER_IO_BASE_URL"
ATTEMPTS = 6
TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and to wait for bytes."""
LONGEST_PAUSE = 300.0
"""Seconds: a throttling answer that asks for more ends the run instead (it is safe to run again)."""

# Promoter.io API reference, "Rate limiting": `Request was throttled. Expected available in 42.0 seconds.`
_AVAILABLE_IN = re.compile(r"available in (\d+(?:\.\d+)?) second")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class PromoterIoClient:
    """Reads feedback and closes it. The key is sent to the base URL's host only, and never printed."""

    def __init__(
        self,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        *,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        address = urlparse(base_url)
        if not address.hostname or address.scheme not in {"http", "https"}:
            raise UsageError(f"{base_url!r} is not the base URL of Promoter.io's API", f"It looks like {DEFAULT_BASE_URL}.")
        if address.scheme == "http" and address.hostname not in _LOOPBACK:
            raise UsageError(f"{base_url} would send the API key unencrypted", "Use https.")
        if not api_key.strip() or not api_key.strip().isascii():
            raise UsageError("the Promoter.io API key is empty or contains characters no key has", f"Set {KEY_VARIABLE}.")
        self._base_url = base_url.rstrip("/") + "/"
        self._session = session or requests.Session()
        if address.hostname in _LOOPBACK:
            self._session.trust_env = False
        self._headers = {"Authorization": f"Token {api_key.strip()}", "Accept": "application/json"}
        self._sleep = sleep
        self.calls = 0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, **settings: Any) -> PromoterIoClient:
        """A client from PROMOTER_IO_API_KEY and, if set, PROMOTER_IO_BASE_URL.

        Raises:
            UsageError: no key.
        """
        key = environ.get(KEY_VARIABLE, "")
        if not key:
            raise UsageError("no Promoter.io API key", f"Set {KEY_VARIABLE} to the key shown in Promoter.io under Settings, API.")
        return cls(key, environ.get(URL_VARIABLE) or DEFAULT_BASE_URL, **settings)

    def feedback(self, **filters: str) -> Iterator[Mapping[str, Any]]:
        """Every feedback item that passes the filters (`posted_date_0`, `posted_date_1`: YYYY-MM-DD; `survey__campaign`: id).

        Raises:
            SourceRefused: wrong key or address, or an answer that is not the API's.
            Unreachable: no answer after all attempts.
        """
        yield from self._pages("v2/feedback/", filters)

    def feedback_count(self) -> int | None:
        """How many feedback items there are, by the first page's own account."""
        response = self._call("GET", self._base_url + "v2/feedback/")
        count = _object(response).get("count") if response is not None else None
        return count if isinstance(count, int) else None

    def campaigns(self) -> Iterator[Mapping[str, Any]]:
        """Every campaign (`id`, `name`, …)."""
        yield from self._pages("campaigns/", {})

    def one_feedback(self, feedback_id: str) -> Mapping[str, Any] | None:
        """One feedback item, or None when the service says it is gone (404 or 410)."""
        response = self._call("GET", self._url("feedback", feedback_id))
        return None if response is None else _object(response)

    def close(self, feedback_id: str) -> None:
        """Sets the status of a feedback item to CLOSED. One that is gone needs no closing."""
        self._call("PUT", self._url("v2", "feedback", feedback_id), json={"status": "CLOSED"})

    def _url(self, *parts: str) -> str:
        # Always a trailing slash: without it POST failed, and it is the form the service's own `href` values have.
        return self._base_url + "/".join(quote(part, safe="") for part in parts) + "/"

    def _pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        url: str | None = self._base_url + path
        params: Mapping[str, str] | None = filters
        seen: set[str] = set()
        while url:
            response = self._call("GET", url, params=params)
            if response is None:  # a page past the end: items were removed while we were reading
                if not seen:
                    raise SourceRefused(f"{url} does not exist", f"Check {URL_VARIABLE}.")
                return
            seen.add(url)
            envelope = _object(response)
            results = envelope.get("results")
            if not isinstance(results, list):
                raise SourceRefused(f"{_place(url)} answered without a list of results", f"Check {URL_VARIABLE}.")
            for item in results:
                if isinstance(item, Mapping):
                    yield item
                else:
                    raise SourceRefused(f"{_place(url)} lists {item!r:.60}, which is not an object", "")
            url, params = self._next(envelope.get("next"), url), None
            if url in seen:
                raise SourceRefused(f"{_place(url)} names itself as its next page", "")

    def _next(self, value: object, current: str) -> str | None:
        if not value:
            return None
        target = urljoin(current, str(value))
        here, there = urlparse(self._base_url), urlparse(target)
        # The key must not travel: a next page on another host is not followed. Behind a proxy only the scheme differs.
        if there.hostname != here.hostname or (there.port or None) != (here.port or None):
            raise SourceRefused(
                f"the next page is on another host ({there.netloc}, not {here.netloc})", f"Set {URL_VARIABLE} to that host if it is right."
            )
        return there._replace(scheme=here.scheme).geturl()

    def _call(
        self, method: str, url: str, *, params: Mapping[str, str] | None = None, json: Mapping[str, str] | None = None
    ) -> requests.Response | None:
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS), wait=_wait, sleep=self._sleep, reraise=True, retry=retry_if_exception_type(Retriable)
        )
        return retrying(self._once, method, url, params, json)

    def _once(self, method: str, url: str, params: Mapping[str, str] | None, json: Mapping[str, str] | None) -> requests.Response | None:
        self.calls += 1
        place = _place(url)
        try:
            response = self._session.request(
                method, url, params=params, json=json, headers=self._headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.exceptions.SSLError as error:
            raise UsageError(
                f"the certificate of {urlparse(url).hostname} is not trusted", "Point REQUESTS_CA_BUNDLE to its authority."
            ) from error
        except requests.exceptions.RequestException as error:
            raise Retriable(f"no answer from {place}: {type(error).__name__}", "Check the network; running again is safe.") from error
        status = response.status_code
        if 200 <= status < 300:
            return response
        if status in {404, 410}:
            return None
        if status in {401, 403}:
            raise SourceRefused(f"the key was refused by {place} (HTTP {status})", f"Set {KEY_VARIABLE} to the key under Settings, API.")
        if status == 429:
            after = _seconds(response)
            if after is not None and after > LONGEST_PAUSE:
                raise Unreachable(f"{place} is throttled for another {after:.0f} s", "Run again later; nothing was lost.")
            raise Retriable(f"{place} is throttled", "Run again later; nothing was lost.", after=after)
        if status >= 500:
            raise Retriable(f"HTTP {status} from {place}", "The service has a problem; running again is safe.")
        raise SourceRefused(
            f"HTTP {status} from {place}: {self._without_key(response.text)[:200]}",
            f"Check {URL_VARIABLE} and the spec's sources.promoter_io.",
        )

    def _without_key(self, text: str) -> str:
        return text.replace(self._headers["Authorization"].removeprefix("Token "), "[API key]")


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    named = error.after if isinstance(error, Retriable) else None
    return named if named is not None else wait_random_exponential(multiplier=1, max=60)(state)


def _seconds(response: requests.Response) -> float | None:
    """How long a throttled caller shall wait: the Retry-After header in seconds, else the sentence in the body."""
    header = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", header):
        return float(header)
    found = _AVAILABLE_IN.search(response.text)
    return float(found[1]) if found else None


def _object(response: requests.Response) -> Mapping[str, Any]:
    try:
        value = response.json()
    except ValueError:
        value = None
    if isinstance(value, Mapping):
        return value
    kind = response.headers.get("Content-Type", "no content type")
    raise SourceRefused(
        f"{_place(response.url)} did not answer with the API's JSON ({kind})",
        f"Check {URL_VARIABLE}: a log-in page or a proxy may have answered.",
    )


def _place(url: str) -> str:
    address = urlparse(url)
    return f"{address.netloc}{address.path}"
