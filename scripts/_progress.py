"""Runs as bars on a terminal, and as one line for each finished run anywhere else."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from sim.experiments.compare import Progress as Event


class Bars:
    """A context manager, to be called with each event of a comparison."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Elapsed())
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}
        self._console = console

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        if event.state == "started":
            self._tasks[event.run] = self._bars.add_task(event.run, total=None)
        elif event.state == "step":
            self._bars.update(self._tasks[event.run], completed=event.step, total=event.steps)
        else:
            self._close(event)

    def _close(self, event: Event) -> None:
        if event.run in self._tasks:
            self._bars.remove_task(self._tasks.pop(event.run))
        why = f" ({event.text})" if event.text else ""
        self._console.print(f"{event.run}: {event.state}{why}", highlight=False, soft_wrap=True)
