"""Shards hold what was put in, as webdataset would read it, and nothing hostile."""

import io
import os
import re
import signal
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core.errors import BadImage, EnvironmentFailure, InputMissing
from pellucid.data import shards
from pellucid.data.shards import (
    BadShard,
    Sample,
    key_of,
    name_of,
    read_shard,
    write_shard,
)

SAMPLES = [
    Sample("b/a.png", {"damaged.png": b"\x89PNG", "clean.jpg": b"", "json": b"{}"}),
    Sample("a", {"json": bytes(1000)}),
    Sample("c" * 300, {"json": b"long"}),
]
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9).filter(
    lambda key: not key.startswith("/") and ".." not in key.split("/")
)
PARTS = st.dictionaries(
    st.from_regex(shards.EXTENSION, fullmatch=True), st.binary(max_size=600), min_size=1
)


def as_webdataset_reads(path: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Its rules, in webdataset 0.2 and 1.0: tar_file_iterator, group_by_keys."""
    current: tuple[str, dict[str, bytes]] = ("", {})
    with tarfile.open(path, "r|*") as stream:
        for member in stream:
            name = member.name
            if not member.isreg() or re.match(r"__[^/]*__($|/)", name):
                continue
            found = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", name)
            if not found:
                continue
            prefix, suffix = found[1], found[2].lower()
            if prefix != current[0]:
                if current[0]:
                    yield current
                current = prefix, {}
            assert suffix not in current[1]
            content = stream.extractfile(member)
            assert content is not None
            current[1][suffix] = content.read()
    if current[0]:
        yield current


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as file:
        for info, data in members:
            file.addfile(info, io.BytesIO(data))
    return path


def member(
    name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data), kind
    info.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return info, data


def test_samples_come_back_in_their_order(tmp_path):
    write_shard(tmp_path / "s.tar", SAMPLES)
    assert list(read_shard(tmp_path / "s.tar")) == SAMPLES
    assert [path.name for path in tmp_path.iterdir()] == ["s.tar"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(Sample, KEYS, PARTS), max_size=4, unique_by=lambda sample: sample.key
    )
)
def test_any_samples_come_back_for_us_and_for_webdataset(tmp_path_factory, samples):
    path = tmp_path_factory.mktemp("s") / "s.tar"
    write_shard(path, samples)
    assert list(read_shard(path)) == samples
    assert [(key_of(name), parts) for name, parts in as_webdataset_reads(path)] == [
        (sample.key, dict(sample.parts)) for sample in samples
    ]


@given(st.text(), st.text())
def test_two_keys_never_become_one_name(one, other):
    try:
        first, second = name_of(one), name_of(other)
    except BadShard:
        return
    assert (first == second) == (one == other)
    assert re.fullmatch("[A-Za-z0-9_~%-]+", first)


def test_a_key_can_still_be_read_in_its_name():
    assert name_of("trip/my photo.2.jpg") == "trip%2Fmy%20photo%2E2%2Ejpg"
    assert name_of("caf\udce9.png") == "caf%E9%2Epng"  # not UTF-8 on the disk
    assert key_of("caf%E9%2Epng") == "caf\udce9.png"


@pytest.mark.parametrize("key", ["\ud800", "\udcc3\udca9"])
def test_a_key_that_no_file_can_have_is_refused(tmp_path, key):
    with pytest.raises(BadShard, match="cannot be the key"):
        write_shard(tmp_path / "s.tar", [Sample(key, {"json": b""})])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "/etc/passwd", "..", "a/../b"])
def test_a_key_that_leads_out_is_refused(key):
    with pytest.raises(BadShard):
        Sample(key, {"json": b""})


@pytest.mark.parametrize("extension", ["", ".png", "PNG", "a/b", "png.", "__key__"])
def test_an_extension_that_would_not_come_back_is_refused(extension):
    with pytest.raises(BadShard, match="cannot be the extension"):
        Sample("a", {extension: b""})


def test_a_sample_has_parts_that_stay_as_they_are():
    with pytest.raises(BadShard, match="at least one part"):
        Sample("a", {})
    parts = {"json": b"{}"}
    sample = Sample("a", parts)
    parts["json"] = b"other"
    assert sample.parts == {"json": b"{}"}


def test_two_samples_cannot_have_one_key(tmp_path):
    with pytest.raises(BadShard, match="Two samples have the key `a`"):
        write_shard(tmp_path / "s.tar", [SAMPLES[1], SAMPLES[0], SAMPLES[1]])
    assert list(tmp_path.iterdir()) == []


def test_the_bytes_say_nothing_of_time_owner_or_machine(tmp_path):
    before = os.umask(0o077)
    try:
        write_shard(tmp_path / "s.tar", SAMPLES)
    finally:
        os.umask(before)
    with tarfile.open(tmp_path / "s.tar") as file:
        for each in file.getmembers():
            assert (each.mtime, each.uid, each.gid, each.mode) == (0, 0, 0, 0o644)
            assert (each.uname, each.gname) == ("", "")
    assert (tmp_path / "s.tar").stat().st_size % tarfile.RECORDSIZE == 0


def test_the_bytes_are_those_that_tarfile_writes(tmp_path):
    write_shard(tmp_path / "s.tar", SAMPLES)
    members = [
        member(f"{name_of(sample.key)}.{extension}", data)
        for sample in SAMPLES
        for extension, data in sample.parts.items()
    ]
    archive(tmp_path / "t.tar", *members)
    assert (tmp_path / "s.tar").read_bytes() == (tmp_path / "t.tar").read_bytes()


def test_a_shard_is_replaced_only_by_a_whole_one(tmp_path):
    def failing():
        yield SAMPLES[0]
        raise BadImage("a.png: It is broken.")

    write_shard(tmp_path / "s.tar", SAMPLES)
    before = (tmp_path / "s.tar").read_bytes()
    with pytest.raises(BadImage, match="It is broken"):
        write_shard(tmp_path / "s.tar", failing())
    assert (tmp_path / "s.tar").read_bytes() == before
    write_shard(tmp_path / "s.tar", SAMPLES[:1])
    assert list(read_shard(tmp_path / "s.tar")) == SAMPLES[:1]
    assert [path.name for path in tmp_path.iterdir()] == ["s.tar"]


def test_what_samples_are_made_from_may_be_missing(tmp_path):
    missing = (Sample("a", {"png": (tmp_path / n).read_bytes()}) for n in ["gone.png"])
    with pytest.raises(FileNotFoundError, match=r"gone\.png"):
        write_shard(tmp_path / "s.tar", missing)


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
        with pytest.raises(EnvironmentFailure, match="cannot be written") as caught:
            write_shard(tmp_path / "s.tar", [Sample("a", {"bin": bytes(9000)})])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert isinstance(caught.value.__cause__, OSError)
    assert list(tmp_path.iterdir()) == []


def test_memory_holds_one_sample_at_a_time(tmp_path):
    size, count = 1 << 20, 12
    samples = (Sample(str(n), {"bin": bytes([n]) * size}) for n in range(count))
    tracemalloc.start()
    try:
        write_shard(tmp_path / "s.tar", samples)
        assert sum(1 for _ in read_shard(tmp_path / "s.tar")) == count
        assert tracemalloc.get_traced_memory()[1] < 5 * size
    finally:
        tracemalloc.stop()


def test_shards_of_others_are_read_by_the_rules_of_webdataset(tmp_path):
    folder = (member("train", b"", tarfile.DIRTYPE)[0], b"")
    path = archive(
        tmp_path / "s.tar",
        folder,
        member("train/0001.JPG", b"1"),
        member("train/0001.cls", b"2"),
        member("train/0002.seg.png", b"3"),
    )
    assert list(read_shard(path)) == [
        Sample("train/0001", {"jpg": b"1", "cls": b"2"}),
        Sample("train/0002", {"seg.png": b"3"}),
    ]


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_in_both_formats(tmp_path, format):
    with tarfile.open(tmp_path / "s.tar", "w", format=format) as file:
        for key in ("é" * 90, "b"):
            info, data = member(f"{key}.json")
            info.mtime = 1.5  # another header for PAX
            file.addfile(info, io.BytesIO(data))
    assert [sample.key for sample in read_shard(tmp_path / "s.tar")] == ["é" * 90, "b"]


@pytest.mark.parametrize(
    "kind",
    [
        *(tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE),
        *(tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE, b"Z"),
    ],
)
def test_links_and_devices_are_refused(tmp_path, kind):
    path = archive(tmp_path / "s.tar", member("a.json"), member("b.json", b"", kind))
    read = read_shard(path)
    with pytest.raises(BadShard, match=r"s\.tar: The member 'b\.json' is a link or"):
        next(read)


@pytest.mark.parametrize(
    "name",
    ["/a.json", "../a.json", "a/../../b.json", "a\\..\\b.json", "%2E%2E%2Fa.json"],
)
def test_paths_that_lead_out_are_refused(tmp_path, name):
    with pytest.raises(BadShard, match=r"not safe|leads out"):
        list(read_shard(archive(tmp_path / "s.tar", member(name))))


@pytest.mark.parametrize("name", ["README", ".json", "a/.json", "a.", "a..png"])
def test_names_without_key_or_extension_are_refused(tmp_path, name):
    with pytest.raises(BadShard, match="not a key, a dot and an extension"):
        list(read_shard(archive(tmp_path / "s.tar", member(name))))


def test_a_part_cannot_come_twice(tmp_path):
    path = archive(tmp_path / "s.tar", member("a.png"), member("a.PNG"))
    with pytest.raises(BadShard, match="two parts `png`"):
        list(read_shard(path))


def test_a_sample_above_the_limit_is_refused_before_it_is_read(tmp_path):
    path = archive(
        tmp_path / "s.tar", member("a.x", bytes(60)), member("a.y", bytes(60))
    )
    assert len(list(read_shard(path, max_sample_bytes=120))) == 1
    with pytest.raises(BadShard, match="above the limit of 119 bytes"):
        list(read_shard(path, max_sample_bytes=119))
    info, _ = member("a.bin")
    info.size = 1 << 50
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(BadShard, match="above the limit"):
        list(read_shard(path))


def test_a_sample_of_countless_parts_is_refused(tmp_path):
    members = [member(f"a.{number}", b"") for number in range(shards.MAX_PARTS + 1)]
    with pytest.raises(BadShard, match="1000 parts"):
        list(read_shard(archive(tmp_path / "s.tar", *members)))


def test_a_header_that_hides_another_size_or_holds_a_book_is_refused(tmp_path):
    path = tmp_path / "s.tar"
    for records, said in [
        ({"size": "9999999"}, "larger than it looks"),
        ({"GNU.sparse.size": "9999999"}, "larger than it looks"),
        ({"comment": "c" * 70_000}, "larger than any name"),
    ]:
        info, data = member("a.json")
        info.pax_headers = records
        archive(path, (info, data))
        with pytest.raises(BadShard, match=said):
            list(read_shard(path))


@pytest.mark.parametrize(
    "records", [b"7 a=b\n", b"x a=b\n", b"6 a=bc", b" =\n", b"3 =\n"]
)
def test_a_damaged_long_header_is_refused(tmp_path, records):
    path = archive(tmp_path / "s.tar", member("h", records, tarfile.XHDTYPE))
    with pytest.raises(BadShard, match="A header is damaged"):
        list(read_shard(path))


def test_a_cut_shard_is_refused_wherever_it_is_cut(tmp_path):
    path = tmp_path / "s.tar"
    write_shard(path, SAMPLES)
    whole = path.read_bytes()
    with tarfile.open(path) as file:
        file.getmembers()
        end = file.offset - tarfile.BLOCKSIZE  # where tarfile saw the first empty block
    for size in {*range(0, end, 97), *range(0, end + 1, 512)}:
        path.write_bytes(whole[:size])
        with pytest.raises(BadShard, match="cut short"):
            list(read_shard(path))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 9000), st.binary(min_size=1, max_size=8))
def test_damage_is_one_clear_error_or_other_bytes(tmp_path_factory, place, damage):
    path = tmp_path_factory.getbasetemp() / "damaged.tar"
    write_shard(path, SAMPLES)
    broken = bytearray(path.read_bytes())
    broken[place : place + len(damage)] = damage
    path.write_bytes(broken)
    try:
        samples = list(read_shard(path))
    except BadShard as error:
        assert str(error)
    else:
        assert all(isinstance(sample, Sample) for sample in samples)


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"\x1f\x8b" * 600, b"x" * 2048])
def test_what_is_no_tar_file_is_refused(tmp_path, data):
    (tmp_path / "s.tar").write_bytes(data)
    with pytest.raises(BadShard, match=r"cut short|no tar file"):
        list(read_shard(tmp_path / "s.tar"))


def test_a_shard_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match="There is no shard"):
        list(read_shard(tmp_path / "s.tar"))
    with pytest.raises(EnvironmentFailure, match="cannot be read"):
        list(read_shard(tmp_path))
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        write_shard(tmp_path / "gone" / "s.tar", SAMPLES)
