"""Flows as files (`flows/`), run against an org in dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tooling.local_org.flow import Flow, Program, compile_flow, read_flow

from .org import InMemoryOrg
from .schema import SCHEMA

FLOWS = Path(__file__).parent / "flows"


def read(name: str) -> Flow:
    return read_flow(name, (FLOWS / f"{name}.flow-meta.xml").read_bytes())


@pytest.fixture
def org() -> InMemoryOrg:
    return InMemoryOrg()


@pytest.fixture
def program() -> Callable[..., Program]:
    """Compiles a flow of the folder; further names are the flows that it calls."""

    def compiled(name: str, *called: str) -> Program:
        flows = {other: read(other) for other in (name, *called)}
        assert flows[name].problems == ()
        return compile_flow(flows[name], SCHEMA, flows)

    return compiled
