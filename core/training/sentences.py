"""Sentences for speech engines to say, put together by chance so that every English phone comes often."""

from __future__ import annotations

import numpy as np

WHO = (
    "the judge", "a young shepherd", "our neighbour", "the boy with the toy", "Joyce", "my other brother", "the usher",
    "that noisy child", "the whole village", "George", "an old sailor", "the woman in yellow", "both of them",
    "the chief engineer", "a visitor from Asia", "Theo", "the thin baker", "your cousin", "the quick brown fox",
    "everyone at the garage",
)  # fmt: skip
DOES = (
    "should measure", "could not choose", "would rather enjoy", "has just thrown", "put", "took", "pushed",
    "usually joins", "will probably watch", "might forget", "breathes beside", "found", "avoids", "was looking for",
    "gave away",
    "shook", "changed", "bought", "heard", "imagined",
)  # fmt: skip
WHAT = (
    "the treasure", "a good book", "five blue vases", "the beige curtain", "a casual vision", "some boiled oysters",
    "the broken bridge", "a huge sugar bowl", "thirty wooden hooks", "the thick leather", "a pleasure boat",
    "their father's clothes", "an hour of television", "the choice of colours", "a foolish thing", "the poor moth",
    "a cup of fresh milk", "the big yellow jeep", "a push and a pull", "the wrong kitchen",
)  # fmt: skip
WHERE = (
    "by the beach", "with great pleasure", "in the south wood", "before the usual hour", "under the porch",
    "for a full week", "without a voice", "on the cushion", "at the edge of the azure sea", "near the playground",
    "beyond measure", "with both hands", "through the smooth fog", "in a collision", "from the back of the church",
    "during the long drought", "although it was raining", "while the others slept", "every Thursday", "again and again",
)  # fmt: skip
OPENERS = ("", "", "", "Oh, ", "Well, ", "Yes, ", "Look: ", "In the end, ", "As you know, ", "On occasion, ")
ENDINGS = (".", ".", ".", "!", "?")


def sentences(count: int, seed: int) -> list[str]:
    """So many sentences, the same for the same seed."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        who, does, what, where = (parts[rng.integers(len(parts))] for parts in (WHO, DOES, WHAT, WHERE))
        text = f"{OPENERS[rng.integers(len(OPENERS))]}{who} {does} {what} {where}{ENDINGS[rng.integers(len(ENDINGS))]}"
        made.append(text[0].upper() + text[1:])
    return made
