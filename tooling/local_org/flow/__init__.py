"""Flow interviews: metadata read, checked as a deploy does, compiled to closures, run for batches of records through a host."""

from __future__ import annotations

from .checks import check_flow, check_flow_test
from .compiler import compile_flow
from .frames import Program, Trigger
from .interpreter import InterviewResult, entry_matches, matching, run, run_autolaunched
from .model import Flow, FlowProblem, FlowTest
from .paths import LARGEST_BATCH, ScheduledPath, due_paths, scheduled_selection
from .reader import read_flow, read_flow_test
from .report import lines as trace_lines
from .testing import AssertionResult, TestedInterview, TestInputs, run_test
from .trace import InterviewTrace

__all__ = [
    "LARGEST_BATCH",
    "AssertionResult",
    "Flow",
    "FlowProblem",
    "FlowTest",
    "InterviewResult",
    "InterviewTrace",
    "Program",
    "ScheduledPath",
    "TestInputs",
    "TestedInterview",
    "Trigger",
    "check_flow",
    "check_flow_test",
    "compile_flow",
    "due_paths",
    "entry_matches",
    "matching",
    "read_flow",
    "read_flow_test",
    "run",
    "run_autolaunched",
    "run_test",
    "scheduled_selection",
    "trace_lines",
]
