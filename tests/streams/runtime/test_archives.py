"""Archives are read piece by piece and within bounds, whatever they say of themselves; names are harmless to print."""

import struct
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime import archives
from streams.runtime.archives import ArchiveRefused, member_names, members, printable_name, repacked


def packed(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def contents(path: Path) -> dict[str, bytes]:
    return {member.name: b"".join(member.pieces) for member in members(path)}


def test_each_file_is_read_in_the_order_of_names_without_what_is_no_file(tmp_path: Path) -> None:
    files = {"b.ndjson": b"2", "dir/": b"", "a.ndjson": b"1" * 200_000, "__MACOSX/._a.ndjson": b"x", ".DS_Store": b"x"}
    assert contents(packed(tmp_path / "a.zip", files)) == {"a.ndjson": b"1" * 200_000, "b.ndjson": b"2"}
    assert member_names(tmp_path / "a.zip") == ["a.ndjson", "b.ndjson"]


def test_a_name_is_never_a_path_to_anything_and_no_command_to_a_terminal(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"../../evil.ndjson": b"{}", "/etc/evil\x1b[2J.csv": b"x", "x" * 500: b"y"})
    before = sorted(tmp_path.rglob("*"))
    assert list(contents(path)) == ["../../evil.ndjson", "/etc/evil?[2J.csv", "x" * 80 + "..."]
    assert sorted(tmp_path.rglob("*")) == before
    assert not (tmp_path.parents[1] / "evil.ndjson").exists()


@given(st.text())
def test_any_name_is_shown_short_and_printable(name: str) -> None:
    assert printable_name(name).isprintable()
    assert len(printable_name(name)) <= 83


def test_a_bomb_is_refused_by_what_it_unpacks_to_before_it_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "bomb.zip", {"a.ndjson": b"\n" * (40 << 20)})
    assert path.stat().st_size < 100_000
    with pytest.raises(ArchiveRefused, match=r"a\.ndjson unpacks to more than is read"):
        contents(path)
    monkeypatch.setattr(archives, "MOST_UNPACKED_OF_ARCHIVE", 1000)
    many = packed(tmp_path / "many.zip", {f"{n}.ndjson": b"x" * 400 for n in range(5)})
    with pytest.raises(ArchiveRefused, match=r"2\.ndjson unpacks to more"):
        contents(many)


def test_what_packs_well_and_is_no_bomb_is_read(tmp_path: Path) -> None:
    lines = b"".join(b'{"event_id": "%d", "source": "web-shop"}\n' % n for n in range(500_000))
    path = packed(tmp_path / "a.zip", {"a.ndjson": lines})
    assert contents(path)["a.ndjson"] == lines


def test_too_many_members_the_same_name_twice_and_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="1,001 members, at most 1,000"):
        contents(packed(tmp_path / "many.zip", {f"{n}.ndjson": b"" for n in range(1001)}))
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", "2")
    with pytest.raises(ArchiveRefused, match="have the same name"):
        contents(tmp_path / "twice.zip")
    with pytest.raises(ArchiveRefused, match="holds no file"):
        contents(packed(tmp_path / "none.zip", {}))
    assert member_names(tmp_path / "twice.zip") == []


@pytest.mark.parametrize("name", ["inner.zip", "a.ndjson.gz", "b.XLSX"])
def test_what_is_packed_itself_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="is packed itself: unpack the archive"):
        contents(packed(tmp_path / "a.zip", {name: b"x"}))


def test_what_is_encrypted_damaged_or_no_archive_is_refused(tmp_path: Path) -> None:
    good = packed(tmp_path / "a.zip", {"a.ndjson": b"hello world" * 50}).read_bytes()
    at = good.index(b"PK\x01\x02") + 8
    encrypted = good[:6] + struct.pack("<H", 1) + good[8:at] + struct.pack("<H", 1) + good[at + 2 :]
    cases = {
        "encrypted": (encrypted, "is encrypted"), "cut": (good[:-30], "no zip archive"),
        "none": (b"hello", "no zip archive"), "spoilt": (good[:45] + b"\xff\xff\xff" + good[48:], "is damaged"),
    }  # fmt: skip
    for name, (content, message) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ArchiveRefused, match=message):
            contents(tmp_path / name)


@given(st.integers(0, 300), st.binary(min_size=1, max_size=4))
def test_whatever_is_damaged_nothing_else_is_raised(at: int, damage: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = packed(Path(directory) / "a.zip", {"a.ndjson": b"hello world" * 5, "b": b"2"})
        content = path.read_bytes()
        path.write_bytes(content[:at] + damage + content[at + len(damage) :])
        with suppress(ArchiveRefused):
            contents(path)


def test_an_archive_is_copied_without_packing_and_without_what_is_not_wanted(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.xlsx", {"x.xml": b"<x/>" * 10_000, "image.png": b"1"})
    with zipfile.ZipFile(repacked(path, (".xml",), 1 << 20)) as copy:
        assert [(info.filename, info.compress_type) for info in copy.infolist()] == [("x.xml", zipfile.ZIP_STORED)]
    with pytest.raises(ArchiveRefused, match="unpacks to more"):
        repacked(path, (".xml",), 1000)
