"""A run of training so small that a test can afford it."""

import csv
import io
import tarfile
from pathlib import Path

from photographs import FOLDER

RECIPE = """
seed = 3
workers = 1
save_every = 2
warmup = 2

[data]
folder = "data"
shards = ["photos.tar"]

[[stage]]
steps = 3
recipe = "single.toml"
crop = 32
regions = 2
crops = 2
region = [80, 112]

[[stage]]
steps = 3
recipe = "single.toml"
crop = 48
regions = 2
crops = 1
region = [80, 112]
untouched = 0.5
"""
SINGLE = 'choose = [1, 1]\n[[link]]\nkind = "noise"\n[[link]]\nkind = "haze"\n'


def make_run(home: Path) -> Path:
    """Write a recipe, what it names, and six photographs in a shard."""
    (home / "run.toml").write_text(RECIPE)
    (home / "single.toml").write_text(SINGLE)
    (home / "data").mkdir()
    photos = sorted(FOLDER.glob("*.webp"))
    with tarfile.open(home / "data" / "photos.tar", "w") as archive:
        for photo in photos:
            data = photo.read_bytes()
            member = tarfile.TarInfo(f"set/{photo.name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with (home / "data" / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "git_blob"])
        for place, photo in enumerate(photos):
            rows.writerow([f"set/{photo.name}", f"{place:x}bcdef"])
    return home / "run.toml"
