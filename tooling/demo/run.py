"""The acts of the demo, in order."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from tooling.bridge.report import SyncReport
from tooling.bridge.sync import SyncOptions, sync
from tooling.demo.stage import Stage, set_up
from tooling.demo.story import Story, automation_state, tell
from tooling.demo.team import close_some
from tooling.errors import NpsError
from tooling.metadata import writer
from tooling.metadata.generator import plan
from tooling.sources.configured import configured_sources
from tooling.spec.loader import load_spec
from tooling.spec.model import Spec

_SPEC = Path("nps.yml")


def run_demo(root: Path, *, keep: bool = False, as_json: bool = False) -> None:
    """Generates, deploys, loads, syncs three times, and tells the story. With `keep`, stays up until it is interrupted.

    Raises:
        UsageError: this is not the folder of a project.
        NpsError: a step failed.
    """
    console = Console(stderr=as_json, highlight=False)
    with _step(console, "generate force-app/ from nps.yml") as done:
        spec = load_spec(root / _SPEC)
        files = plan(spec)
        differences = writer.diff(files, root / "force-app")
        if differences:
            writer.write(files, root / "force-app")
        done(f"{len(files)} files, " + ("written anew" if differences else "unchanged"))
    with set_up(root) as stage:
        story = _play(stage, spec, console)
        if as_json:
            print(json.dumps(story.as_json(), ensure_ascii=False))
        else:
            tell(story, console)
        if keep:
            _stay(stage, console)


def _play(stage: Stage, spec: Spec, console: Console) -> Story:
    _deploy(stage, spec, console)
    story = Story.begin(stage.gateway(), str(stage.promoter.feed.about["story_person"]))
    story.syncs.append(_sync(stage, spec, console, "first sync, with follow-ups", with_follow_ups=True))
    _settle(stage, console, "flows after commit")
    story.after_first_sync(stage.gateway())
    stage.control("clock", {"advance": "16h"})
    _work(stage, spec, console, story.email)
    stage.control("clock", {"advance": "8h"})
    stage.promoter.feed.go_on(stage.promoter.now())
    story.syncs.append(_sync(stage, spec, console, "next day: edits, a removal, new answers"))
    _settle(stage, console, "flows after commit")
    story.syncs.append(_sync(stage, spec, console, "third sync: the whole overlap again"))
    last = story.syncs[-1]
    if not last.read == last.unchanged > 0:
        raise NpsError(f"the third sync should have found nothing new: {last.as_text()}", "This is a defect: please report it.")
    story.end(stage.gateway(), stage.promoter.throttled)
    return story


def _deploy(stage: Stage, spec: Spec, console: Console) -> None:
    with _step(console, "cci flow run dev_org: deploy, permissions, sample data") as done:
        seen: list[str] = []

        def note(line: str) -> None:
            seen.append(line)
            console.file.flush()

        stage.cci(["flow", "run", "dev_org", "--org", "local"], note)
        stage.verify_sender(spec)
        done("deployed with CumulusCI, sample data loaded")


def _sync(stage: Stage, spec: Spec, console: Console, title: str, **options: Any) -> SyncReport:
    with _step(console, title) as done:
        sources = configured_sources(spec.sources, stage.root, stage.variables)
        report = sync(spec, sources, stage.gateway(), SyncOptions(**options))
        done(
            f"{report.read} read, {report.created} created, {report.revised} revised, {report.unchanged} unchanged, "
            f"{report.parked} parked, {report.api_calls} API calls"
        )
    return report


def _work(stage: Stage, spec: Spec, console: Console, but: str) -> None:
    with _step(console, "next morning: the team calls back") as done:
        closed = close_some(stage.gateway(), spec, but=but)
        stage.control("run-async", {})
        done(closed)


def _settle(stage: Stage, console: Console, title: str) -> None:
    """Waits for what the org does after commit, then lets ten minutes pass: scheduled paths ask for what is still behind."""
    with _step(console, title) as done:
        stage.control("run-async", {})
        stage.control("clock", {"advance": "10m"})
        done(automation_state(stage.gateway()))


def _stay(stage: Stage, console: Console) -> None:
    console.print(f"\nThe org stays up at [bold]{stage.url}[/] until you press Ctrl-C.")
    console.print(f"Its certificate is made on this machine; a browser asks once, or use {stage.url.replace('https', 'http')}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("Stopped.")


@contextmanager
def _step(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    results: list[str] = []
    with console.status(f"{title} …"):
        yield results.append
    console.print(f"[green]✓[/] {title}" + (f": {results[0]}" if results else ""))
