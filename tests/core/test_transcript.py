"""Text to phones: the dictionary, what is written short, words nobody knows, and other languages."""

from __future__ import annotations

import pytest

from core.speech import dictionary, espeak
from core.speech.align import TranscriptError
from core.speech.english import cardinal, english_words, ordinal
from core.speech.ipa import phones_of_ipa
from core.speech.letters import spell_out
from core.speech.phones import IPA, PHONES, SILENCE
from core.speech.script import Script
from core.speech.tables import read_table
from core.speech.transcript import pronounce


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dr. Smith paid $3.50.", "doctor smith paid three dollars fifty cents"),
        ("on the 21st of May, 1984 at 7:05", "on the twenty first of may nineteen eighty four at seven oh five"),
        ("the 1990s; 50% of 1,234.5 &c", "the nineteen nineties fifty percent of one thousand two hundred thirty four "
         "point five and c"),
        ("No. 5 is no. In 2006, e.g. 12:00", "number five is no in two thousand six for example twelve o'clock"),
        ("the boys’ party’s co-op", "the boys party's co op"),
        ("U.S. agent 007", "u. s. agent zero zero seven"),
        ("£1.01", "one pound one penny"),
        ("1234567890123456", "one two three four five six seven eight nine zero one two three four five six"),
        ("…!?", ""),
    ],
)  # fmt: skip
def test_what_is_written_short_is_said_in_full(text, said):
    assert english_words(text) == said.split()


def test_numbers():
    assert cardinal(0) == ["zero"]
    assert " ".join(cardinal(1_000_017)) == "one million seventeen"
    assert [" ".join(ordinal(number)) for number in (1, 12, 20, 103)] == [
        "first",
        "twelfth",
        "twentieth",
        "one hundred third",
    ]


def test_the_dictionary_gives_every_way():
    assert dictionary.look_up(["read", "zzzz"]) == {"read": (("R", "EH", "D"), ("R", "IY", "D"))}


def test_every_way_is_made_of_our_phones():
    words = pronounce("Zorblax's xylotrope, NASA & the BBC frobnicating 3 quixotic wugs: Ångström!")
    assert [word.text for word in words][:4] == ["zorblax's", "xylotrope", "NASA", "and"]
    for word in words:
        assert word.ways
        for way in word.ways:
            assert way and set(way) <= set(PHONES) - {SILENCE}, word


def test_endings_of_known_words():
    ways = {word.text: word.ways[0] for word in pronounce("smorgasbords's blogged googling")}
    assert ways["blogged"] == ("B", "L", "AO", "G", "D")
    assert ways["googling"][-2:] == ("IH", "NG")


def test_capitals_may_be_spelled_or_read():
    word = pronounce("a NASA probe")[1]
    assert {("N", "AE", "S", "AH"), ("EH", "N", "EY", "EH", "S", "EY")} <= set(word.ways)
    assert pronounce("HELLO YOU")[0].text == "hello", "a shouted text is no row of acronyms"


def test_rules_read_most_dictionary_words_nearly_right():
    """Every 400th word, phone error rate of the rules alone; names and loan words are among them."""
    sample = [line.split("#")[0].split() for line in dictionary._lines() if line.split()[0].isalpha()][::400]
    wrong = sum(edits(spell_out(word), [phone.rstrip("012") for phone in way]) for word, *way in sample)
    assert wrong / sum(len(row) - 1 for row in sample) < 0.22


def edits(heard, meant):
    row = list(range(len(heard) + 1))
    for symbol in meant:
        fresh = [row[0] + 1]
        for place, other in enumerate(heard):
            fresh.append(min(row[place] + (symbol != other), row[place + 1] + 1, fresh[-1] + 1))
        row = fresh
    return row[-1]


def test_without_the_dictionary_rules_do(monkeypatch):
    monkeypatch.setattr(dictionary, "_lines", tuple)
    assert pronounce("hello mum")[1].ways == (("M", "AH", "M"),)


def test_ipa_becomes_the_nearest_phones():
    for symbol in PHONES[1:]:
        assert phones_of_ipa(IPA[symbol]) == (symbol,)
    assert phones_of_ipa("ʃˈøːnə") == ("SH", "UH", "N", "AH")
    assert phones_of_ipa("bɔ̃ʒˈuʁ") == ("B", "AO", "ZH", "UW", "R")
    assert phones_of_ipa("t͡ʃao") == ("CH", "AA", "OW")
    assert phones_of_ipa("ç") == phones_of_ipa("c\u0327") == ("SH",)
    assert phones_of_ipa("bˈɛlla") == ("B", "EH", "L", "AA")
    assert phones_of_ipa("2̩?") == ()
    for row in read_table("ipa"):
        assert set(row["phones"].split()) <= set(PHONES) - {SILENCE}


def test_other_languages_say_what_they_need(monkeypatch):
    monkeypatch.setattr(espeak, "_library", lambda: None)
    with pytest.raises(TranscriptError, match='"es" needs eSpeak NG, which was not found on this computer: install'):
        pronounce("hola", "es")
    with pytest.raises(TranscriptError, match='The language "Spanish!" is not understood'):
        pronounce("hola", "Spanish!")
    assert pronounce("hello", "en-GB")


def test_espeak_words_keep_their_names(monkeypatch):
    monkeypatch.setattr(espeak, "_library", lambda: object())
    monkeypatch.setattr(espeak, "transcribe", lambda text, language: ["ˈola", "kˈe (en)tˈal(es)"])
    words = pronounce("Hola, ¿qué tal?", "es")
    assert [(word.text, word.ways) for word in words] == [
        ("Hola", (("OW", "L", "AA"),)),
        ("qué", (("K", "EH"),)),
        ("tal", (("T", "AA", "L"),)),
    ]
    monkeypatch.setattr(espeak, "transcribe", lambda text, language: None)
    with pytest.raises(TranscriptError, match='does not know the language "qq"'):
        pronounce("hola", "qq")


@pytest.mark.skipif(not espeak.is_there(), reason="eSpeak NG is not installed here")
def test_espeak_itself():
    ways = [word.ways[0] for word in pronounce("Hola, amigo", "es")]
    assert ways == [("OW", "L", "AA"), ("AA", "M", "IY", "G", "OW")]
    with pytest.raises(TranscriptError, match="does not know"):
        pronounce("hola", "qqq")


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_transcript_is_one_sentence(text):
    with pytest.raises(TranscriptError, match="transcript is empty"):
        Script.from_text(text)


def test_a_text_without_words_is_one_sentence():
    with pytest.raises(TranscriptError, match="holds no word that can be spoken"):
        Script.from_text("?!").words()
    with pytest.raises(TranscriptError, match="at most"):
        pronounce("ha " * 100_000)


def test_a_script_gives_the_ways_of_its_words():
    assert Script.from_text("my mum").ways() == ((("M", "AY"),), (("M", "AH", "M"),))
