"""Phone tracks of a made-up speaker and what a middling classifier would hear of them."""

from __future__ import annotations

import numpy as np

from core.speech.phones import NUMBERS, PHONES, Phone, PhoneTrack


def spoken(words, random, pauses=0.2):
    """A track of words (tuples of phones) at natural lengths, a pause before some of them and around all."""
    found, now = [], 0.0

    def say(symbol, length):
        nonlocal now
        found.append(Phone(symbol, now, now + length))
        now += length

    say("sil", random.uniform(0.1, 0.5))
    for word in words:
        if now > 0.6 and random.random() < pauses:
            say("sil", random.uniform(0.15, 0.6))
        for symbol in word:
            say(symbol, float(np.clip(np.exp(random.normal(np.log(0.085), 0.4)), 0.045, 0.3)))
    say("sil", random.uniform(0.1, 0.5))
    return PhoneTrack(tuple(found), now)


def posteriors_of(track, random, doubt=2.0):
    """float32 [N, 40]: the right phone stands out by 4 nats on average from noise that lasts some frames."""
    count = round(track.duration_s * 50)
    noise = random.normal(0, doubt, (count + 4, len(PHONES)))
    logits = sum(noise[shift : shift + count] for shift in range(4)) / 2  # Neighbouring frames err together.
    logits[np.arange(count), track.symbols_at(np.arange(count) / 50)] += 4.0
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)


def random_words(count, random):
    """Words of 2 to 6 phones, none twice in a row."""
    symbols = [symbol for symbol in NUMBERS if symbol != "sil"]
    return [tuple(random.choice(symbols, random.integers(2, 7), replace=False)) for _ in range(count)]


def onsets(track):
    """Start times of everything but silence."""
    return np.array([phone.start_s for phone in track.phones if phone.symbol != "sil"])
