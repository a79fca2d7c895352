"""Feels the pulse of the GUI thread: how long it did not come back to its loop, and why."""

from __future__ import annotations

import gc
import sys
import threading
import time
import traceback
from typing import Self

from PySide6.QtCore import Qt, QTimer

BEAT = 0.005  # seconds
LATE = 0.05  # seconds; the promise: never longer


class Heartbeat:
    """While entered, a timer of the GUI thread beats; `longest` is the longest pause between two.

    `busiest` is the most time the thread itself worked between two beats: a machine with other
    work to do makes pauses longer, but not this. `why` holds where the thread stood in its pauses
    past LATE, innermost call last.
    """

    def __init__(self) -> None:
        self.longest = 0.0  # seconds
        self.busiest = 0.0  # seconds of processor time
        self.beats = 0
        self.collecting = 0.0  # seconds of processor time
        self.late = 0  # pauses past LATE
        self.why: list[str] = []
        self._thread = threading.get_ident()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(BEAT * 1000))
        self._timer.timeout.connect(self._beat)
        self._at = self._worked = self._collects = 0.0
        self._watching = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._at, self._worked = time.perf_counter(), time.thread_time()
        gc.callbacks.append(self._collect)
        self._timer.start()
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._beat()
        self._timer.stop()
        gc.callbacks.remove(self._collect)
        self._watching.set()
        self._watcher.join()

    def __str__(self) -> str:
        return (
            f"longest pause {self.longest * 1000:.0f} ms, of its own work at most"
            f" {self.busiest * 1000:.0f} ms, {self.late} of {self.beats} late,"
            f" collecting garbage at most {self.collecting * 1000:.0f} ms"
        )

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        pause, work = now - self._at, worked - self._worked
        self._at, self._worked = now, worked
        self.beats += 1
        self.longest = max(self.longest, pause)
        self.busiest = max(self.busiest, work)
        self.late += pause > LATE

    def _collect(self, phase: str, _: object) -> None:
        if phase == "start":
            self._collects = time.thread_time()
        else:
            self.collecting = max(self.collecting, time.thread_time() - self._collects)

    def _watch(self) -> None:
        """Note where the thread stands when its own work has taken most of a pause allowed."""
        clock = time.pthread_getcpuclockid(self._thread) if sys.platform == "linux" else None
        told = 0.0
        while not self._watching.wait(BEAT):
            at, worked = self._at, self._worked
            if clock is None or at == told or time.clock_gettime(clock) - worked < LATE / 2:
                continue
            told = at
            frame = sys._current_frames().get(self._thread)
            if frame is not None:
                took = (time.clock_gettime(clock) - worked) * 1000
                self.why.append(f"{took:.0f} ms\n" + "".join(traceback.format_stack(frame)[-14:]))
