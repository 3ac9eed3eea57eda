"""Which recordings a batch finds, what their outputs are called, and what words they have."""

from __future__ import annotations

import os
import re

import pytest

from core.batch.naming import CastRule, character_of, check_pattern, filled, folded, parse_cast
from core.batch.plan import Wanted, plan
from core.batch.settings import Settings, settings_from
from core.batch.wordfiles import read_words
from core.errors import CoreError, FormatError, SettingError
from core.guidance import Guidance
from core.speech.direction import Direction
from core.speech.emotion import parse_emotion


@pytest.fixture
def takes(tmp_path):
    """Files of no content: a plan reads none."""
    for name in (
        "b.wav",
        "a.flac",
        "a.txt",
        "act 2/c.mp3",
        "act 2/c.lab",
        "act 2/c.txt",
        "act 2/.hidden.wav",
        "notes.md",
    ):
        path = tmp_path / "takes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "takes"


def names_of(takes, *sources, out="out", **wanted):
    items = plan(Wanted(tuple(str(takes / source) for source in sources), takes.parent / out, **wanted), Settings())
    return [item.name for item in items]


def test_folders_are_searched_through(takes):
    items = plan(Wanted((str(takes),), takes.parent / "out"), Settings())
    assert [(item.name, item.source.name, item.transcript and item.transcript.name) for item in items] == [
        ("a", "a.flac", "a.txt"),
        ("b", "b.wav", None),
        ("act 2/c", "c.mp3", "c.txt"),
    ]
    assert items[2].targets == (takes.parent / "out" / "act 2" / "c.csv",)


def test_files_patterns_and_repeats(takes):
    assert names_of(takes, "b.wav", "*.flac", "b.wav", "") == ["b", "a", "act 2/c"]
    assert names_of(takes, "**/c.mp3") == ["c"]
    assert names_of(takes, "notes.md") == ["notes"]


def test_the_output_folder_is_passed_over(takes):
    (takes / "out").mkdir()
    (takes / "out" / "x.wav").touch()
    assert names_of(takes, "", out="takes/out") == ["a", "b", "act 2/c"]


def test_a_link_to_its_own_folder_ends(takes):
    (takes / "round").symlink_to(takes, target_is_directory=True)
    assert names_of(takes, "") == ["a", "b", "act 2/c"]


def test_shares_are_even_and_whole(takes):
    shares = [names_of(takes, "", share=(number, 2)) for number in (1, 2)]
    assert shares == [["a", "act 2/c"], ["b"]]
    assert names_of(takes, "", share=(5, 9)) == []
    for share in ((0, 2), (3, 2), (1, 0)):
        with pytest.raises(SettingError, match="for the second of eight"):
            names_of(takes, "", share=share)


@pytest.mark.parametrize("twin", ["a.wav", "A.ogg"])
def test_two_recordings_for_one_file_are_refused(takes, twin):
    (takes / twin).touch()
    with pytest.raises(SettingError, match=rf'"(a\.flac|{twin})" and "(a\.flac|{twin})" would both be written to'):
        names_of(takes, "")
    assert len(names_of(takes, "", pattern="{folder}/{stem}_{number}")) == 4


def test_accents_spelt_two_ways_are_one_name(takes):
    composed, parted = "caf\u00e9.wav", "cafe\u0301.ogg"
    (takes / composed).touch()
    (takes / parted).touch()
    assert folded("caf\u00e9") == folded("CAFE\u0301")
    with pytest.raises(SettingError, match="would both be written"):
        names_of(takes, "")


def test_what_is_read_is_never_written_over(takes):
    with pytest.raises(SettingError, match=r'"a\.txt" is read and would be written over'):
        plan(Wanted((str(takes),), takes), Settings(phones=".txt"))


def test_nothing_found_and_nothing_there(takes):
    (takes / "empty").mkdir()
    with pytest.raises(SettingError, match="No recording is found"):
        names_of(takes, "empty")
    with pytest.raises(SettingError, match="No recording is found"):
        names_of(takes, "*.aiff")
    with pytest.raises(FormatError, match=r'"d\.wav" does not exist'):
        names_of(takes, "d.wav")


def test_names_are_made_from_patterns(takes):
    cast = (CastRule("A*", "Ada"), CastRule("*", "Bob"))
    assert names_of(takes, "", pattern="{character}/{stem}", cast=cast) == ["Ada/a", "Bob/b", "Bob/c"]
    assert names_of(takes, "", pattern="{number:03}_{stem}_face") == ["001_a_face", "002_b_face", "003_c_face"]
    assert filled("{folder}/{stem}", "", "line", "", 1) == "line"
    assert filled("{character}/{stem}", "", "line", "", 1) == "unnamed/line"


@pytest.mark.parametrize("pattern", ["{take}", "{stem", "{stem.__class__}", "{0}", "{stem!z}", "{number:zz}", "{}"])
def test_patterns_that_cannot_be_filled(pattern):
    with pytest.raises(SettingError, match="name pattern"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["../{stem}", "/{stem}", "{stem}/..", "{stem}\0x", "."])
def test_outputs_stay_in_their_folder(pattern):
    with pytest.raises(SettingError, match="below the output folder"):
        filled(pattern, "", "line", "", 1)


def test_cast():
    cast = tuple(map(parse_cast, ("ada_* = Ada", "*_bob_*=Bob")))
    stems = ("ada_1", "ADA_2", "x_bob_3", "eve")
    assert [character_of(stem, cast) for stem in stems] == ["Ada", "Ada", "Bob", ""]
    for text in ("ada", "=Ada", "ada_*=", ""):
        with pytest.raises(SettingError, match="names no character"):
            parse_cast(text)


def test_settings_travel_as_json():
    import json

    guidance = Guidance(parse_emotion("happy=0.5,sad.left=0.25"), direction=Direction(style_jaw=0.5, live_head=False))
    settings = Settings("metahuman", 24.0, 7, ("npz", "json"), ".TextGrid", guidance, "en-gb")
    back = settings_from(json.loads(json.dumps(settings.members())))
    assert back.members() == settings.members()
    assert back.endings == (".npz", ".json")
    assert settings_from(Settings().members()).members() == Settings().members()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rig": "puppet"}, "rig"),
        ({"fps": 0.5}, "frame rate"),
        ({"seed": -1}, "seed"),
        ({"formats": ("fbxx",)}, 'no format "fbxx"'),
        ({"formats": ()}, "each format once"),
        ({"formats": ("csv", "livelink")}, "each format once"),
        ({"formats": ("json",), "phones": ".json"}, "each format once"),
        ({"phones": ".doc"}, 'no format "doc" for phones'),
        ({"language": "!"}, "language"),
        ({"formats": ("livelink",), "rig": "visemes"}, "takes curves of the rig arkit52"),
    ],
)
def test_settings_that_cannot_be(wrong, words):
    with pytest.raises(CoreError, match=re.escape(words)):
        Settings(**wrong)


def words_in(path, text, language="en"):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_words(path, language)


def test_words_beside_a_recording(tmp_path):
    assert words_in(tmp_path / "a.txt", "\ufeffPush the boat.\n").text.strip() == "Push the boat."
    assert words_in(tmp_path / "a.lab", "push the boat\n").text.strip() == "push the boat"
    htk = "0 2300000 sil\n2300000 4000000 push\n4000000 5000000 the -12.5\n5000000 9000000 boat\n"
    assert words_in(tmp_path / "b.lab", htk).text == "push the boat"


def test_phones_beside_a_recording(tmp_path):
    htk = "0 2300000 sil\n2300000 4000000 b\n4000000 5000000 AH1\n5000000 9000000 sp\n"
    track = words_in(tmp_path / "b.lab", htk).track
    assert [(phone.symbol, round(phone.start_s, 6), round(phone.end_s, 6)) for phone in track.phones] == [
        ("B", 0.23, 0.4),
        ("AH", 0.4, 0.5),
    ]
    assert track.duration_s == pytest.approx(0.9)
    labels = words_in(tmp_path / "c.txt", "0.1\t0.25\tM 0.9\n0.25\t0.5\tAH\n")
    assert [phone.symbol for phone in labels.track.phones] == ["M", "AH"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"a" * (2 << 20), "larger than 1 MB"),
        ("0.1\t0.25\tQQ\n", "no track of phones"),
        ("4000000 2300000 B\n", "no track of phones"),
    ],
)
def test_words_that_cannot_be(tmp_path, text, words):
    with pytest.raises(CoreError, match=words):
        words_in(tmp_path / "a.txt", text)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_words_that_must_not_be_read(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "a.txt").chmod(0)
    with pytest.raises(FormatError, match="cannot be read"):
        read_words(tmp_path / "a.txt", "en")
