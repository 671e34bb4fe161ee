import io

import pictures
import pytest
from PIL import ImageCms

from pellucid.restore.gamut import other_colours


@pytest.mark.parametrize("space", ["Display P3", "Adobe RGB", "ProPhoto"])
def test_a_wider_profile_is_said(space: str):
    assert f"profile `{space}`" in other_colours(pictures.profile(space))


def test_srgb_is_not_worth_a_word():
    assert other_colours(None) == ""
    assert other_colours(pictures.profile("sRGB")) == ""
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert ImageCms.ImageCmsProfile(io.BytesIO(own))
    assert other_colours(own) == ""


def test_a_broken_profile_and_one_for_inks_are_left_to_reading():
    assert other_colours(b"no profile" * 20) == ""
    assert other_colours(pictures.ink_profile()) == ""
