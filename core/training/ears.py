"""What generators listen with while they are trained: the finished encoder, or the trunk, which is tuned along."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn

from .diet import Diet
from .distil import Pupil
from .network import DELAY
from .passages import Batch, some_frames

HEARD = 384
"""Values in a frame of the encoder."""
FRAME_DROPOUT = 0.1  # of the encoder's values, where phones are read from them


class EncoderEars(nn.Module):
    """Frames that the encoder gave beforehand, brought to one scale, and the phones read from them."""

    lead = delay = 0

    def __init__(self, phones: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(HEARD))
        self.register_buffer("scale", torch.ones(HEARD))
        self.phones = nn.Linear(HEARD, phones)

    def settle(self, diet: Diet) -> EncoderEars:
        """Take the mean and spread of the frames that will be heard. Returns itself."""
        some = some_frames(diet)
        self.mean.copy_(torch.from_numpy(some.mean(axis=0)))
        self.scale.copy_(torch.from_numpy(1 / (some.std(axis=0) + 1e-3)))
        return self

    def forward(self, batch: Batch) -> tuple[Batch, torch.Tensor]:
        """A batch as generators read it, and the scores of its phones, float32 [B, n, P]."""
        frames = (batch.frames - self.mean) * self.scale
        return replace(batch, frames=frames), self.phones(F.dropout(frames, FRAME_DROPOUT, self.training))


class TrunkEars(nn.Module):
    """The trunk and its phones, both of them the pupil's own, so that training changes the pupil."""

    lead = 50  # rows of a cut that only give the trunk its past: one second
    delay = DELAY

    def __init__(self, pupil: Pupil) -> None:
        super().__init__()
        self.trunk, self.phones = pupil.trunk, pupil.phones

    def forward(self, batch: Batch) -> tuple[Batch, torch.Tensor]:
        """A batch as generators read it, without its lead, and the scores of its phones, float32 [B, n, P]."""
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.trunk(batch.frames)[:, self.lead + self.delay :]
        hidden = hidden.float()
        spoken = batch.rows(self.lead, batch.frames.shape[1] - self.delay)
        return replace(spoken, frames=hidden), self.phones(hidden)


Ears = EncoderEars | TrunkEars
