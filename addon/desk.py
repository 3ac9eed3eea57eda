"""The one job that may run at a time, where the operator, the panel and Blender's handlers all find it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..core.batch.report import Report
from ..core.errors import RigError
from .delivery import Delivery
from .job import Job
from .worker_command import WorkerCommand


@dataclass(slots=True)
class Desk:
    """The running job, and the way of its result into the file.

    refused: why the result could not be written, for the operator that asked.
    share:   which of how many recordings is being performed, from 0.
    told:    what came of the last recordings that were animated in a row, until it is saved or Blender ends.
    """

    job: Job | None = None
    delivery: Delivery | None = None
    refused: str = ""
    warnings: tuple[str, ...] = field(default=())
    share: tuple[int, int] = (0, 1)
    told: Report | None = None

    @property
    def busy(self) -> bool:
        return self.job is not None

    @property
    def value(self) -> float:
        """How much of all recordings is done, 0..1, while one is being performed."""
        place, count = self.share
        return (place + self.job.progress.value) / count

    @property
    def text(self) -> str:
        """What is being done, while one is being performed."""
        place, count = self.share
        return f"{place + 1} of {count}: {self.job.progress.text}" if count > 1 else self.job.progress.text

    def open(self, command: WorkerCommand, delivery: Delivery) -> Job:
        """Start the job that a delivery waits for. Raises: CoreError when one runs already or it cannot be kept."""
        self._check_free()
        return self.take(Job(command, delivery.request.order()), delivery)

    def take(self, job: Job, delivery: Delivery) -> Job:
        """Mind a job that runs already, or is over, and its delivery. Raises: CoreError when there is another."""
        self._check_free()
        self.job, self.delivery, self.refused, self.warnings = job, delivery, "", ()
        return job

    def _check_free(self) -> None:
        if self.job:
            raise RigError("Another performance is being made; wait for it or cancel it.")

    def clear(self) -> None:
        """End whatever runs, take back what is half written, and forget it."""
        delivery = self.delivery
        self.stop()
        if delivery:
            delivery.discard()

    def stop(self) -> None:
        """The same without a look at the file, for when Blender may have closed it already."""
        job, self.job, self.delivery, self.share = self.job, None, None, (0, 1)
        if job:
            job.close()


DESK = Desk()
