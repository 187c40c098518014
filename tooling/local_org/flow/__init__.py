"""Flow interviews: metadata read, checked as a deploy does, compiled to closures, run for batches of records through a host."""

from __future__ import annotations

from .checks import check_flow
from .compiler import compile_flow
from .frames import Program, Trigger
from .interpreter import InterviewResult, entry_matches, matching, run, run_autolaunched
from .model import Flow, FlowProblem
from .paths import ScheduledPath, due_paths, scheduled_selection
from .reader import read_flow
from .trace import InterviewTrace

__all__ = [
    "Flow",
    "FlowProblem",
    "InterviewResult",
    "InterviewTrace",
    "Program",
    "ScheduledPath",
    "Trigger",
    "check_flow",
    "compile_flow",
    "due_paths",
    "entry_matches",
    "matching",
    "read_flow",
    "run",
    "run_autolaunched",
    "scheduled_selection",
]
