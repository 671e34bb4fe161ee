import numpy as np
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.web import Web

PLAIN = {
    "severity": 0.0,
    "scale": 1.0,
    "down": "area",
    "blur_px": 0.0,
    "noise_levels": 0.0,
    "quality": 100,
    "up": "bicubic",
    "seed": 1,
}


def error(image: Image, **changes) -> float:
    sent = Web().apply(image, PLAIN | changes)
    return float(np.mean((sent.pixels - image.pixels) ** 2, dtype=np.float64))


def test_each_link_of_the_tail_does_harm_and_more_where_it_is_stronger():
    image = photograph(PHOTOGRAPHS[3], 96)
    nothing = error(image)
    for name, values in {
        "scale": (0.9, 0.5),
        "blur_px": (0.6, 1.2),
        "noise_levels": (3.0, 10.0),
        "quality": (80, 40),
    }.items():
        mild, strong = (error(image, **{name: each}) for each in values)
        assert nothing < mild < strong, name


def test_noise_lives_in_the_small_picture_and_has_the_sigma_that_was_drawn():
    flat = Image(np.full((256, 256, 3), 0.5, dtype=np.float32))
    same = Web().apply(flat, PLAIN | {"noise_levels": 8.0}).pixels
    # JPEG halves the chroma: the luma, 299 : 587 : 114, keeps its noise.
    luma = same @ np.array([0.299, 0.587, 0.114], dtype=np.float32) * 255
    expected = 8.0 * np.linalg.norm([0.299, 0.587, 0.114])
    assert abs(luma.std() - expected) < 0.1 * expected
    small = Web().apply(flat, PLAIN | {"noise_levels": 8.0, "scale": 0.5}).pixels
    neighbours = [
        np.corrcoef(each[:, :-1, 1].ravel(), each[:, 1:, 1].ravel())[0, 1]
        for each in (same, small)
    ]
    assert neighbours[1] > neighbours[0] + 0.3  # enlarged noise is coarse


def test_strengths_walk_the_ranges_of_the_paper():
    kind = Web()
    ends = [[kind.sample(stream(seed), s) for seed in range(400)] for s in (0.0, 1.0)]
    for params, scale, blur, noise, quality in zip(
        ends,
        (0.9, 0.5),
        (0.1, 1.2),
        (1.0, 10.0),
        ({95, 60}, {60, 40}),
        strict=True,
    ):
        assert {round(each["scale"], 6) for each in params} == {scale}
        assert {round(each["blur_px"], 6) for each in params} == {0.0, blur}
        assert {round(each["noise_levels"], 6) for each in params} == {0.0, noise}
        assert {each["quality"] for each in params} == quality


def test_links_happen_as_often_as_their_chances_say():
    drawn = [Web().sample(stream(seed, "often"), 0.5) for seed in range(1000)]
    for chance, name, happens in (
        (0.6, "blur_px", lambda value: value > 0),
        (0.5, "noise_levels", lambda value: value > 0),
        (0.2, "quality", lambda value: value == 50),  # the middle of 60 to 40
        (0.5, "up", lambda value: value == "bicubic"),
        (1 / 3, "down", lambda value: value == "area"),
    ):
        count = sum(happens(each[name]) for each in drawn)
        spread = np.sqrt(1000 * chance * (1 - chance))
        assert abs(count - 1000 * chance) < 4 * spread, name
