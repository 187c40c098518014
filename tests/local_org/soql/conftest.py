"""A moment for date literals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    """The evening of 9 March 2026 in Los Angeles."""
    return datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
