"""What drives a head over time: exact, small, and the same whichever way it is read."""

from __future__ import annotations

import numpy as np
import pytest
from splat_heads import small_head

from core.errors import CoreError, SettingError, ShapeError
from core.rig.arkit import ARKIT_52
from core.splat.course import Course, Moment, course_of, gathered, posed, read_course, write_course
from core.splat.pose import pose
from core.splat.types import SplatError, Splats
from core.types import Performance, RigCurves

FIELDS = tuple(Splats.__dataclass_fields__)


def performance(rows=7, fps=24.0, seed=0):
    random = np.random.default_rng(seed)
    values = random.uniform(0, 1, (rows, 52)).astype(np.float32)
    values[:, 10:] = 0
    return Performance(RigCurves(ARKIT_52, values, fps), random.normal(0, 0.2, (rows, 3)).astype(np.float32))


def same(one, two):
    return all((getattr(one, name) == getattr(two, name)).all() for name in FIELDS)


def test_a_course_poses_as_the_performance_does_in_any_order_and_after_a_file(tmp_path):
    head, take = small_head(), performance()
    write_course(course_of(take), tmp_path / "take.splatcourse")
    course = read_course(tmp_path / "take.splatcourse")
    assert course.names == ARKIT_52[:10] and course.fps == 24
    for frame in (3, 0, 6, 1, 3, 5, 2, 4, 0):
        live = pose(head, take.curves.values[frame], take.head[frame])
        assert same(posed(head, course.at(frame)), live)


def test_it_is_eight_bytes_a_number_that_moves(tmp_path):
    write_course(course_of(performance(240)), tmp_path / "a.splatcourse")
    size = (tmp_path / "a.splatcourse").stat().st_size
    assert 240 * 13 * 8 <= size < 240 * 13 * 8 + 1000


def test_between_frames_it_is_straight_and_beyond_the_ends_it_holds():
    course = course_of(performance())
    assert course.at(-3).weights == course.at(0).weights and course.at(99).weights == course.at(6).weights
    half = np.array(list(course.at(2.5).weights.values()))
    assert np.allclose(half, course.values[2:4].mean(0), atol=1e-12)
    assert np.allclose(course.at(2.5).head, course.head[2:4].mean(0))


def test_clips_play_where_they_play():
    moments = [Moment({"jawOpen": 0.5}, np.zeros(3), {"take": 0.2} if frame else {}) for frame in range(3)]
    course = gathered(moments, 25, start=10)
    assert course.clips == ("take",) and course.at(10).clips == {} and course.at(11).clips == {"take": 0.2}
    assert course.at(10.5).clips == {} and course.at(11.5).clips == {"take": 0.2}
    head = small_head()
    assert same(posed(head, course.at(11)), pose(head, {"jawOpen": 0.5}, np.zeros(3), {"take": 0.2}))


def test_what_is_no_course_is_said():
    with pytest.raises(SettingError, match="at least one frame"):
        gathered([], 24)
    with pytest.raises(ShapeError, match="twice"):
        Course(("a", "a"), np.zeros((1, 2)), np.zeros((1, 3)), (), np.zeros((1, 0)), 24.0)
    with pytest.raises(ShapeError, match="frame rate"):
        Course((), np.zeros((1, 0)), np.zeros((1, 3)), (), np.zeros((1, 0)), 0.0)


def spoil(data, kind):
    if kind == "cut":
        return data[: len(data) // 2]
    if kind == "nothing":
        return b""
    if kind == "text":
        return b"not a course at all" * 10
    if kind == "layout":
        return data.replace(b"splat-course-1", b"splat-course-9")
    if kind == "rate":
        return data.replace(b"24.0", b"-1.0")
    return data[:-8] + np.array([np.nan]).tobytes()


@pytest.mark.parametrize("kind", ["cut", "nothing", "text", "layout", "rate", "number", "missing"])
def test_a_spoiled_course_is_one_sentence(tmp_path, kind):
    path = tmp_path / "a.splatcourse"
    if kind != "missing":
        write_course(course_of(performance()), path)
        path.write_bytes(spoil(path.read_bytes(), kind))
    with pytest.raises(SplatError) as caught:
        read_course(path)
    assert str(caught.value).count("\n") == 0 and "bake the splats again" in str(caught.value)


def test_bits_turned_anywhere_never_do_worse(tmp_path):
    path, random = tmp_path / "a.splatcourse", np.random.default_rng(0)
    write_course(course_of(performance()), path)
    sound = path.read_bytes()
    for _ in range(300):
        data = bytearray(sound)
        data[random.integers(len(data))] ^= 1 << random.integers(8)
        path.write_bytes(data)
        try:
            read_course(path)
        except CoreError:
            continue
