"""One REST call to Salesforce: time-outs, trust, retries, session renewal, and the errors of a whole call."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlparse

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from tenacity import RetryCallState, Retrying, retry_if_exception, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tooling.errors import Retriable, SessionExpired, Unreachable, UsageError
from tooling.salesforce.hosts import LOOPBACK
from tooling.salesforce.limits import usage_from
from tooling.salesforce.org import ApiUsage
from tooling.salesforce.refusals import error_of_call

Renew = Callable[[], str]
"""Logs in again and answers with a new access token."""

ATTEMPTS = 5
TIMEOUT = (10.0, 130.0)
"""Seconds to connect, and to wait for bytes: a synchronous call may take two minutes before Salesforce gives it up."""
LONGEST_PAUSE = 120.0
"""Seconds: what the org may ask us to wait before an attempt."""
_SHORT_TEXT = 100
"""Bytes: an error that Salesforce words without JSON is a code; a page is longer, and not Salesforce's."""
_COMMON_HEADERS = {
    # A duplicate rule that alerts must not refuse a record that nobody is there to confirm.
    # REST API Developer Guide, "Duplicate Rule Header".
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
    "Sforce-Call-Options": "client=nps-bridge",
}


class TimedOut(Retriable):
    """No answer came in time: whether the call did its work is not known."""


def open_session(instance_url: str, environ: Mapping[str, str] = os.environ) -> requests.Session:
    """A session that trusts what the environment says; on loopback it goes around any proxy the environment names."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=16)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    if urlparse(instance_url).hostname in LOOPBACK:
        session.trust_env = False  # it would bring proxies; but it is also what reads the CA bundle
        session.verify = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or True
    return session


def _is_safe_to_repeat(error: BaseException) -> bool:
    return isinstance(error, Retriable) and not isinstance(error, TimedOut)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    named = error.after if isinstance(error, Retriable) else None
    return named if named is not None else wait_random_exponential(multiplier=0.5, max=30)(state)


class Transport:
    """Calls paths below `/services/data/vXX.X/` and answers with JSON. Safe to use from several threads."""

    def __init__(
        self,
        client: Salesforce,
        *,
        renew: Renew | None = None,
        sleep: Callable[[float], None] = time.sleep,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self.client = client
        self._timeout = timeout
        self.calls = 0
        self.usage: ApiUsage | None = None
        self._renew = renew
        self._sleep = sleep
        self._clock_offset: float | None = None
        self._lock = threading.Lock()
        client.session.hooks["response"].append(self._note)

    @property
    def host(self) -> str:
        return str(self.client.sf_instance)

    def now(self) -> datetime | None:
        """The org's time by the `Date` header of its last answer, moved on by the time since; None before the first answer."""
        if self._clock_offset is None:
            return None
        return datetime.fromtimestamp(time.time() + self._clock_offset, UTC).replace(microsecond=0)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self.call("GET", path, params=params)

    def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None, repeat_after_time_out: bool = True
    ) -> Any:
        """The JSON of the answer, None when it has no body.

        Args:
            method: HTTP method.
            path: relative to the API version, e.g. `composite`.
            params: query parameters, not encoded.
            json: the body.
            repeat_after_time_out: False for a write that must be read back first.

        Raises:
            NpsError: as `exchange`.
        """
        extra = {} if json is None else {"json": json}
        answer = self.exchange(method, path, repeat_after_time_out=repeat_after_time_out, params=params, **extra)
        if not answer.content:
            return None
        try:
            return answer.json(object_pairs_hook=dict)
        except requests.exceptions.JSONDecodeError as error:
            raise Unreachable(
                f"the answer is not JSON ({method} {path} at {self.host})", "Check the instance URL, and any proxy on the way."
            ) from error

    def exchange(
        self, method: str, path: str, *, repeat_after_time_out: bool = True, headers: Mapping[str, str] | None = None, **request: Any
    ) -> requests.Response:
        """The answer itself, for bodies that are not JSON. `request` is what `requests` takes: params, data, json.

        Raises:
            TimedOut: no answer in time, and it may not be repeated.
            Unreachable: the org cannot be reached or stays overloaded.
            SessionExpired: the session ended and could not be renewed.
            OrgRefused: any other error the org gave for the whole call.
        """
        retry = retry_if_exception_type(Retriable) if repeat_after_time_out else retry_if_exception(_is_safe_to_repeat)
        retrying = Retrying(stop=stop_after_attempt(ATTEMPTS), wait=_wait, sleep=self._sleep, reraise=True, retry=retry)
        return retrying(self._with_renewal, method, path, {**_COMMON_HEADERS, **(headers or {})}, request)

    def pause(self, attempt: int) -> None:
        """Waits before `attempt` (1 is the first repeat) of records the org asked to send again."""
        self._sleep(random.uniform(0, min(30.0, 0.5 * 2**attempt)))

    def _with_renewal(self, method: str, path: str, headers: Mapping[str, str], request: Mapping[str, Any]) -> requests.Response:
        token = self.client.session_id
        try:
            return self._once(method, path, headers, request)
        except SessionExpired:
            if self._renew is None:
                raise
            with self._lock:
                if self.client.session_id == token:  # another thread may have renewed it meanwhile
                    self.client.session_id = self._renew()
                    self.client.headers["Authorization"] = f"Bearer {self.client.session_id}"
            return self._once(method, path, headers, request)

    def _once(self, method: str, path: str, headers: Mapping[str, str], request: Mapping[str, Any]) -> requests.Response:
        place = f"{method} {path} at {self.host}"
        try:
            # Not `restful`: its errors have lost the Retry-After header, and it reads JSON only.
            answer: requests.Response = self.client.session.request(
                method, self.client.base_url + path, headers={**self.client.headers, **headers}, timeout=self._timeout,
                allow_redirects=False, **request,
            )  # fmt: skip
        except (requests.exceptions.InvalidHeader, UnicodeError):
            raise UsageError("the access token contains characters that no token has", "Check SF_ACCESS_TOKEN.") from None
        except requests.exceptions.SSLError as error:
            raise UsageError(
                f"the certificate of {self.host} is not trusted: {_short(error)}",
                "Point REQUESTS_CA_BUNDLE to a bundle with its authority.",
            ) from error
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise Retriable(
                f"cannot reach {self.host}: {_short(error)}", "Check the network and any proxy; running again is safe."
            ) from error
        except requests.exceptions.ReadTimeout as error:
            raise TimedOut(f"no answer in {self._timeout[1]:.0f} s ({place})", "Running again is safe.") from error
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            # The connection may have broken before or after the work was done: treated as a time-out.
            raise TimedOut(f"the connection to {self.host} failed: {_short(error)}", "Check the network; running again is safe.") from error
        _forget_token(answer)
        if 300 <= answer.status_code < 400:
            raise UsageError(
                f"{self.host} sends elsewhere (HTTP {answer.status_code})", "Set SF_INSTANCE_URL to the org's own My Domain URL."
            )
        if answer.status_code >= 300:
            raise error_of_call(answer.status_code, _content(answer), place=place, retry_after=_retry_after(answer))
        return answer

    def _note(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        usage = usage_from(response.headers.get("Sforce-Limit-Info"))
        date = response.headers.get("Date")
        with self._lock:
            self.calls += 1
            self.usage = usage or self.usage
            if date:
                try:
                    self._clock_offset = parsedate_to_datetime(date).timestamp() - time.time()
                except ValueError:  # a proxy's own idea of a date
                    return


def _content(answer: requests.Response) -> object:
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text if len(answer.content) <= _SHORT_TEXT else None


def _forget_token(answer: requests.Response) -> None:
    """An answer that repeats the token it was asked with must not carry it into a message, a log or a record."""
    token = str(answer.request.headers.get("Authorization", "")).removeprefix("Bearer ").encode()
    if token and token in answer.content:
        answer._content = answer.content.replace(token, b"[access token]")  # noqa: SLF001 - requests has no other way


def _retry_after(answer: requests.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), LONGEST_PAUSE) if text.isdigit() else None


def _short(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return str(getattr(reason, "reason", reason))[:200]
