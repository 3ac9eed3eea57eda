"""The two characters that ship, as data."""

from __future__ import annotations

from .fringe import Fringe
from .hair import Hairdo
from .identity import MAN, WOMAN
from .model import Look
from .skin import Neckline
from .tint import Palette

LOOKS: dict[str, Look] = {
    "Woman": Look(
        identity=WOMAN,
        palette=Palette(
            skin=(0.58, 0.335, 0.232),
            blush=(0.56, 0.20, 0.14),
            shade=(0.38, 0.18, 0.125),
            lips=(0.42, 0.115, 0.098),
            scalp=(0.055, 0.024, 0.012),
            lid=(0.42, 0.20, 0.14),
        ),
        hairdo=Hairdo("bob", locks=420, length=2.1, width=0.07, part_x=0.12, volume=0.16),
        fringe=Fringe(lash=0.068, brow_hairs=230, brow_height=0.66, brow_thickness=0.0026),
        neckline=Neckline(0.98, 1.02, 0.72),
        iris=(0.10, 0.045, 0.016),
        cloth=(0.055, 0.12, 0.13),
        rib=(0.04, 0.095, 0.105),
    ),
    "Man": Look(
        identity=MAN,
        palette=Palette(
            skin=(0.30, 0.142, 0.08),
            blush=(0.33, 0.10, 0.058),
            shade=(0.17, 0.07, 0.04),
            lips=(0.26, 0.075, 0.06),
            scalp=(0.014, 0.009, 0.007),
            stubble=0.34,
        ),
        hairdo=Hairdo("crop", locks=2500, length=0.36, width=0.03),
        fringe=Fringe(lash=0.046, brow_hairs=340, brow_height=0.9, brow_thickness=0.003),
        neckline=Neckline(0.86, 0.8, 0.7),
        iris=(0.05, 0.022, 0.01),
        cloth=(0.33, 0.30, 0.25),
        rib=(0.27, 0.245, 0.20),
    ),
}
