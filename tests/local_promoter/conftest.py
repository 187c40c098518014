"""The double over HTTP: one server for all tests, a new double for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.local_promoter.service import NOW, SEVEN, Clock, Service
from tooling.local_promoter.app import Double
from tooling.local_promoter.feed import Feed
from tooling.local_promoter.server import serve


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[Double, str]]:
    double = Double(Feed(NOW), lambda: NOW)
    with serve(double) as url:
        yield double, url


@pytest.fixture
def service(running: tuple[Double, str]) -> Iterator[Service]:
    """A service without feedback, that nothing has happened to."""
    double, url = running
    clock = Clock()
    vars(double).update(vars(Double(Feed(NOW), clock.now, ticks=clock.ticks)))
    with requests.Session() as session:
        session.trust_env = False
        yield Service(double, clock, url, session)


@pytest.fixture
def seven(service: Service) -> Service:
    """A service with seven answers, none of them like another."""
    service.play(*SEVEN)
    return service
