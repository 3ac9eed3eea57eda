"""Unreal Engine's Python module as far as our script needs it: it checks calls as the engine does and keeps the keys.

Signatures are those of the Python API of Unreal Engine 5.2 to 5.7: AnimationLibrary, AnimDataController, AssetTools,
EditorAssetLibrary, AnimSequenceFactory, FrameRate, FrameNumber. Wrong types raise TypeError, as they do there.
"""

from __future__ import annotations

import numpy as np

ASSETS: dict[str, object] = {}
SAVED: list[str] = []
LOGGED: list[str] = []


def _need(value, kind, name):
    kinds = kind if isinstance(kind, tuple) else (kind,)
    fits = isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)
    if not fits:
        raise TypeError(f"{name}: cannot convert {type(value).__name__} to {kind}")


def reset():
    """Forget everything but the skeleton of MetaHumans' faces."""
    for kept in (ASSETS, SAVED, LOGGED):
        kept.clear()
    ASSETS["/Game/MetaHumans/Common/Face/Face_Archetype_Skeleton"] = Skeleton()


class Skeleton:
    pass


class Texture2D:
    pass


class FrameRate:
    def __init__(self, numerator=60000, denominator=1001):
        _need(numerator, int, "numerator")
        _need(denominator, int, "denominator")
        self.numerator, self.denominator = numerator, denominator


class FrameNumber:
    def __init__(self, value=0):
        _need(value, int, "value")
        self.value = value


class RawCurveTrackTypes:
    RCT_FLOAT = "RCT_FLOAT"
    RCT_TRANSFORM = "RCT_TRANSFORM"


class AnimDataController:
    def __init__(self, sequence):
        self._sequence, self._open = sequence, 0

    def open_bracket(self, title, should_transact=True):
        _need(title, str, "title")
        _need(should_transact, bool, "should_transact")
        self._open += 1

    def close_bracket(self, should_transact=True):
        _need(should_transact, bool, "should_transact")
        assert self._open, "close_bracket without open_bracket"
        self._open -= 1

    def set_frame_rate(self, frame_rate, should_transact=True):
        _need(frame_rate, FrameRate, "frame_rate")
        _need(should_transact, bool, "should_transact")
        self._sequence.rate = frame_rate

    def set_number_of_frames(self, new_number_of_frames, should_transact=True):
        _need(new_number_of_frames, FrameNumber, "new_number_of_frames")
        _need(should_transact, bool, "should_transact")
        assert new_number_of_frames.value > 0, "a sequence has at least one frame"
        self._sequence.frames = new_number_of_frames.value


class AnimSequence:
    def __init__(self, skeleton=None, frames=1, rate=None):
        self.skeleton, self.frames, self.rate = skeleton, frames, rate or FrameRate(30, 1)
        self.curves = {}
        self._controller = AnimDataController(self)

    def get_editor_property(self, name):
        return {"controller": self._controller, "skeleton": self.skeleton}[name]

    @property
    def length_s(self):
        return self.frames * self.rate.denominator / self.rate.numerator


class AnimSequenceFactory:
    def __init__(self):
        self._properties = {}

    def set_editor_property(self, name, value):
        assert name == "target_skeleton", f"AnimSequenceFactory has no {name}"
        _need(value, Skeleton, name)
        self._properties[name] = value

    def skeleton(self):
        return self._properties["target_skeleton"]


class AnimationLibrary:
    @staticmethod
    def does_curve_exist(animation_sequence_base, curve_name, curve_type):
        _need(animation_sequence_base, AnimSequence, "animation_sequence_base")
        assert curve_type == RawCurveTrackTypes.RCT_FLOAT
        return curve_name in animation_sequence_base.curves

    @staticmethod
    def remove_curve(animation_sequence_base, curve_name, remove_name_from_skeleton=False):
        _need(remove_name_from_skeleton, bool, "remove_name_from_skeleton")
        del animation_sequence_base.curves[curve_name]

    @staticmethod
    def add_curve(animation_sequence_base, curve_name, curve_type=RawCurveTrackTypes.RCT_FLOAT, meta_data_curve=False):
        _need(animation_sequence_base, AnimSequence, "animation_sequence_base")
        _need(curve_name, str, "curve_name")
        _need(meta_data_curve, bool, "meta_data_curve")
        assert curve_type == RawCurveTrackTypes.RCT_FLOAT
        assert curve_name not in animation_sequence_base.curves, "the curve exists"
        animation_sequence_base.curves[curve_name] = ([], [])

    @staticmethod
    def add_float_curve_keys(animation_sequence_base, curve_name, times, values):
        for name, numbers in (("times", times), ("values", values)):
            _need(numbers, list, name)
            for number in numbers:
                _need(number, (int, float), name)
        assert len(times) == len(values), "as many times as values"
        kept = animation_sequence_base.curves[curve_name]
        kept[0].extend(np.float32(times).tolist())
        kept[1].extend(np.float32(values).tolist())

    @staticmethod
    def get_sequence_length(animation_sequence_base):
        return animation_sequence_base.length_s


class _AssetTools:
    @staticmethod
    def create_asset(asset_name, package_path, asset_class, factory, calling_context="None"):
        for name, value in (("asset_name", asset_name), ("package_path", package_path)):
            _need(value, str, name)
        assert asset_class is AnimSequence
        _need(factory, AnimSequenceFactory, "factory")
        if not asset_name.replace("_", "a").isalnum() or not package_path.startswith("/Game"):
            return None
        ASSETS[f"{package_path}/{asset_name}"] = AnimSequence(factory.skeleton())
        return ASSETS[f"{package_path}/{asset_name}"]


class AssetToolsHelpers:
    @staticmethod
    def get_asset_tools():
        return _AssetTools


class EditorAssetLibrary:
    @staticmethod
    def does_asset_exist(asset_path):
        _need(asset_path, str, "asset_path")
        return asset_path in ASSETS

    @staticmethod
    def save_loaded_asset(asset_to_save, only_if_is_dirty=True):
        _need(only_if_is_dirty, bool, "only_if_is_dirty")
        SAVED.extend(path for path, asset in ASSETS.items() if asset is asset_to_save)
        return True


def load_asset(name, outer=None, type=None):
    """The asset of a path, None where there is none."""
    _need(name, str, "name")
    return ASSETS.get(name)


def log(arg):
    """Keep a line of the log."""
    LOGGED.append(str(arg))
