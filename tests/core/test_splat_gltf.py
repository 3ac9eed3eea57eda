"""glTF files of splats: what damaged ones are refused for, and how nodes place what sound ones hold."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from splat_sets import head_like
from test_splat_faults import refused

from core.formats.glb import packed, unpacked
from core.splat.files import read_splats, write_splats


def glb_with(tmp_path, change):
    """A .glb of ours whose document was changed."""
    path = tmp_path / "a.glb"
    write_splats(path, head_like(10, 1))
    document, data = unpacked(path.read_bytes())
    change(document)
    path.write_bytes(packed(document, data))
    return path


def primitive(document):
    return document["meshes"][0]["primitives"][0]


BAD_GLTF = {
    "count": (lambda d: d["accessors"][0].update(count=10**9), "ends early"),
    "negative count": (lambda d: d["accessors"][0].update(count=-5), "ends early"),
    "unequal": (lambda d: d["accessors"][0].update(count=9), "as long as each other"),
    "no count": (lambda d: d["accessors"][0].pop("count"), "does not describe"),
    "count of text": (lambda d: d["accessors"][0].update(count="ten"), "does not describe"),
    "offset": (lambda d: d["bufferViews"][0].update(byteOffset=10**12), "ends early"),
    "negative offset": (lambda d: d["bufferViews"][0].update(byteOffset=-8), "ends early"),
    "stride": (lambda d: d["bufferViews"][0].update(byteStride=1), "ends early"),
    "width": (lambda d: d["accessors"][0].update(type="VEC4"), "another width"),
    "type": (lambda d: d["accessors"][0].update(componentType=5125), "does not describe"),
    "sparse": (lambda d: d["accessors"][0].update(sparse={}), "another width or no data"),
    "no opacity": (lambda d: primitive(d)["attributes"].pop("KHR_gaussian_splatting:OPACITY"), "does not describe"),
    "kernel": (lambda d: primitive(d)["extensions"]["KHR_gaussian_splatting"].update(kernel="cube"), "kernel"),
    "linear": (
        lambda d: primitive(d)["extensions"]["KHR_gaussian_splatting"].update(colorSpace="lin_rec709_display"),
        "another space",
    ),
    "lines": (lambda d: primitive(d).update(mode=1), "holds no splats"),
    "no nodes": (lambda d: d["scenes"][0].update(nodes=[]), "holds no splats"),
    "a ring of nodes": (lambda d: d["nodes"][0].update(children=[0]), "two places"),
    "a mirror": (lambda d: d["nodes"][0].update(scale=[-1, 1, 1]), "mirror"),
    "a stretch": (lambda d: d["nodes"][0].update(scale=[1, 2, 1]), "mirror"),
    "a move of nothing": (lambda d: d["nodes"][0].update(scale=[0, 0, 0]), "mirror"),
    "elsewhere": (lambda d: d["buffers"][0].update(uri="../../etc/passwd"), "does not lie beside"),
    "absolute": (lambda d: d["buffers"][0].update(uri="/etc/passwd"), "does not lie beside"),
    "missing": (lambda d: d["buffers"][0].update(uri="gone.bin"), "put it there"),
    "no base64": (lambda d: d["buffers"][0].update(uri="data:;base64,***"), "not base64"),
    "a list": (lambda d: d.update(nodes={}), "does not describe"),
}


@pytest.mark.parametrize("name", BAD_GLTF)
def test_bad_gltf(tmp_path, name):
    change, words = BAD_GLTF[name]
    refused(glb_with(tmp_path, change), words)


def test_one_mesh_shown_too_often(tmp_path):
    path = tmp_path / "a.glb"
    write_splats(path, head_like(1000, 0))
    document, data = unpacked(path.read_bytes())
    document |= {"nodes": [{"mesh": 0}] * 2000, "scenes": [{"nodes": list(range(2000))}]}
    path.write_bytes(packed(document, data))
    refused(path, "which no splat file does")


def test_json_without_bottom(tmp_path):
    (tmp_path / "a.gltf").write_text("[" * 200_000)
    refused(tmp_path / "a.gltf", "does not describe")


def test_gltf_nodes_place_splats(tmp_path):
    """Twice the size, a quarter turn about y, a move; buffers beside the file; parts of two degrees."""
    splats = head_like(10, 1)
    write_splats(tmp_path / "a.gltf", splats)
    document = json.loads((tmp_path / "a.gltf").read_text())
    data = base64.b64decode(document["buffers"][0].pop("uri").partition(",")[2])
    (tmp_path / "numbers 1.bin").write_bytes(data)
    document["buffers"][0]["uri"] = "numbers%201.bin"
    half = float(np.sqrt(0.5))
    inner = {"mesh": 0, "scale": [2] * 3, "rotation": [0, half, 0, half]}
    document["nodes"] = [{"children": [1], "translation": [1, 2, 3]}, inner]
    plain = {**primitive(document), "attributes": dict(primitive(document)["attributes"])}
    for place in range(3):
        del plain["attributes"][f"KHR_gaussian_splatting:SH_DEGREE_1_COEF_{place}"]
    document["meshes"][0]["primitives"].append(plain)
    (tmp_path / "a.gltf").write_text(json.dumps(document))
    found, report = read_splats(tmp_path / "a.gltf")
    assert (len(found), report.count, found.degree) == (20, 20, 1)
    x, y, z = 2 * splats.means.T
    np.testing.assert_allclose(found.means[:10], np.stack([z + 1, y + 2, 3 - x], 1), atol=1e-5)
    np.testing.assert_allclose(found.log_scales[:10], splats.log_scales + np.log(2), atol=1e-5)
    # Degree 1 holds a vector (-y, z, -x); what was +z is +x now and what was +x is -z.
    np.testing.assert_allclose(found.sh[:10, 3], -splats.sh[:, 2], atol=1e-5)
    np.testing.assert_allclose(found.sh[:10, 2], splats.sh[:, 3], atol=1e-5)
    assert not found.sh[10:, 1:].any()
