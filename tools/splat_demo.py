"""The second half of the demo: the same line said by a head of splats, rendered with F12, beside the mesh it is of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .errors import BuildError
from .paths import SAMPLE, TEMPLATES
from .shooting import LAST_LINES, MOST_PROCESSES, heard, must

CHARACTER = "WOMAN"
FACES = ("mesh", "splats")
MOMENTS = 9
NOTHING_TO_DRAW_WITH = (3, -6, 134)
"""What render_splats leaves with, and how Blender ends where there is no OpenGL at all: it aborts."""
NO_CARD = "splats: not rendered, because this machine has neither a graphics card nor Mesa's software renderer\n"


def show(python: Path, pictures: Path, out: Path, fps: int, quick: bool) -> str:
    """Make splat_demo.blend, the sheet and, unless it is to be quick, the film.

    pictures: holds the folder mesh with NNNNN.png of the mesh, and gets others.
    Returns a sentence when nothing can be rendered here, or an empty one. Raises BuildError when a step fails.
    """
    scene, blend = pictures / "splats.blend", out / "splat_demo.blend"
    command = [str(python), "-m", "tools.scripts.splat_scene", str(TEMPLATES / "woman.blend"), CHARACTER, str(scene)]
    must(command, "The head of splats could not be placed")
    command = [str(python), "-m", "addon", "animate", str(SAMPLE), "--blend", str(scene), "--object", "Woman"]
    must([*command, "-o", str(blend)], "The head of splats could not be animated")
    meshes = sorted((pictures / "mesh").glob("*.png"))
    if not _render(python, blend, pictures / "splats", meshes, fps):
        return NO_CARD
    joined = [str(python), "-m", "tools.scripts.join_faces"]
    settings = ["--fps", str(fps), "--faces", *FACES]
    sheet = [*joined, str(_chosen(pictures, len(meshes))), str(SAMPLE), str(out / "splat_demo_sheet.png"), *settings]
    must(sheet, "The sheet of splats could not be drawn")
    if not quick:
        tiles = pictures / "tiles"
        must([*joined, str(pictures), str(SAMPLE), str(tiles), *settings], "The pictures could not be joined")
        film = [str(python), "-m", "tools.scripts.join_film", str(tiles), str(SAMPLE), str(out / "splat_demo.mp4")]
        must([*film, "--fps", str(fps)], "The film of splats could not be joined")
    return ""


def _render(python: Path, blend: Path, folder: Path, like: Sequence[Path], fps: int) -> bool:
    """Render the moments of some pictures, on every core; whether there is anything to draw with here."""
    folder.mkdir()
    cores = max(1, min(os.cpu_count() or 1, MOST_PROCESSES, len(like)))
    width = str(_width(like[0]))

    def work(share: Sequence[Path]) -> bool:
        listed = ",".join(str(int(path.stem)) for path in share)
        command = [str(python), "-m", "tools.scripts.render_splats", str(blend), str(folder), listed]
        # Mesa would start threads of its own in each process.
        code, said = heard([*command, "--rate", str(fps), "--width", width], {"LP_NUM_THREADS": "1"})
        if code not in (0, *NOTHING_TO_DRAW_WITH):
            last_words = "\n".join(said.splitlines()[-LAST_LINES:])
            raise BuildError(f"The splats could not be rendered (exit code {code}).\n{last_words}")
        return not code

    with ThreadPoolExecutor(cores) as pool:
        return all(pool.map(work, [like[core::cores] for core in range(cores)]))


def _width(picture: Path) -> int:
    """Of a PNG, from its header."""
    return int.from_bytes(picture.read_bytes()[16:20], "big")


def _chosen(pictures: Path, count: int) -> Path:
    """A folder with some moments of all faces, spread over the film."""
    folder, moments = pictures / "sheet", min(MOMENTS, count)
    for face in FACES:
        (folder / face).mkdir(parents=True)
        found = sorted((pictures / face).glob("*.png"))
        for n in range(moments):
            path = found[int((n + 0.5) * count / moments)]
            shutil.copyfile(path, folder / face / path.name)
    return folder
