"""The thread that runs asynchronous and scheduled automation when its time has come, unless the org is set to run it on request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)
_LONGEST_SLEEP = 0.5
"""Seconds between looks at the clock, which may have been set."""


class Worker:
    """`step` runs one batch and says whether there was any."""

    def __init__(self, step: Callable[[], bool]) -> None:
        self._step = step
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="local-org-automation", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to do now."""
        self._wake.set()

    def stop(self) -> None:
        """Returns when the batch that runs, if any, is done."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(_LONGEST_SLEEP)
            self._wake.clear()
            try:
                while not self._stopped and self._step():
                    pass
            except Exception:
                # The thread outlives a defect in one batch; the batch is still queued and is met again at the next look.
                _log.exception("automation stopped at a batch")
