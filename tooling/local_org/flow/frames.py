"""What runs: a program is made of steps; an interview goes through them in frames, one per flow on the subflow stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from uuid import uuid4

from .host import Criterion, Host, Record
from .kinds import Kind
from .model import Flow, ScheduledPath
from .trace import InterviewTrace
from .vocabulary import TriggerType

Read = Callable[["Frame"], Any]
Test = Callable[["Frame"], bool]


@dataclass(slots=True)
class Trigger:
    """One record that starts an interview. A before-save flow assigns into `record`."""

    record: Record
    prior: Record | None
    is_new: bool


@dataclass(slots=True)
class Interview:
    """One run of a flow for one record, or for one set of inputs."""

    frames: list[Frame]
    started: datetime
    trace: InterviewTrace | None = None
    custom_errors: list[tuple[str, str | None]] = field(default_factory=list)
    fault: str | None = None
    finished: bool = False
    _guid: str = ""

    @property
    def guid(self) -> str:
        if not self._guid:
            self._guid = str(uuid4())
        return self._guid

    @property
    def frame(self) -> Frame:
        return self.frames[-1]


class Frame:
    """One flow of an interview: its variables and where it stands. The hottest object of the interpreter: slots, no properties."""

    __slots__ = (
        "called_at", "caller", "fault_message", "faulted", "host", "interview", "is_new", "loops", "prior", "program", "record", "step",
        "values", "visited", "zone",
    )  # fmt: skip

    def __init__(self, program: Program, host: Host, record: Record | None, prior: Record | None, is_new: bool) -> None:
        self.program = program
        self.host = host
        self.zone: tzinfo = host.time_zone
        self.record = record
        """`$Record`; in a before-save flow the very dict that is about to be saved."""
        self.prior = prior
        self.is_new = is_new
        self.values: dict[str, Any] = {}
        self.visited: set[str] = set()
        self.faulted: set[str] = set()
        self.loops: dict[str, tuple[list[Any], int]] = {}
        self.fault_message: str | None = None
        self.step: Step | None = None
        self.caller: Callable[[Frame, Frame], None] | None = None
        """Hands the outputs to the calling frame when this one ends."""
        self.called_at: dict[str, Any] | None = None
        """The trace's entry of the subflow element that runs this frame."""
        self.interview: Interview


class Step:
    """A compiled element. `next` and `fault` are wired after all elements are compiled."""

    kind = "Element"
    cost = 0.05
    """Milliseconds of CPU time one interview spends here."""
    waits = False
    """Whether the interviews that reach it wait for each other, so that one statement serves them all."""
    __slots__ = ("fault", "label", "name", "next")

    def __init__(self, name: str) -> None:
        self.name = name
        self.label = name
        """As the canvas shows it."""
        self.next: Step | None = None
        self.fault: Step | None = None

    def go(self, frame: Frame) -> Step | None:
        """Does the element's work for one frame and says where it continues.

        Raises:
            FlowFault: the element failed.
        """
        raise NotImplementedError

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        """Does the work for all frames that wait here; per frame the fault's text, or None. Only steps that wait have it."""
        raise NotImplementedError

    def targets(self) -> dict[str, str]:
        """Attribute to element name, for connectors besides `next` and `fault`."""
        return {}


@dataclass
class VariableSlot:
    """A variable at the start of an interview."""

    name: str
    kind: Kind
    default: Read | None
    is_input: bool
    is_output: bool


@dataclass
class Program:
    """A compiled flow, run by `interpreter`."""

    flow: Flow
    first: Step | None = None
    paths: dict[str, Step] = field(default_factory=dict)
    """The first element of each scheduled path by its name."""
    variables: list[VariableSlot] = field(default_factory=list)
    entry: Callable[[Host, Trigger], bool] | None = None
    """The entry conditions; None where there are none."""
    record_paths: tuple[tuple[str, ...], ...] = ()
    """The parent fields of `$Record` that the flow mentions."""
    entry_paths: tuple[tuple[str, ...], ...] = ()
    """The parent fields that its entry conditions mention."""
    scheduled_paths: tuple[ScheduledPath, ...] = ()
    explain_entry: Callable[[Frame], list[dict[str, Any]]] | None = None
    """What the entry conditions saw, for a trace."""
    criteria: Callable[[Frame], tuple[Criterion, ...]] | None = None
    """The start filters as criteria, for a schedule-triggered flow to select its records by."""
    sobject: str | None = None
    """Of `$Record`."""

    @property
    def name(self) -> str:
        return self.flow.full_name

    @property
    def label(self) -> str:
        return self.flow.label

    @property
    def before_save(self) -> bool:
        return self.flow.trigger_type in (TriggerType.RECORD_BEFORE_SAVE, TriggerType.RECORD_BEFORE_DELETE)
