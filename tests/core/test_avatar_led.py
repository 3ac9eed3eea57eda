"""A head led by a performance in the place of what is heard, such as one blended of film and voice."""

from __future__ import annotations

import numpy as np

from core.avatar.voice import Part, arkit_weights, led
from core.rig.arkit import ARKIT_52
from core.types import Performance, RigCurves


def test_a_performance_leads_at_the_parts_own_rate_and_is_held_at_its_end():
    part = Part(
        25.0,
        np.zeros((50, 52), np.float32),
        np.zeros((50, 3), np.float32),
        np.ones((50, 4, 2), np.float32),
        np.zeros((50, 0), np.float32),
    )
    values = np.zeros((75, 52), np.float32)
    values[:, ARKIT_52.index("jawOpen")] = np.linspace(0, 1, 75)
    head = np.repeat(np.linspace(0, 0.3, 75, dtype=np.float32)[:, None], 3, axis=1)
    made = led(part, Performance(RigCurves(ARKIT_52, values, 50.0), head))
    jaw = made.weights[:, ARKIT_52.index("jawOpen")]
    assert made.weights.shape == (50, 52) and made.features is part.features
    np.testing.assert_allclose(jaw[:37], np.arange(37) * 2 / 74, atol=0.02)
    assert (jaw[38:] == jaw[-1]).all() and jaw[-1] > 0.95 and made.head[-1, 0] > 0.28
    assert (arkit_weights(Performance(RigCurves(ARKIT_52, 2 * values, 50.0), head)) <= 1).all()
