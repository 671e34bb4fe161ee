"""Noise of sensors, films and bad lines."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.kinds.noise import Noise
from pellucid.degrade.light import luminance
from pellucid.degrade.segments import segments

SOURCES = ("sensor", "film", "normal", "stuck", "mixed")


def only(source: str, **fields: object) -> Noise:
    """Noise of one source, alike everywhere."""
    shares = {f"{each}_share": float(each == source) for each in SOURCES[1:]}
    return Noise(**{"variation": (1.0, 1.0), **shares, **fields})


def flat(level: float, side: int = 160) -> Image:
    return Image(np.full((side, side, 3), level, dtype=np.float32))


def added(kind: Noise, image: Image, severity: float, seed: int = 1) -> np.ndarray:
    params = kind.sample(stream(seed, "noise"), severity)
    return kind.apply(image, params).pixels - image.pixels


def test_every_source_is_drawn_and_the_sensor_most():
    rng = stream(1)
    drawn = [Noise().sample(rng)["source"] for _ in range(400)]
    counts = {each: drawn.count(each) for each in SOURCES}
    assert min(counts.values()) > 0
    assert counts["sensor"] > 200


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_with_a_share_of_one_is_the_only_one(source: str):
    kind = only(source)
    assert {kind.sample(stream(each))["source"] for each in range(20)} == {source}


def test_shares_beyond_one_are_refused():
    with pytest.raises(SettingsError, match="more than 1"):
        Noise(film_share=0.7, mixed_share=0.5)


@pytest.mark.parametrize("source", SOURCES)
def test_with_one_stream_a_stronger_noise_is_the_same_noise(source: str):
    weak, strong = (added(only(source), flat(0.5), each) for each in (0.3, 0.5))
    is_hit = (weak != 0.0) | (strong != 0.0)
    correlation = np.corrcoef(weak[is_hit], strong[is_hit])[0, 1]
    assert float(strong.std()) > 1.1 * float(weak.std())
    if source == "stuck":  # those of the weaker are among those of the stronger
        assert (strong[weak != 0.0] == weak[weak != 0.0]).all()
    else:
        assert correlation > 0.8


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_brightness_of_every_region_stays(source: str, name: str):
    clean = photograph(name, 160)
    shift = added(only(source), clean, 0.5)
    assert abs(float(shift.mean())) < 3.0 / 255.0
    if source != "stuck":
        regions = gaussian_blurred(shift.mean(axis=2), 24.0)
        assert float(np.abs(regions).max()) < 8.0 / 255.0


def test_cutting_at_black_and_white_hardly_moves_the_brightness():
    """Without care, a sensor at half severity lifts 0.06 by 1.6 levels of 255."""
    for level in (0.06, 0.98):
        shift = float(added(only("sensor"), flat(level), 0.5).mean())
        assert abs(shift) < 0.7 / 255.0


def test_the_picture_under_the_noise_stays_sharp():
    """Many draws of noise on one picture: their mean is the picture, not a blur."""
    clean = photograph("book", 96)
    kind = only("sensor", blotches=(0.0, 0.0))
    mean = np.mean([added(kind, clean, 0.2, seed) for seed in range(40)], axis=0)
    blur = gaussian_blurred(clean.pixels, 0.5) - clean.pixels
    assert float(np.mean(mean**2)) < 0.2 * float(np.mean(blur**2))
    share = float((mean * blur).sum() / (blur * blur).sum())
    assert abs(share) < 0.05


def test_the_noise_of_a_sensor_is_weak_in_black_and_white():
    kind = only("sensor")
    spread = [float(added(kind, flat(each), 0.4).std()) for each in (0.0, 0.5, 1.0)]
    assert spread[0] < 0.5 * spread[1]
    assert spread[2] < 0.5 * spread[1]


def test_the_noise_of_a_sensor_reaches_neighbours_and_that_of_a_line_does_not():
    found = {}
    for source in ("sensor", "normal"):
        noise = added(only(source), flat(0.5), 0.4)[..., 0]
        found[source] = np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]
    assert found["sensor"] > 0.25
    assert abs(found["normal"]) < 0.05


def test_every_part_of_a_picture_has_its_own_strength():
    kind = Noise(normal_share=1.0, film_share=0.0, stuck_share=0.0, mixed_share=0.0)
    image = photograph("lake", 256)
    params = kind.sample(stream(4), 0.3)
    even = {**params, "variation": [1.0, 1.0]}
    varied, alike = (
        kind.apply(image, each).pixels - image.pixels for each in (params, even)
    )
    labels = segments(image, params["segments"], params["seed"])
    is_gray = (image.pixels > 0.2).all(axis=2) & (image.pixels < 0.8).all(axis=2)
    strengths = [
        float(varied[place].std() / alike[place].std())
        for place in (is_gray & (labels == each) for each in range(labels.max() + 1))
        if place.sum() > 400
    ]
    assert len(strengths) >= 5
    assert 0.5 < min(strengths) < 0.8
    assert 1.1 < max(strengths) < 1.6


def test_stuck_pixels_are_black_or_white_and_as_many_as_drawn():
    kind = only("stuck")
    image = flat(0.5)
    params = kind.sample(stream(5), 0.6)
    damaged = kind.apply(image, params).pixels
    is_stuck = damaged[..., 0] != 0.5
    assert set(np.unique(damaged)) == {0.0, 0.5, 1.0}
    assert float(is_stuck.mean()) == pytest.approx(params["stuck"], rel=0.25)
    assert (damaged[..., 0] == damaged[..., 2]).all()


def test_a_hue_is_kept_on_average_in_a_coloured_field():
    image = Image(np.full((160, 160, 3), (0.7, 0.4, 0.25), dtype=np.float32))
    shift = added(only("sensor"), image, 0.6).mean(axis=(0, 1))
    assert float(np.abs(shift).max()) < 2.0 / 255.0
    assert abs(float(luminance(shift[None, None])[0, 0])) < 1.0 / 255.0


def test_where_parts_come_from_stands_among_the_choices():
    assert Noise(segments="/nets/segformer").sample(stream(6))["segments"] == (
        "/nets/segformer"
    )
