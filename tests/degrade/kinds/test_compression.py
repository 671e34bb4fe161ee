import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import MissingDependency, SettingsError
from pellucid.core.image import Image, Pixels
from pellucid.core.seeds import stream
from pellucid.degrade.codecs import video_codecs
from pellucid.degrade.kinds.compression import WEIGHTS, Compression


def a_round(**changes) -> dict:
    plain = {
        "scale": None,
        "mode": "area",
        "halo": None,
        "codec": "jpeg",
        "quality": 30,
        "subsampling": "4:2:0",
        "offset": [0, 0],
    }
    return plain | changes


def saved(image: Image, *rounds: dict) -> Pixels:
    params = {"severity": 0.5, "rounds": list(rounds), "up": "bicubic"}
    return Compression().apply(image, params).pixels


def error(one: Pixels, two: Pixels) -> float:
    return float(np.mean((one - two) ** 2, dtype=np.float64))


def test_saving_again_on_the_same_grid_does_nothing_and_on_another_one_does_harm():
    image = photograph(PHOTOGRAPHS[3], 128)
    once = saved(image, a_round(subsampling="4:4:4"))
    same = saved(image, *[a_round(subsampling="4:4:4")] * 2)
    moved = saved(
        image, a_round(subsampling="4:4:4"), a_round(subsampling="4:4:4", offset=[4, 4])
    )
    assert error(moved, once) > 10 * error(same, once)
    assert error(moved, image.pixels) > 1.05 * error(once, image.pixels)


def test_blocks_of_a_picture_that_was_shown_larger_are_larger():
    image = photograph(PHOTOGRAPHS[3], 160)
    shown = saved(image, a_round(quality=5, scale=0.5))
    steps = np.abs(np.diff(shown.mean(axis=2), axis=1)).mean(axis=0)
    borders = steps[15::16].mean()  # 8 px of half the size
    assert borders > 1.3 * steps[7::16].mean()


def test_a_smaller_save_loses_detail_and_keeps_the_brightness():
    image = photograph(PHOTOGRAPHS[2], 128)
    found = [saved(image, a_round(quality=95, scale=each)) for each in (0.9, 0.6, 0.3)]
    assert all(
        error(a, image.pixels) < error(b, image.pixels) for a, b in pairwise(found)
    )
    detail = [float(np.abs(np.diff(each, axis=1)).mean()) for each in found]
    assert detail == sorted(detail, reverse=True)
    for each in found:
        assert abs(float(each.mean() - image.pixels.mean())) * 255 < 1.0


def test_sharpening_before_saving_leaves_halos():
    pixels = np.full((48, 48, 3), 0.3, dtype=np.float32)
    pixels[:, 24:] = 0.7
    halo = {"radius_px": 1.0, "amount": 1.0}
    row = saved(Image(pixels), a_round(quality=95, halo=halo)).mean(axis=(0, 2))
    assert row[:24].min() < 0.3 - 0.05
    assert row[24:].max() > 0.7 + 0.05


def test_rounds_codecs_and_grids_do_not_depend_on_the_severity():
    kind = Compression()
    for seed in range(40):
        drawn = [kind.sample(stream(seed), each)["rounds"] for each in (0.0, 0.4, 1.0)]
        for mild, middle, strong in zip(*drawn, strict=True):
            for name in ("codec", "offset", "subsampling", "mode"):
                assert mild[name] == middle[name] == strong[name]
            assert mild["quality"] >= middle["quality"] >= strong["quality"]
            assert (mild["scale"] is None) == (strong["scale"] is None)
            if mild["scale"] is not None:
                assert mild["scale"] == 1.0 >= middle["scale"] >= strong["scale"]


def test_the_worst_save_walks_the_whole_range_and_the_others_are_milder():
    kind = Compression()
    for seed in range(40):
        best = [each["quality"] for each in kind.sample(stream(seed), 0.0)["rounds"]]
        assert set(best) == {95}
        worst = sorted(e["quality"] for e in kind.sample(stream(seed), 1.0)["rounds"])
        assert worst[0] == 5
        assert all(each > 5 for each in worst[1:])


def test_codecs_and_rounds_are_met_as_often_as_their_weights_say():
    kind = Compression()
    pictures = [kind.sample(stream(seed, "often"))["rounds"] for seed in range(1200)]
    counts = Counter(len(each) for each in pictures)
    assert set(counts) == {1, 2, 3, 4}
    for each in counts.values():
        assert abs(each - 300) < 4 * np.sqrt(1200 * 0.25 * 0.75)
    met = Counter(each["codec"] for rounds in pictures for each in rounds)
    total = sum(met.values())
    whole = sum(WEIGHTS[name] for name in kind.codecs)
    assert set(met) == set(kind.codecs)
    for name in kind.codecs:
        share = WEIGHTS[name] / whole
        spread = np.sqrt(total * share * (1 - share))
        assert abs(met[name] - total * share) < 4 * spread


def test_six_saves_in_ten_begin_their_blocks_elsewhere():
    rounds = [e for s in range(400) for e in Compression().sample(stream(s))["rounds"]]
    moved = [each["offset"] for each in rounds if each["offset"] != [0, 0]]
    share = 0.6 * (1 - 1 / 256)  # a drawn offset may be none
    spread = np.sqrt(len(rounds) * share * (1 - share))
    assert abs(len(moved) - len(rounds) * share) < 4 * spread
    assert {each[0] for each in moved} == {each[1] for each in moved} == set(range(16))


def test_what_is_drawn_does_not_depend_on_what_is_installed(
    monkeypatch: pytest.MonkeyPatch,
):
    kinds = (Compression(), Compression(codecs=("jpeg", "h264", "h265")))
    before = [kind.sample(stream(seed)) for kind in kinds for seed in range(30)]
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed
    after = [kind.sample(stream(seed)) for kind in kinds for seed in range(30)]
    assert before == after
    codecs = {each["codec"] for params in before[:30] for each in params["rounds"]}
    assert not codecs & {"h264", "h265"}
    video = [e for p in before[30:] for e in p["rounds"] if e["codec"] != "jpeg"]
    assert video
    assert all(16 <= each["crf"] <= 48 and "quality" not in each for each in video)


def test_a_record_with_video_needs_pyav(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingDependency) as caught:
        saved(photograph(PHOTOGRAPHS[0], 32), a_round(codec="h264", crf=30))
    assert caught.value.hint == "pip install av"


@pytest.mark.skipif(not video_codecs(), reason="PyAV is not here")
def test_video_rounds_are_applied():
    image = photograph(PHOTOGRAPHS[0], 64)
    errors = [
        error(saved(image, a_round(codec="h264", crf=crf)), image.pixels)
        for crf in (10, 30, 48)
    ]
    assert errors == sorted(errors)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"codecs": ("jpeg", "jpg")}, "no codec `jpg`"),
        ({"codecs": ()}, "codecs"),
        ({"weights": (1.0, 2.0)}, "weights"),
        ({"rounds": (3, 2)}, "rounds"),
        ({"quality": (90.0, 0.0)}, "quality"),
        ({"crf": (20.0, 60.0)}, "crf"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict, said: str):
    with pytest.raises(SettingsError, match=said):
        Compression(**wrong)
