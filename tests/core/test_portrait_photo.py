"""Pictures as people keep them: upright, in display colours, or refused in one sentence."""

from __future__ import annotations

import io

import numpy as np
import pytest

from core.errors import FormatError
from core.portrait.photo import LONGEST, read_photo

Image = pytest.importorskip("PIL.Image")
SIZE = (96, 64)


@pytest.fixture
def gradient():
    """Red grows to the right, green downwards."""
    x, y = np.meshgrid(np.linspace(0, 1, SIZE[0]), np.linspace(0, 1, SIZE[1]))
    return np.stack([x, y, np.full_like(x, 0.25)], axis=-1)


def saved(path, image, **how):
    image.save(path, **how)
    return read_photo(path)


def as_bytes(array):
    return (array * 255 + 0.5).astype(np.uint8)


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif", ".webp", ".gif", ".jpg"])
def test_every_usual_file_gives_the_same_picture(tmp_path, gradient, ending):
    how = {"lossless": True} if ending == ".webp" else {"quality": 95} if ending == ".jpg" else {}
    photo = saved(tmp_path / f"face{ending}", Image.fromarray(as_bytes(gradient)), **how)
    off = {".gif": 0.12, ".jpg": 0.05}.get(ending, 0.003)
    assert np.abs(photo.pixels - gradient).max() < off
    assert photo.pixels.dtype == np.float32
    assert (photo.cover == 1).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_says_which_side_is_up(tmp_path, gradient, orientation):
    upright = Image.fromarray(as_bytes(gradient))
    stored = {
        1: upright, 2: upright.transpose(0), 3: upright.rotate(180), 4: upright.transpose(1), 5: upright.transpose(5),
        6: upright.rotate(90, expand=True), 7: upright.transpose(6), 8: upright.rotate(-90, expand=True),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = saved(tmp_path / "face.png", stored, exif=exif)
    assert photo.pixels.shape[:2] == SIZE[::-1]
    assert np.abs(photo.pixels - gradient).max() < 0.003


@pytest.mark.parametrize(("kind", "most"), [(np.uint16, 65535), (np.int32, 65535), (np.float32, 1)])
def test_deep_greys_keep_their_range(tmp_path, gradient, kind, most):
    grey = gradient[..., 0]
    image = Image.fromarray((grey * most).astype(kind))
    photo = saved(tmp_path / "face.tif", image)
    assert np.abs(photo.pixels - grey[..., None]).max() < 0.003


def test_what_is_transparent_is_background(tmp_path, gradient):
    cover = np.zeros(SIZE[::-1])
    cover[:, :48] = 1
    photo = saved(tmp_path / "face.png", Image.fromarray(as_bytes(np.dstack([gradient, cover]))))
    assert (photo.cover[:, :48] == 1).all() and (photo.cover[:, 48:] == 0).all()
    assert np.allclose(photo.pixels[:, 48:], 0.5)
    assert "transparent" in " ".join(photo.notes)


def test_print_colours_become_those_of_a_display(tmp_path):
    cyan = Image.new("CMYK", SIZE, (255, 0, 0, 0))
    red, green, blue = saved(tmp_path / "face.tif", cyan).pixels[0, 0]
    assert red < 0.2 and green > 0.5 and blue > 0.5


def test_a_profile_is_applied_and_a_broken_one_passed_over(tmp_path, gradient):
    from PIL import ImageCms

    image = Image.fromarray(as_bytes(gradient))
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    told = saved(tmp_path / "told.png", image, icc_profile=linear)
    assert np.isfinite(told.pixels).all()
    broken = saved(tmp_path / "broken.png", image, icc_profile=b"no profile at all")
    assert np.abs(broken.pixels - gradient).max() < 0.003
    assert "profile" in " ".join(broken.notes)


def test_the_first_of_several_pictures_is_taken(tmp_path):
    frames = [Image.new("RGB", SIZE, color) for color in ("red", "blue", "green")]
    photo = saved(tmp_path / "face.gif", frames[0], save_all=True, append_images=frames[1:])
    assert np.allclose(photo.pixels[0, 0], (1, 0, 0), atol=0.02)
    assert "3 pictures" in " ".join(photo.notes)


def test_a_large_picture_is_made_smaller(tmp_path):
    photo = saved(tmp_path / "face.jpg", Image.new("RGB", (4000, 3000), "red"))
    assert max(photo.pixels.shape) == LONGEST
    assert "smaller" in " ".join(photo.notes)


def damaged():
    """Names and contents that are no picture."""
    file = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(file, "PNG")
    png = file.getvalue()
    file = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(file, "JPEG")
    jpeg = file.getvalue()
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return {
        "empty.png": b"",
        "text.png": b"this is no picture",
        "half.png": png[: len(png) // 2],
        "half.jpg": jpeg[: len(jpeg) // 2],
        "mixed.png": png[:40] + bytes(200) + png[240:],
        "tiny.png": file.getvalue(),
        "sound.jpg": b"RIFF" + bytes(400),
        "bomb.png": _bomb(png),
    }


def _bomb(png):
    """The head of a picture of a terapixel."""
    import struct
    import zlib

    head = b"IHDR" + struct.pack(">II", 1_000_000, 1_000_000) + bytes([8, 2, 0, 0, 0])
    return png[:8] + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + png[33:]


@pytest.mark.parametrize("name", list(damaged()))
def test_what_is_no_picture_is_one_sentence(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(damaged()[name])
    with pytest.raises(FormatError) as caught:
        read_photo(path)
    sentence = str(caught.value)
    assert name in sentence and sentence.endswith(".") and "\n" not in sentence


def test_a_missing_file_and_a_folder_are_sentences(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(FormatError, match="is not there"):
            read_photo(path)
