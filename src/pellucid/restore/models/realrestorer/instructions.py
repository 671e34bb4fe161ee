"""What the model is told: one fixed sentence per task, as in its training.

Source: RealRestorer, 2026 (the sentences); S. Liu et al., "Step1X-Edit", 2025 (what
        stands around them, and how quoted text is spelled).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "deblur": "Please deblur the image and make it sharper",
        "dejpeg": "Please restore the image clarity and artifacts.",
        "deflare": "Please remove the lens flare and glare from the image.",
        "demoire": "Please remove the moiré patterns from the image",
        "dehaze": "Please dehaze the image",
        "low-light": (
            "Please restore this low-quality image, recovering its normal brightness "
            "and clarity."
        ),
        "denoise": "Please remove noise from the image.",
        "derain": "Please remove the rain from the image and restore its clarity.",
        "dereflection": "Please remove the reflection from the image.",
        "general": "Restore the details and keep the original composition.",
    }
)
CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "deblur": "请将图像去模糊，变得更清晰。",
        "dejpeg": "请修复图像清晰度和伪影。",
        "deflare": "请去除图像中的光晕和炫光。",
        "demoire": "请将图像中的摩尔条纹去除",
        "dehaze": "请将图像去雾。",
        "low-light": "请修复这张低质量图像，恢复其正常的亮度和清晰度。",
        "denoise": "请去除图像中的噪声。",
        "derain": "请去除图像中的雨水并恢复图像清晰度",
        "dereflection": "请移除图像中的反光",
    }
)
# By language; what has no sentence in one is said in English.
INSTRUCTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"en": ENGLISH, "zh": MappingProxyType({**ENGLISH, **CHINESE})}
)
# These repair nothing that lies in the tone: it is taken from the input.
KEEP_TONE = frozenset(
    {"deblur", "dejpeg", "demoire", "denoise", "derain", "dereflection"}
)

PREFIX = """Given a user prompt, generate an "Enhanced prompt" that provides detailed \
visual descriptions suitable for image generation. Evaluate the level of detail in the \
user prompt:
- If the prompt is simple, focus on adding specifics about colors, shapes, sizes, \
textures, and spatial relationships to create vivid and concrete scenes.
- If the prompt is already detailed, refine and enhance the existing details slightly \
without overcomplicating.

Here are examples of how to transform or refine prompts:
- User Prompt: A cat sleeping -> Enhanced: A small, fluffy white cat curled up in a \
round shape, sleeping peacefully on a warm sunny windowsill, surrounded by pots of \
blooming red flowers.
- User Prompt: A busy city street -> Enhanced: A bustling city street scene at dusk, \
featuring glowing street lamps, a diverse crowd of people in colorful clothing, and a \
double-decker bus passing by towering glass skyscrapers.

Please generate only the enhanced description for the prompt below and avoid including \
any additional commentary or evaluations:
User Prompt:"""

BEFORE = (
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    f"<|im_start|>user\n{PREFIX}"
)
PICTURE = "<|image_pad|>"
_AROUND = "Picture 1: <|vision_start|>{picture}<|vision_end|>{instruction}"
_AFTER = "<|im_end|>\n<|im_start|>assistant\n"

PREFIX_QUOTES = 155  # the two quotes before this character belong to the prefix
APOSTROPHE, OPEN, CLOSE = "\N{RIGHT SINGLE QUOTATION MARK}", "\u201c", "\u201d"


def rendered(instruction: str, pictures: int = 1) -> str:
    """Write the whole message.

    Args:
        instruction: What is asked for; empty for the other way of the guidance.
        pictures: How many tokens stand for the picture.
    """
    around = _AROUND.format(picture=PICTURE * pictures, instruction=instruction)
    return BEFORE + around + _AFTER


def plain(instruction: str) -> str:
    """Replace straight apostrophes, which would open a quote: "don't" has none."""
    return instruction.replace("'", APOSTROPHE)


def pieces(message: str) -> Iterator[str]:
    """Cut a message as it is tokenised: what is quoted comes letter by letter."""
    for mark in ("'", OPEN, CLOSE):
        message = message.replace(mark, '"')
    buffer, is_inside = "", False
    for place, letter in enumerate(message):
        if letter == '"' and place > PREFIX_QUOTES:
            is_inside = not is_inside
            buffer += letter
            if is_inside:
                yield buffer
                buffer = ""
        elif is_inside:
            yield f"{OPEN}{letter}{CLOSE}"
        else:
            buffer += letter
    if buffer:
        yield buffer
