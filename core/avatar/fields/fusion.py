"""How a place learns what a moment means for it: by attention, or by having everything put beside it.

Source: the spatial-audio attention of GaussianTalker (arXiv 2404.16012, §3.3): a place's feature asks, the tokens
{audio, eyes, pose, nothing} answer; the paper's ablation puts them side by side instead.
"""

from __future__ import annotations

import torch
from torch import nn

TOKENS = 4


class Attention(nn.Module):
    """One or more layers of cross attention with a feed-forward part, pre-norm."""

    def __init__(self, width: int, heads: int = 2, hidden: int = 128, layers: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.queries = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.answers = nn.ModuleList(nn.Linear(width, 2 * width) for _ in range(layers))
        self.joins = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.feeds = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
            for _ in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))

    def forward(self, features: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """features: [N, width]; tokens: [TOKENS, width]. Returns [N, width]."""
        x = features
        for layer in range(len(self.queries)):
            x = x + self.joins[layer](self._heard(layer, self.norms[layer](x), tokens))
            x = x + self.feeds[layer](x)
        return x

    def weights(self, features: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """How much each place listens to each token in the first layer, [N, TOKENS], the mean over heads."""
        query, key, _ = self._parts(0, self.norms[0](features), tokens)
        return self._scores(query, key).mean(0)

    def _heard(self, layer: int, x: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        query, key, value = self._parts(layer, x, tokens)
        return (self._scores(query, key) @ value).transpose(0, 1).flatten(1)

    def _parts(self, layer: int, x: torch.Tensor, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Queries [heads, N, k], keys and values [heads, TOKENS, k]."""
        rows = (self.queries[layer](x), *self.answers[layer](tokens).chunk(2, dim=1))
        return tuple(row.unflatten(1, (self.heads, -1)).transpose(0, 1) for row in rows)

    def _scores(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        return (query @ key.transpose(1, 2) * query.shape[-1] ** -0.5).softmax(2)


class Concatenation(nn.Module):
    """Feature and all tokens side by side through two layers."""

    def __init__(self, width: int, hidden: int = 128) -> None:
        super().__init__()
        self.place = nn.Linear(width, hidden)
        self.moment = nn.Linear(TOKENS * width, hidden)
        self.leave = nn.Linear(hidden, width)

    def forward(self, features: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """features: [N, width]; tokens: [TOKENS, width]. Returns [N, width]."""
        return features + self.leave(torch.relu(self.place(features) + self.moment(tokens.flatten())))


FUSIONS = {"attention": Attention, "concatenation": Concatenation}
