"""Mixes loudspeaker channels down to one voice.

In surround sound dialogue lives in the centre. So with a centre the mix is 1/2 centre, 2/5 shared by the
other front channels and 1/10 shared by those behind and beside (a group that is absent leaves its share to
the rest); without a centre it is the mean of all. The bass channel never speaks.
"""

from __future__ import annotations

import numpy as np

FRONT, BASS, AROUND, CENTRE = "front", "bass", "around", "centre"
MASK_PLACES = (FRONT, FRONT, CENTRE, BASS, AROUND, AROUND, FRONT, FRONT, AROUND, AROUND, AROUND)
"""The place of each bit of a WAV channel mask, lowest first; bits above are overhead."""
WAV_ORDER = {
    1: (CENTRE,),
    2: (FRONT, FRONT),
    3: (FRONT, FRONT, CENTRE),
    4: (FRONT, FRONT, AROUND, AROUND),
    5: (FRONT, FRONT, CENTRE, AROUND, AROUND),
    6: (FRONT, FRONT, CENTRE, BASS, AROUND, AROUND),
    7: (FRONT, FRONT, CENTRE, BASS, AROUND, AROUND, AROUND),
    8: (FRONT, FRONT, CENTRE, BASS, AROUND, AROUND, AROUND, AROUND),
}
"""Places by number of channels where nothing says more (WAV, FLAC, AIFF, MP3)."""
OGG_ORDER = WAV_ORDER | {
    3: (FRONT, CENTRE, FRONT),
    5: (FRONT, CENTRE, FRONT, AROUND, AROUND),
    6: (FRONT, CENTRE, FRONT, AROUND, AROUND, BASS),
    7: (FRONT, CENTRE, FRONT, AROUND, AROUND, AROUND, BASS),
    8: (FRONT, CENTRE, FRONT, AROUND, AROUND, AROUND, AROUND, BASS),
}
"""Places in Ogg files. Source: Vorbis I specification, section 4.3.9."""
SHARES = {CENTRE: 0.5, FRONT: 0.4, AROUND: 0.1}


def mix_weights(kind: str, channels: int, mask: int = 0) -> np.ndarray:
    """The share of each channel in the mix, float32 [K], sum 1.

    kind: wav, flac, ogg, mp3 or aiff.
    mask: a WAV's channel mask; 0, or one that names another number of channels, is ignored.
    """
    named = [bit for bit in range(32) if mask >> bit & 1]
    if len(named) == channels:
        places = tuple(MASK_PLACES[bit] if bit < len(MASK_PLACES) else AROUND for bit in named)
    else:
        places = (OGG_ORDER if kind == "ogg" else WAV_ORDER)[channels]
    shares = SHARES if CENTRE in places else dict.fromkeys(SHARES, 1.0) | {BASS: 0.0}
    if set(places) == {BASS}:
        shares = {BASS: 1.0}
    weights = np.array([_weight(place, places, shares) for place in places])
    return (weights / weights.sum()).astype(np.float32)


def _weight(place: str, places: tuple[str, ...], shares: dict[str, float]) -> float:
    """A place's share, split among its channels where the mix has a centre."""
    share = shares.get(place, 0.0)
    return share / places.count(place) if CENTRE in places else share
