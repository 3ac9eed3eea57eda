"""The rules of articulation: each does what it says, where it says, as far as the phone is sure, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SettingError
from core.rig.board import BOARD_NAMES, HIGHS, LOWS, index
from core.speech.phones import KIND, PHONES, Phone, PhoneTrack
from core.speech.rules import SAFE, envelope, obey, opening, rules
from core.speech.tables import read_table

JAW = index("CTRL_C_jaw.ty")
COUNT = 100
TOGETHER = [index(f"CTRL_{side}_mouth_lipsTogether{lip}.ty") for side in "LR" for lip in "UD"]


def track(*phones, confidence=1.0):
    """Phones one after the other from 0 s: ("AA", 0.2), ...; the recording is 2 s long."""
    found, now = [], 0.0
    for symbol, length in phones:
        found.append(Phone(symbol, now, now + length, confidence))
        now += length
    return PhoneTrack(tuple(found), COUNT / 50)


def face(jaw=0.5, **others):
    board = np.zeros((COUNT, len(BOARD_NAMES)), np.float32)
    board[:, JAW] = jaw
    for name, value in others.items():
        for side in "LR":
            board[:, index(f"CTRL_{side}_mouth_{name}.ty")] = value
    return board


def middle(phones, place):
    """The frame nearest to the middle of a phone."""
    phone = phones.phones[place]
    return round((phone.start_s + phone.end_s) * 25)


def lip(board, frame, name):
    return [float(board[frame, index(f"CTRL_{side}_mouth_{name}.ty")]) for side in "LR"]


SPOKEN = {symbol: track(("AA", 0.3), (symbol, 0.12), ("AA", 0.3)) for symbol in PHONES}


def test_the_tables_speak_of_phones_and_controls_that_exist():
    for rule in rules():
        assert rule.phones <= set(PHONES) and rule.targets
        for columns, _, value, _ in rule.targets:
            assert all(LOWS[column] <= value <= HIGHS[column] for column in columns)
    assert {row["rule"] for row in read_table("rule_targets")} == {rule.name for rule in rules()}
    assert {row["kind"] for row in read_table("rule_targets")} == {"floor", "limit"}


@pytest.mark.parametrize("symbol", ["P", "B", "M"])
def test_closures_close(symbol):
    board = obey(face(0.8, lowerLipDepress=0.6, upperLipRaise=0.4, funnelU=0.5), SPOKEN[symbol])
    frame = middle(SPOKEN[symbol], 1)
    assert board[frame, TOGETHER].min() == 1
    assert opening(board)[frame] == 0
    assert board[frame, JAW] == pytest.approx(0.25)
    assert lip(board, frame, "lowerLipDepress") == lip(board, frame, "upperLipRaise") == lip(board, frame, "funnelU")
    assert lip(board, frame, "funnelU") == [0, 0]


@pytest.mark.parametrize("length", [0.02, 0.04, 0.07])
@pytest.mark.parametrize("offset", [0.0, 0.003, 0.011, 0.017])
def test_every_closure_is_seen_at_24_frames_a_second(length, offset):
    said = track(("AA", 0.3 + offset), ("P", length), ("AA", 0.3))
    together = obey(face(), said)[:, TOGETHER[0]]
    for phase in np.linspace(0, 1 / 24, 9):
        film = np.interp(np.arange(phase, 1.5, 1 / 24), np.arange(COUNT) / 50, together)
        assert film.max() > 0.999


def test_lips_never_close_on_vowels():
    vowels = [symbol for symbol in PHONES if KIND[symbol] == "vowel"]
    assert len(vowels) == 15
    for vowel in vowels:
        for length in (0.06, 0.1, 0.2):
            said = track(("M", 0.08), (vowel, length), ("P", 0.08), (vowel, length), ("B", 0.08))
            board = obey(face(0.5), said)
            for place in (1, 3):
                phone = said.phones[place]
                centre = np.interp((phone.start_s + phone.end_s) / 2, np.arange(COUNT) / 50, board[:, TOGETHER[0]])
                # A vowel of 60 ms has one frame within 10 ms of its middle: the lips part there, but not far.
                assert centre < (0.75 if length < 0.1 else 0.2), (vowel, length)
    only = track(*((vowel, 0.1) for vowel in vowels))
    assert (obey(face(0.5), only)[:, TOGETHER] == 0).all()


@pytest.mark.parametrize("symbol", ["F", "V"])
def test_teeth_on_lip(symbol):
    board = obey(face(0.5, lowerLipDepress=0.5, lipsTogetherU=0.9), SPOKEN[symbol])
    frame = middle(SPOKEN[symbol], 1)
    assert lip(board, frame, "lipBiteD") == pytest.approx([0.8, 0.8])
    assert lip(board, frame, "lowerLipDepress") == [0, 0]
    assert lip(board, frame, "upperLipRaise") == pytest.approx([0.15, 0.15])
    assert lip(board, frame, "lipsTogetherU") == pytest.approx([0.2, 0.2])
    assert board[frame, JAW] == pytest.approx(0.15)


@pytest.mark.parametrize("symbol", ["S", "Z", "SH", "ZH", "CH", "JH"])
def test_sibilants_narrow_the_jaw(symbol):
    frame = middle(SPOKEN[symbol], 1)
    assert obey(face(0.6), SPOKEN[symbol])[frame, JAW] == pytest.approx(0.12)
    assert obey(face(0.05), SPOKEN[symbol])[frame, JAW] == pytest.approx(0.05), "a limit is no target"
    funnel = lip(obey(face(0.6), SPOKEN[symbol]), frame, "funnelU")
    assert funnel == ([0, 0] if symbol in "SZ" else pytest.approx([0.35, 0.35]))


@pytest.mark.parametrize(
    ("symbol", "least"),
    [("W", 0.5), ("UW", 0.5), ("OW", 0.28), ("UH", 0.28), ("R", 0.15), ("ER", 0.15), ("SH", 0.15)],
)
def test_round_sounds_are_round(symbol, least):
    board, frame = obey(face(), SPOKEN[symbol]), middle(SPOKEN[symbol], 1)
    assert lip(board, frame, "purseU") == lip(board, frame, "purseD") == pytest.approx([least, least])
    assert lip(obey(face(purseU=0.9), SPOKEN[symbol]), frame, "purseU") == pytest.approx([0.9, 0.9])


def test_rounding_starts_early():
    board = obey(face(), track(("T", 0.3), ("UW", 0.2)))
    assert lip(board, 12, "purseU")[0] > 0.1, "60 ms before the vowel"
    assert lip(board, 7, "purseU")[0] == 0, "160 ms before the vowel"


def test_the_tongue_shows_only_in_an_open_mouth():
    out, tip = index("CTRL_C_tongue_inOut.ty"), index("CTRL_C_tongue_tipMove.ty")
    for symbol in ("TH", "DH"):
        frame = middle(SPOKEN[symbol], 1)
        assert obey(face(0.4), SPOKEN[symbol])[frame, out] == pytest.approx(0.4)
    for symbol in ("T", "D", "N", "L"):
        frame = middle(SPOKEN[symbol], 1)
        assert obey(face(0.3), SPOKEN[symbol])[frame, tip] == pytest.approx(0.6)
        assert obey(face(0.3), SPOKEN[symbol])[frame, out] == pytest.approx(0.1)
    shut = obey(face(0.0), SPOKEN["T"])
    assert shut[:, out].max() == 0, "not through closed teeth"
    lips = obey(face(0.5, lipsTogetherU=1, lipsTogetherD=1), SPOKEN["N"])
    assert lips[:, out].max() == 0, "not through closed lips"


@pytest.mark.parametrize("symbol", ["K", "G", "NG"])
def test_the_back_of_the_tongue_rises(symbol):
    board = obey(face(), SPOKEN[symbol])[middle(SPOKEN[symbol], 1)]
    assert board[index("CTRL_C_tongue_move.ty")] == pytest.approx(0.3)
    assert board[index("CTRL_C_tongue_tipMove.ty")] == pytest.approx(-0.2)
    assert board[index("CTRL_C_tongue_inOut.ty")] == pytest.approx(-0.15)


def test_doubt_and_strength_soften():
    said = [track(("AA", 0.3), ("M", 0.12), ("AA", 0.3), confidence=sure) for sure in (0.1, 0.25, 0.35, 0.6)]
    closed = [float(obey(face(), item)[middle(item, 1), TOGETHER[0]]) for item in said]
    assert closed[0] == 0 and closed[3] == 1
    assert 0 < closed[1] < closed[2] < 1
    halves = [float(obey(face(), said[3], share)[middle(said[3], 1), TOGETHER[0]]) for share in (0, 0.25, 0.5, 1)]
    assert halves == pytest.approx([0, 0.25, 0.5, 1])
    assert np.array_equal(obey(face(), said[3], 0.0), face())
    with pytest.raises(SettingError, match=r"must be 0 to 1, but is 1\.5"):
        obey(face(), said[3], 1.5)


def test_a_face_that_obeys_is_left_alone():
    for symbol in PHONES:
        board = face(0.0)
        for rule in rules():
            for columns, is_floor, value, _ in rule.targets if symbol in rule.phones else ():
                bound = np.maximum if is_floor else np.minimum
                board[:, columns] = bound(board[:, columns], np.float32(value))
        assert np.array_equal(obey(board, SPOKEN[symbol]), board), symbol
    loose = face(0.3, funnelU=0.4, lowerLipDepress=0.5)
    assert np.array_equal(obey(loose, track(("AA", 0.5), ("HH", 0.3), ("IY", 0.2), ("Y", 0.1))), loose)


def test_rules_add_no_jitter():
    """A still face and a shaking one: what is added is smooth, and shaking is never made larger."""
    names = ["DH", "AH", "B", "IH", "G", "F", "IH", "SH", "S", "W", "UW", "M", "Z", "R", "AA", "P", "L", "OW"]
    said = track(*((name, 0.09) for name in names))
    board = obey(face(0.4), said)
    assert np.abs(np.diff(board, axis=0)).max() <= 0.75, "no jump between two frames"
    turns = np.diff(np.sign(np.round(np.diff(board[:, TOGETHER[0]]), 5)))
    assert (turns != 0).sum() <= 4 * 3, "each of three closures comes and goes once"
    shake = (0.02 * (-1.0) ** np.arange(COUNT))[:, None].astype(np.float32)
    shaken = obey(face(0.4) + shake, said) - obey(face(0.4), said)
    assert np.abs(shaken).max() <= 0.0201


def test_values_stay_within_the_board():
    random = np.random.default_rng(0)
    board = random.uniform(LOWS, HIGHS, (COUNT, len(BOARD_NAMES))).astype(np.float32)
    said = track(*((symbol, 0.045) for symbol in random.permutation(PHONES[1:])))
    result = obey(board, said)
    assert result.dtype == np.float32
    assert (result >= LOWS - 1e-6).all() and (result <= HIGHS + 1e-6).all()
    brows = [place for place, name in enumerate(BOARD_NAMES) if "brow" in name or "eye" in name]
    assert np.array_equal(result[:, brows], board[:, brows])


def test_envelopes_end_with_the_recording():
    said = track(("AA", 0.1), ("M", 1.9))
    assert envelope("closure", said, COUNT)[-1] > 0.5
    assert len(envelope("closure", said, 7)) == 7
    assert (envelope("closure", PhoneTrack((), 1.0), 50) == 0).all()


def test_only_the_rules_that_are_asked_for_hold():
    assert {rule.name for rule in rules()} > SAFE
    for symbol in ("P", "B", "M"):
        assert np.array_equal(obey(face(), SPOKEN[symbol], kept=SAFE), face())
    assert np.array_equal(obey(face(), SPOKEN["F"], kept=frozenset()), face())
    bitten = obey(face(), SPOKEN["F"], kept=SAFE)
    assert lip(bitten, middle(SPOKEN["F"], 1), "lipBiteD") == pytest.approx([0.8, 0.8])
    assert np.array_equal(bitten, obey(face(), SPOKEN["F"]))
