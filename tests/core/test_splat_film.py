"""Film: display values and linear light, shutters, exposures."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SettingError, ShapeError
from core.splat.film import FAR, Exposure, Instant, Shot, developed, encoded, far, instants, turned
from core.splat.light import linear_light


def shot(seed: int = 0, size: tuple[int, int] = (4, 5)) -> Shot:
    random = np.random.default_rng(seed)
    alpha = random.uniform(0, 1, size).astype(np.float32)
    color = (random.uniform(0, 1, (*size, 3)) * alpha[..., None]).astype(np.float32)
    return Shot(color, alpha, alpha + 1, alpha + 2, np.zeros(size, np.float32))


def test_encoding_undoes_linear_light() -> None:
    display = np.linspace(0, 3, 301)
    assert np.allclose(encoded(linear_light(display)), display, atol=1e-6)
    assert encoded(np.array([0.0, 1.0])).tolist() == pytest.approx([0, 1])


def test_a_clear_film_shows_the_shot_when_it_is_displayed() -> None:
    taken = shot()
    film = developed(taken, None)
    assert film.dtype == np.float32
    own = film[..., :3] / film[..., 3:]
    assert np.allclose(encoded(own) * taken.alpha[..., None], taken.color, atol=1e-5)
    nothing = np.zeros((2, 2), np.float32)
    assert not developed(Shot(np.zeros((2, 2, 3), np.float32), nothing, nothing, nothing, nothing), None).any()


def test_a_background_is_blended_as_splats_are() -> None:
    taken, background = shot(), np.array([0.1, 0.5, 2.0])
    film = developed(taken, background)
    wanted = taken.color + (1 - taken.alpha[..., None]) * encoded(background)
    assert np.allclose(encoded(film[..., :3]), wanted, atol=1e-5)
    assert (film[..., 3] == 1).all()


@pytest.mark.parametrize(("position", "first", "last"), [("START", 0, 0.5), ("CENTER", -0.25, 0.25), ("END", -0.5, 0)])
def test_instants_fill_the_shutter(position: str, first: float, last: float) -> None:
    found = instants(0.5, position, 4)
    assert [one.weight for one in found] == [0.25] * 4
    assert found[0].offset == pytest.approx(first + 0.0625)
    assert found[-1].offset == pytest.approx(last - 0.0625)


def test_a_shutter_has_a_course() -> None:
    found = instants(1.0, "START", 2, lambda share: share)
    assert [one.weight for one in found] == pytest.approx([0.25, 0.75])
    assert [one.weight for one in instants(1.0, "START", 2, lambda _: -1.0)] == [0.5, 0.5]


@pytest.mark.parametrize(("position", "count"), [("LATE", 4), ("START", 0), ("START", 65)])
def test_shutters_that_cannot_be(position: str, count: int) -> None:
    with pytest.raises(SettingError):
        instants(0.5, position, count)


def test_an_exposure_is_the_weighted_mean_in_linear_light() -> None:
    first, second = shot(1), shot(2)
    exposure = Exposure(None)
    exposure.add(first, Instant(-0.4, 0.25))
    exposure.add(second, Instant(0.1, 0.75))
    assert np.allclose(exposure.film, 0.25 * developed(first, None) + 0.75 * developed(second, None))
    assert np.allclose(exposure.alpha, 0.25 * first.alpha + 0.75 * second.alpha)
    assert exposure.depths is second
    with pytest.raises(SettingError, match="Nothing was rendered"):
        _ = Exposure(None).film


def test_light_is_turned_into_other_primaries() -> None:
    film = developed(shot(), None)
    assert turned(film, np.eye(3)) is film
    swapped = turned(film, np.eye(3)[[1, 0, 2]])
    assert np.array_equal(swapped, film[..., [1, 0, 2, 3]])


def test_nothing_is_far() -> None:
    assert far(np.array([1.0, np.inf])).tolist() == [1.0, np.float32(FAR)]


def test_a_shot_of_uneven_planes_is_refused() -> None:
    plane = np.zeros((2, 3), np.float32)
    with pytest.raises(ShapeError):
        Shot(np.zeros((2, 2, 3), np.float32), plane, plane, plane, plane)
