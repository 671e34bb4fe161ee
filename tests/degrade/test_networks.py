"""What networks in a folder say, on tiny ones of the real classes."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from pellucid.core.errors import MissingDependency, MissingModel
from pellucid.core.image import Image
from pellucid.degrade import networks
from pellucid.degrade.depth import farness
from pellucid.degrade.networks import predict_depth, predict_segments

hub: Any = transformers  # its types know less than its classes

SIZES = [(1, 1), (1, 9), (37, 61), (90, 44)]


@pytest.fixture(autouse=True)
def forget_networks():
    """Folders of one test are no folders of the next; one thread does for tiny ones."""
    networks._load.cache_clear()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).random((height, width, 3), dtype=np.float32)


def saved(model: Any, folder: Path, **wishes: object) -> str:
    model.save_pretrained(folder)
    if wishes:
        (folder / "preprocessor_config.json").write_text(json.dumps(wishes))
    return str(folder)


def depth_anything(
    folder: Path, estimates: str = "relative", image_size: int = 28
) -> str:
    torch.manual_seed(0)
    backbone = hub.Dinov2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        mlp_ratio=2,
        image_size=image_size,
        patch_size=7,
        out_features=["stage1", "stage2"],
        reshape_hidden_states=False,
    )
    config = hub.DepthAnythingConfig(
        initializer_range=0.3,
        backbone_config=backbone,
        patch_size=7,
        reassemble_hidden_size=16,
        reassemble_factors=[2, 1],
        neck_hidden_sizes=[8, 8],
        fusion_hidden_size=8,
        head_hidden_size=8,
        depth_estimation_type=estimates,
        max_depth=10,
    )
    model = hub.DepthAnythingForDepthEstimation(config)
    with torch.no_grad():  # a random head is cut to 0, or to the largest depth
        model.head.conv3.weight.abs_().mul_(1e-3)
        model.head.conv3.bias.fill_(0.1)
    wishes = {
        "size": {"height": 28, "width": 28},
        "keep_aspect_ratio": True,
        "ensure_multiple_of": 7,
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.2, 0.2, 0.2],
    }
    return saved(model, folder, **wishes)


def dpt(folder: Path) -> str:
    torch.manual_seed(0)
    config = hub.DPTConfig(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=32,
        patch_size=8,
        backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        is_hybrid=False,
    )
    return saved(hub.DPTForDepthEstimation(config), folder)


def glpn(folder: Path) -> str:
    torch.manual_seed(0)
    config = hub.GLPNConfig(
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        num_attention_heads=[1, 1, 2, 2],
        decoder_hidden_size=16,
    )
    return saved(hub.GLPNForDepthEstimation(config), folder, size=64)


def segformer(folder: Path) -> str:
    torch.manual_seed(0)
    config = hub.SegformerConfig(
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        num_attention_heads=[1, 1, 2, 2],
        decoder_hidden_size=16,
        num_labels=5,
    )
    wishes = {"size": 64, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    return saved(hub.SegformerForSemanticSegmentation(config), folder, **wishes)


def mask2former(folder: Path) -> str:
    torch.manual_seed(0)
    backbone = hub.SwinConfig(
        image_size=64,
        patch_size=4,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        window_size=4,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    config = hub.Mask2FormerConfig(
        backbone_config=backbone,
        hidden_dim=32,
        feature_size=32,
        mask_feature_size=32,
        encoder_layers=1,
        decoder_layers=2,
        num_attention_heads=2,
        dim_feedforward=16,
        encoder_feedforward_dim=16,
        num_queries=6,
        num_labels=3,
    )
    model = hub.Mask2FormerForUniversalSegmentation(config)
    return saved(model, folder, size={"height": 64, "width": 64})


@pytest.mark.parametrize("make", [depth_anything, dpt, glpn])
def test_depth_has_the_size_of_the_picture_and_spans_all(make, tmp_path: Path):
    folder = make(tmp_path)
    for size in SIZES:
        depth = predict_depth(folder, noise(*size))
        assert depth.shape == size
        assert depth.dtype == np.float32
        assert 0.0 <= depth.min() <= depth.max() <= 1.0
    depth = predict_depth(folder, noise(90, 44))
    assert depth.min() < 0.2
    assert depth.max() > 0.8


def test_a_network_says_the_same_again_and_after_it_was_loaded_again(tmp_path: Path):
    folder, pixels = depth_anything(tmp_path), noise(40, 50)
    first = predict_depth(folder, pixels)
    np.testing.assert_array_equal(predict_depth(folder, pixels), first)
    networks._load.cache_clear()
    np.testing.assert_array_equal(predict_depth(folder, pixels), first)


def test_the_network_sees_pixels_as_its_folder_wishes(tmp_path: Path):
    folder, pixels = depth_anything(tmp_path), noise(28, 28)
    model = hub.DepthAnythingForDepthEstimation.from_pretrained(folder).eval()
    mean = np.array([0.5, 0.4, 0.3], dtype=np.float32)
    seen = (pixels - mean) / np.float32(0.2)
    with torch.inference_mode():
        tensor = torch.from_numpy(seen.transpose(2, 0, 1)[None].copy())
        inverse = model(pixel_values=tensor).predicted_depth[0].numpy()
    expected = (inverse.max() - inverse) / (inverse.max() - inverse.min())
    np.testing.assert_allclose(predict_depth(folder, pixels), expected, atol=1e-4)


def test_inverse_depth_and_metres_point_the_same_way(tmp_path: Path):
    """One set of weights: what is large is near for one, and far for the other."""
    relative = depth_anything(tmp_path / "a", "relative")
    metric = depth_anything(tmp_path / "b", "metric")
    one = predict_depth(relative, noise(28, 28)).ravel()
    other = predict_depth(metric, noise(28, 28)).ravel()
    # Metres pass a sigmoid, inverse depth a rectifier: both keep the order.
    ordered = np.sort(other)[np.argsort(np.argsort(-one))]
    np.testing.assert_allclose(ordered, other, atol=1e-3)


def test_glpn_means_metres_without_saying_so(tmp_path: Path):
    folder, pixels = glpn(tmp_path), noise(64, 64)
    model = hub.GLPNForDepthEstimation.from_pretrained(folder).eval()
    mean = np.array([0.485, 0.456, 0.406], dtype=np.float32)
    seen = (pixels - mean) / np.array([0.229, 0.224, 0.225], dtype=np.float32)
    with torch.inference_mode():
        tensor = torch.from_numpy(seen.transpose(2, 0, 1)[None].copy())
        metres = model(pixel_values=tensor).predicted_depth[0].numpy()
    expected = (metres - metres.min()) / (metres.max() - metres.min())
    np.testing.assert_allclose(predict_depth(folder, pixels), expected, atol=1e-3)


def test_a_dpt_means_inverse_depth_unless_its_folder_says_metres(tmp_path: Path):
    folder = dpt(tmp_path)
    inverse = predict_depth(folder, noise(32, 32))
    config = json.loads((tmp_path / "config.json").read_text())
    config["depth_estimation_type"] = "metric"
    (tmp_path / "config.json").write_text(json.dumps(config))
    networks._load.cache_clear()
    metres = predict_depth(folder, noise(32, 32))
    np.testing.assert_allclose(metres, 1.0 - inverse, atol=1e-6)


def test_depth_of_a_folder_is_what_the_network_says(tmp_path: Path):
    folder, pixels = depth_anything(tmp_path), noise(30, 41)
    asked = farness(Image(pixels), folder, seed=3)
    np.testing.assert_array_equal(asked, predict_depth(folder, pixels))


def test_a_network_that_sees_no_difference_puts_all_in_the_middle(tmp_path: Path):
    folder = depth_anything(tmp_path)
    model = hub.DepthAnythingForDepthEstimation.from_pretrained(folder)
    with torch.no_grad():
        model.head.conv3.weight.zero_()
    model.save_pretrained(folder)
    assert np.all(predict_depth(folder, noise(20, 30)) == 0.5)


@pytest.mark.parametrize(("make", "classes"), [(segformer, 5), (mask2former, 6)])
def test_segments_are_whole_numbers_for_every_pixel(make, classes: int, tmp_path: Path):
    folder = make(tmp_path)
    for size in SIZES:
        labels = predict_segments(folder, noise(*size))
        assert labels.shape == size
        assert labels.dtype == np.int32
        assert 0 <= labels.min() <= labels.max() < classes
        np.testing.assert_array_equal(predict_segments(folder, noise(*size)), labels)


def test_segments_follow_what_the_network_says(tmp_path: Path):
    folder, pixels = segformer(tmp_path), noise(64, 64)
    model = hub.SegformerForSemanticSegmentation.from_pretrained(folder).eval()
    tensor = torch.from_numpy(((pixels - 0.5) / 0.5).transpose(2, 0, 1)[None].copy())
    with torch.inference_mode():
        votes = model(pixel_values=tensor).logits
        votes = torch.nn.functional.interpolate(votes, (64, 64), mode="bilinear")
    expected = votes.argmax(1)[0].numpy()
    assert np.mean(predict_segments(folder, pixels) == expected) > 0.99


@pytest.mark.parametrize(
    ("picture", "wishes", "seen"),
    [
        ((480, 640), {"size": {"height": 384, "width": 384}}, (384, 384)),
        ((480, 640), {"size": {"shortest_edge": 240}}, (240, 320)),
        # As DPT's own processor: by the factor nearer to 1, then to multiples.
        (
            (480, 640),
            {
                "size": {"height": 518, "width": 518},
                "keep_aspect_ratio": True,
                "ensure_multiple_of": 14,
            },
            (518, 686),
        ),
        (
            (1, 4000),
            {"size": 28, "keep_aspect_ratio": True, "ensure_multiple_of": 7},
            (7, 28),
        ),
        ((33, 70), {"size": 64, "size_divisor": 32}, (64, 64)),
    ],
)
def test_pictures_get_the_size_that_a_folder_wishes(picture, wishes, seen):
    wish = networks._preparation(wishes, {})
    pixels = np.zeros((*picture, 3), dtype=np.float32)
    assert networks._prepared(pixels, wish).shape == (1, 3, *seen)


def test_a_folder_without_wishes_gets_what_is_usual():
    described = {"backbone_config": {"image_size": 70}, "patch_size": 14}
    wish = networks._preparation({}, described)
    assert (wish.height, wish.width, wish.multiple) == (70, 70, 14)
    assert wish.mean.tolist() == pytest.approx([0.485, 0.456, 0.406])


def test_a_folder_that_is_not_there_is_a_missing_model(tmp_path: Path):
    with pytest.raises(MissingModel, match=r"There is no network for depth in .*nope"):
        predict_depth(str(tmp_path / "nope"), noise(4, 4))


def test_a_network_of_another_class_is_refused(tmp_path: Path):
    folder = segformer(tmp_path)
    with pytest.raises(
        MissingModel, match="SegformerForSemanticSegmentation, which is"
    ):
        predict_depth(folder, noise(4, 4))


def test_broken_weights_are_a_missing_model(tmp_path: Path):
    folder = dpt(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(MissingModel, match="cannot be read"):
        predict_depth(folder, noise(4, 4))
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(MissingModel, match="cannot be read"):
        predict_depth(folder, noise(4, 4))
    (tmp_path / "config.json").write_bytes(b"{")
    with pytest.raises(MissingModel, match="not JSON"):
        predict_depth(folder, noise(4, 4))


def test_weights_that_would_be_random_are_refused(tmp_path: Path):
    folder = depth_anything(tmp_path)
    model = hub.DepthAnythingForDepthEstimation.from_pretrained(folder)
    kept = {
        name: each for name, each in model.state_dict().items() if "conv2" not in name
    }
    model.save_pretrained(folder, state_dict=kept)
    with pytest.raises(MissingModel, match="weights are missing"):
        predict_depth(folder, noise(4, 4))


def test_pickled_weights_are_not_read(tmp_path: Path):
    folder = dpt(tmp_path)
    model = hub.DPTForDepthEstimation.from_pretrained(folder)
    (tmp_path / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(MissingModel):
        predict_depth(folder, noise(4, 4))


def test_without_transformers_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = dpt(tmp_path)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingDependency) as caught:
        predict_depth(folder, noise(4, 4))
    assert caught.value.hint == 'pip install "pellucid[models]"'


def test_loading_leaves_the_bars_of_transformers_as_they_were(tmp_path: Path):
    switch = transformers.utils.logging
    before = switch.is_progress_bar_enabled()
    predict_depth(dpt(tmp_path), noise(4, 4))
    assert switch.is_progress_bar_enabled() == before
