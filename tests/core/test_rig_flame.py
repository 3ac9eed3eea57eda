"""Board and head as FLAME: joints that turn the right way, expressions fitted to a user's own model file."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from flame_like import COPIED, METRES, STRENGTH, arrays, turned, write

from core.errors import FormatError, RigError, ShapeError
from core.rig import flame, flame_fit
from core.rig.arkit import ARKIT_52
from core.rig.board import index
from core.rig.face_landmarks import motion_of, motion_rows, read_motion
from core.rig.flame_file import read_embedding, read_model
from core.rig.mapping import arkit_to_board

FORWARD, UP, LEFT = np.array([0, 0, 1.0]), np.array([0, 1.0, 0]), np.array([1.0, 0, 0])
NO_HEAD = np.zeros((1, 3), np.float32)


def moved(vector, point):
    return flame_fit._matrix(np.asarray(vector, np.float64)) @ point


def pose(name, joint, value=1.0):
    values = np.zeros((1, 185), np.float32)
    values[0, index(name)] = value
    row = flame.board_to_flame(values, NO_HEAD)[0]
    return np.array([row[flame.FLAME_NAMES.index(f"{joint}_{axis}")] for axis in "xyz"])


def head_pose(yaw=0.0, pitch=0.0, roll=0.0):
    row = flame.board_to_flame(np.zeros((1, 185), np.float32), np.array([[yaw, pitch, roll]], np.float32))[0]
    return row[103:106]


def test_names_are_a_hundred_expressions_and_the_full_pose():
    assert len(flame.FLAME_NAMES) == len(set(flame.FLAME_NAMES)) == 115
    assert flame.FLAME_NAMES[0] == "expr_000"
    assert flame.FLAME_NAMES[99:101] == ("expr_099", "rotation_x")
    assert flame.FLAME_NAMES[106] == "jaw_pose_x"
    assert flame.FLAME_NAMES[-1] == "eyes_pose_right_z"


def test_the_jaw_opens_down_and_turns_to_its_own_left():
    assert pose("CTRL_C_jaw.ty", "jaw_pose") == pytest.approx([flame.JAW_OPEN_RAD, 0, 0], abs=1e-6)
    assert moved(pose("CTRL_C_jaw.ty", "jaw_pose"), FORWARD) @ UP < -0.3
    assert moved(pose("CTRL_C_jaw.tx", "jaw_pose"), FORWARD) @ LEFT > 0.06
    assert pose("CTRL_C_jaw_fwdBack.ty", "jaw_pose") == pytest.approx([0, 0, 0])
    assert pose("CTRL_C_jaw_openExtreme.ty", "jaw_pose")[0] == pytest.approx(0.25 * flame.JAW_OPEN_RAD, rel=1e-5)


def test_eyes_look_where_the_channels_say():
    for joint, names in (("left", ("L_eye", "C_eye")), ("right", ("R_eye", "C_eye"))):
        for name in names:
            assert moved(pose(f"CTRL_{name}.tx", f"eyes_pose_{joint}"), FORWARD) @ LEFT == pytest.approx(0.5, abs=1e-5)
            assert moved(pose(f"CTRL_{name}.ty", f"eyes_pose_{joint}"), FORWARD) @ UP == pytest.approx(0.5, abs=1e-5)
    assert not pose("CTRL_L_eye.tx", "eyes_pose_right").any()


def test_the_head_turns_as_the_performance_says():
    assert moved(head_pose(yaw=0.4), FORWARD) @ LEFT == pytest.approx(np.sin(0.4), abs=1e-5)
    assert moved(head_pose(pitch=0.4), FORWARD) @ UP == pytest.approx(np.sin(0.4), abs=1e-5)
    assert moved(head_pose(roll=0.4), UP) @ LEFT == pytest.approx(np.sin(0.4), abs=1e-5)


def test_turns_are_put_together_in_the_right_order():
    rng = np.random.default_rng(2)
    for yaw, pitch, roll in rng.uniform(-1.4, 1.4, (50, 3)):
        parts = [head_pose(yaw=yaw), head_pose(pitch=pitch), head_pose(roll=roll)]
        slow = np.linalg.multi_dot([flame_fit._matrix(part.astype(np.float64)) for part in parts])
        whole = flame_fit._matrix(head_pose(yaw, pitch, roll).astype(np.float64))
        np.testing.assert_allclose(whole, slow, atol=1e-5)


def test_expressions_are_zero_without_a_model():
    values = arkit_to_board(np.random.default_rng(1).random((4, 52)).astype(np.float32))
    assert not flame.board_to_flame(values, np.zeros((4, 3), np.float32))[:, :100].any()
    with pytest.raises(ShapeError, match=r"float32\[52, 100\]"):
        flame.board_to_flame(values, np.zeros((4, 3), np.float32), np.zeros((51, 100), np.float32))


@pytest.fixture(scope="module", params=[True, False], ids=["pkl", "npz"])
def files(request, tmp_path_factory):
    return write(tmp_path_factory.mktemp("flame"), as_published=request.param)


def test_a_published_file_is_read_without_its_libraries(files):
    model, _ = arrays()
    found = read_model(files[0])
    np.testing.assert_allclose(found.template, model["v_template"])
    np.testing.assert_allclose(found.expression, model["shapedirs"][:, :, 300:])
    np.testing.assert_allclose(found.jaw, model["J_regressor"][2] @ model["v_template"])


def test_known_expressions_are_found(files):
    """Where the model can make exactly our motion, it is told to, less what the prior holds back."""
    found = flame_fit.fit_expression(*files)
    free = [k for k in range(COPIED) if not ARKIT_52[k].startswith(("eyeLook", "jaw"))]
    motion = read_motion().motion
    strong = [k for k in free if np.square(motion[k]).sum() > 0.02]
    assert len(strong) > 15
    for k in strong:
        assert found.explained[ARKIT_52[k]] > 0.9, ARKIT_52[k]
        made = STRENGTH**-1 * np.einsum("c,cld->ld", found.coefficients[k, :COPIED], motion[:COPIED])
        assert np.square(made - motion[k]).sum() < 0.1 * np.square(motion[k]).sum(), ARKIT_52[k]
    assert not found.coefficients[ARKIT_52.index("eyeLookUpLeft")].any()
    assert np.abs(found.coefficients).max() < 8  # No coefficient far from any face FLAME has seen.


def test_the_jaw_does_its_part(files):
    """Jaw joint and expressions together open the mouth as far as our head does, and neither alone does it."""
    found = flame_fit.fit_expression(*files)
    model, places = read_model(files[0]), read_embedding(files[1])
    k = ARKIT_52.index("jawOpen")
    assert found.explained["jawOpen"] > 0.9
    goal = turned(read_motion().motion[k] * METRES)
    joint = flame_fit._jaw_motion(model, places, np.array([flame.JAW_OPEN_RAD, 0, 0]))
    rest = flame_fit._on(model, places, model.expression @ found.coefficients[k].astype(np.float64))
    assert 0.2 < 1 - np.square(goal - joint).sum() / np.square(goal).sum() < 0.7
    assert 1 - np.square(goal - joint - rest).sum() / np.square(goal).sum() == pytest.approx(found.explained["jawOpen"])


def test_an_expression_reaches_the_performance(files):
    found = flame_fit.fit_expression(*files)
    values = arkit_to_board(np.eye(52, dtype=np.float32))
    said = flame.board_to_flame(values, np.zeros((52, 3), np.float32), found.coefficients)[:, :100]
    smile = ARKIT_52.index("mouthSmileLeft")
    np.testing.assert_allclose(said[smile], found.coefficients[smile], atol=1e-4)


class _Evil:
    def __reduce__(self):
        import os

        return os.getcwd, ()


def test_a_pickle_may_run_no_code(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"v_template": _Evil()}))
    with pytest.raises(RigError, match=r'"model.pkl" is no FLAME model or asks for code of its own'):
        read_model(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x02}q\x00."])
def test_other_files_are_no_model(tmp_path, content):
    for name in ("model.pkl", "model.npz"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(RigError, match=r"FLAME model|plain arrays|cannot be read"):
            read_model(tmp_path / name)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(RigError, match="cannot be read: no such file"):
        read_model(tmp_path / "model.pkl")
    with pytest.raises(RigError, match="cannot be read"):
        read_embedding(tmp_path / "embedding.npz")


def test_a_model_of_other_size_is_told(tmp_path, files):
    model, embedding = arrays()
    model["shapedirs"] = model["shapedirs"][:, :, :150]
    np.savez(tmp_path / "model.npz", **model)
    with pytest.raises(RigError, match=r"shapedirs as \[\d+, 3, 400\], but it is \[\d+, 3, 150\]"):
        read_model(tmp_path / "model.npz")
    np.savez(tmp_path / "few.npz", **{key: value[:5] for key, value in embedding.items()})
    with pytest.raises(RigError, match="shares 5 landmarks"):
        flame_fit.fit_expression(files[0], tmp_path / "few.npz")
    np.savez(tmp_path / "far.npz", **embedding | {"lmk_face_idx": embedding["lmk_face_idx"] + 1})
    with pytest.raises(RigError, match="triangles that the FLAME model lacks"):
        flame_fit.fit_expression(files[0], tmp_path / "far.npz")


def test_the_landmark_table_is_the_demo_womans():
    from core.head.identity import WOMAN
    from core.head.makehuman import find_data_folder, read_base_mesh
    from core.head.model import shape_person
    from core.rig.board import DATA

    try:
        data = find_data_folder()
    except FormatError as error:
        pytest.skip(str(error))
    person = shape_person(data, read_base_mesh(data), WOMAN)
    found = motion_of(person.points, person.units)
    written = [line.split(",") for line in (DATA / "face_landmark_motion.csv").read_text().splitlines()[1:]]
    rows = [[str(part) for part in row] for row in motion_rows(found)]
    assert abs(len(rows) - len(written)) < 5  # A motion on the threshold may round to either side.
    kept = read_motion()
    np.testing.assert_allclose(kept.rest, found.rest, atol=1e-4)
    np.testing.assert_allclose(kept.motion, found.motion, atol=2.1e-3)
