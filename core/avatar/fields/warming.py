"""The audio path of a field, made to tell mouths apart before any picture is drawn.

Pictures alone would have to teach speech and looks at once, which takes hundreds of thousands of them: after some
hundreds of steps the mouth of a field hardly follows. DeepSpeech's logits, which the papers begin from, tell phones
apart already; our features do so after this. Source of the idea: the audio-visual encoders of SyncTalk and InsTaG.
"""

from __future__ import annotations

import torch
from torch import nn

from .conditions import AudioNet

STEPS, RATE, DECAY, DROPOUT = 200, 2e-3, 0.05, 0.3


def warm(audio: AudioNet, features: torch.Tensor, goal: torch.Tensor, trusted: torch.Tensor) -> float:
    """Teach an AudioNet what a face does to what is heard, through a linear map that is thrown away.

    features: [T, WINDOW, D]; goal: [T, S], shapes that speech decides; trusted: [T], 0..1. Of what speech tells, each
    shape counts by how much it moves. Returns the share of motion that is not explained in the end.
    """
    audio.settle(features)
    leave = nn.Linear(audio.leave[-1].out_features, goal.shape[1]).to(features.device)
    share = trusted / trusted.sum().clamp_min(1e-6)
    middle = (share[:, None] * goal).sum(0)
    scale = goal.std(0).square().sum().sqrt().clamp_min(1e-6)
    wanted = (goal - middle) / scale
    whole = (wanted.square().sum(1) * share).sum().clamp_min(1e-9)
    made = torch.optim.AdamW([*audio.parameters(), *leave.parameters()], RATE, weight_decay=DECAY)
    for step in range(STEPS):
        for group in made.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
        heard = nn.functional.dropout(features, DROPOUT)
        left = ((leave(audio(heard)) - wanted).square().sum(1) * share).sum() / whole
        made.zero_grad()
        left.backward()
        made.step()
    return float(left.detach())
