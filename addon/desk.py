"""The one job that may run at a time, where the operator, the panel and Blender's handlers all find it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import RigError
from .job import Job
from .request import Request
from .worker_command import WorkerCommand


@dataclass(slots=True)
class Desk:
    """The running job, and the request whose result waits to be written.

    refused: why the result could not be written, for the operator that asked.
    """

    job: Job | None = None
    request: Request | None = None
    output: Path | None = None
    refused: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def busy(self) -> bool:
        return self.job is not None

    def open(self, command: WorkerCommand, request: Request) -> Job:
        """Start a job. Raises: CoreError when one runs already or the request cannot be kept."""
        if self.job:
            raise RigError("Another performance is being made; wait for it or cancel it.")
        self.job = Job(command, request.order())
        self.request, self.output, self.refused, self.warnings = request, None, "", ()
        return self.job

    def clear(self) -> None:
        """End whatever runs and forget it."""
        job, self.job, self.request, self.output = self.job, None, None, None
        if job:
            job.close()


DESK = Desk()
