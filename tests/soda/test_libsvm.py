"""Test that LIBSVM files are read, downloaded and checked line by line."""

import bz2
from pathlib import Path

import pytest
from scipy.sparse import csr_array

from loft.core.errors import UserError
from loft.soda import libsvm
from loft.soda.settings import LibsvmData

GOOD = "+1 1:0.5 3:-2\n-1 2:1  # a comment\n-1 1:4\n"


def data(folder: Path, **values: object) -> LibsvmData:
    given: dict[str, object] = {
        "dataset": "mine",
        "data_dir": str(folder),
        "mirrors": [],
        "positive": None,
    }
    return LibsvmData.model_validate({"name": "libsvm", **given, **values})


@pytest.mark.parametrize("suffix", ["", ".bz2"])
def test_a_file_is_read_plain_or_packed(tmp_path: Path, suffix: str) -> None:
    content = bz2.compress(GOOD.encode()) if suffix else GOOD.encode()
    (tmp_path / f"mine{suffix}").write_bytes(content)
    samples = libsvm.load(data(tmp_path))
    assert samples.labels.tolist() == [1, -1, -1]
    assert csr_array(samples.values).toarray().tolist() == [[0.5, 0, -2], [0, 1, 0], [4, 0, 0]]


def test_several_classes_are_grouped(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("3 1:1\n5 1:2\n9 1:3\n")
    assert libsvm.load(data(tmp_path, positive=[3, 9])).labels.tolist() == [1, -1, 1]
    with pytest.raises(UserError, match=r"mine: found 3 classes \(3, 5, 9\); expected labels of"):
        libsvm.load(data(tmp_path))
    with pytest.raises(UserError, match="positive: found none of"):
        libsvm.load(data(tmp_path, positive=[4]))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+1 1:0.5 x:2", "line 2: found 'x:2'; expected a label and pairs index:value"),
        ("+1 1:0.5 3", "line 2: found '3'; expected a label and pairs"),
        ("+1 1:0.5 3:", "line 2: found '3:'; expected a label and pairs"),
        ("one 1:0.5", "line 2: found 'one'; expected a label and pairs"),
        ("+1 3:0.5 2:1", "line 2: found '2:1'; expected indices from 1 in ascending order"),
        ("+1 0:0.5", "line 2: found '0:0.5'; expected indices from 1"),
        ("+1 1:nan", "line 2: found '1:nan'; expected finite numbers"),
        ("+1 1:inf", "line 2: found '1:inf'; expected finite numbers"),
        ("nan 1:1", "line 2: found 'nan'; expected finite numbers"),
        ("+1 qid:3 1:0.5 x:2", "line 2: found 'x:2'; expected a label and pairs index:value"),
        ("+1 1:0.5 qid:3", "line 2: found 'qid:3'; expected a label and pairs index:value"),
        ("+1 2147483648:1", "line 2: found '2147483648:1'; expected indices up to 100000000"),
        ("+1 2147483647:1", "line 2: found '2147483647:1'; expected indices up to 100000000"),
        (f"+1 {2**32 + 1}:1", "line 2: found '4294967297:1'; expected indices up to 100000000"),
        (f"+1 {2**64}:1", "line 2: found '18446744073709551616:1'; expected indices up to 10"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "mine").write_text(f"-1 1:1\n{line}\n")
    with pytest.raises(UserError) as error:
        libsvm.load(data(tmp_path))
    assert expected in str(error.value)


def test_a_line_may_name_its_query(tmp_path: Path) -> None:
    """A field "qid:" is ignored, and the error is about the line that is wrong."""
    (tmp_path / "mine").write_text("+1 qid:1 1:0.5 3:-2\n-1 qid:2 2:1\n")
    values = csr_array(libsvm.load(data(tmp_path)).values).toarray()
    assert values.tolist() == [[0.5, 0, -2], [0, 1, 0]]
    (tmp_path / "mine").write_text("+1 qid:1 1:0.5\n-1 qid:2 2:one\n")
    with pytest.raises(UserError, match="line 2: found '2:one'; expected a label and pairs"):
        libsvm.load(data(tmp_path))


def test_a_data_set_may_have_more_features_than_its_file_uses(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(GOOD)
    assert libsvm.load(data(tmp_path)).values.shape == (3, 3)
    assert libsvm.load(data(tmp_path, features=7)).values.shape == (3, 7)
    with pytest.raises(UserError, match="line 1: found '3:-2'; expected indices up to 2"):
        libsvm.load(data(tmp_path, features=2))
    with pytest.raises(UserError, match="features: found 124; expected 123, which a9a has, or nu"):
        libsvm.load(data(tmp_path, dataset="a9a", features=124))


def test_one_class_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("1 1:1\n1 1:2\n")
    with pytest.raises(UserError, match=r"found 1 classes \(1\)"):
        libsvm.load(data(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("mine", b" \n", "found no samples"),
        ("mine.bz2", bz2.compress(GOOD.encode())[:-4], "expected a whole bz2 file"),
        ("madelon", GOOD.encode(), "found SHA-256 .* of its text; expected 4801c4524417"),
        ("rcv1_train", b"1 47237:1\n", "found '47237:1'; expected indices up to 47236"),
        ("rcv1_train", b"1 1:1\n-1 2:1\n", "found 2 samples; expected 20242"),
        ("rcv1_train", b"1 1:1\n" * 20242, "found 1 classes; expected 2"),
    ],
)
def test_a_damaged_or_wrong_file_is_refused(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=expected):
        libsvm.load(data(tmp_path, dataset=name.removesuffix(".bz2")))


def test_a_missing_file_is_downloaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = tmp_path / "mirror" / "binary"
    published.mkdir(parents=True)
    (published / "mine.bz2").write_bytes(bz2.compress(GOOD.encode()))
    monkeypatch.setitem(libsvm.PUBLISHED, "mine", libsvm.Published("binary/mine.bz2", 3, 3, None))
    mirrors = [(tmp_path / "nowhere").as_uri(), (tmp_path / "mirror").as_uri()]
    settings = data(tmp_path / "data", mirrors=mirrors)
    assert libsvm.load(settings).labels.tolist() == [1, -1, -1]
    (published / "mine.bz2").unlink()
    assert libsvm.load(settings).labels.tolist() == [1, -1, -1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<!DOCTYPE html>\n<html>Please log in</html>\n", "expected a whole bz2 file"),
        (bz2.compress(b"<!DOCTYPE html>\n"), "line 1: found '<!DOCTYPE'; expected a label and"),
        (bz2.compress(GOOD.encode())[:-5], "expected a whole bz2 file"),
        (bz2.compress(GOOD.encode()[:-8]), "found 2 samples; expected 3"),
        (
            bz2.compress(GOOD.encode() + b"+1 4:1\n"),
            "line 4: found '4:1'; expected indices up to 3",
        ),
        (bz2.compress(GOOD.replace("+1", "2").replace("-1", "2").encode()), "found 1 classes; exp"),
        (bz2.compress(bytes(10_000)), "found more than 1,000 bytes of text in an archive"),
    ],
)
def test_a_wrong_download_is_not_kept_and_the_next_mirror_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, expected: str
) -> None:
    mirrors = [tmp_path / "bad", tmp_path / "good"]
    for mirror, served in zip(mirrors, (content, bz2.compress(GOOD.encode())), strict=True):
        (mirror / "binary").mkdir(parents=True)
        (mirror / "binary" / "mine.bz2").write_bytes(served)
    monkeypatch.setitem(libsvm.PUBLISHED, "mine", libsvm.Published("binary/mine.bz2", 3, 3, None))
    monkeypatch.setattr(libsvm, "LARGEST", 1000)
    kept = tmp_path / "data"
    with pytest.raises(UserError) as error:
        libsvm.load(data(kept, mirrors=[mirrors[0].as_uri()]))
    assert f"no mirror served it ({mirrors[0].as_uri()}/binary/mine.bz2: " in str(error.value)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)
    assert not kept.exists()
    samples = libsvm.load(data(kept, mirrors=[mirror.as_uri() for mirror in mirrors]))
    assert samples.labels.tolist() == [1, -1, -1]
    assert (kept / "mine.bz2").read_bytes() == bz2.compress(GOOD.encode())
    assert libsvm.load(data(kept)).labels.tolist() == [1, -1, -1]


def test_a_file_that_no_mirror_serves_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data_dir: .*mine: no such file; expected LIBSVM's file"):
        libsvm.load(data(tmp_path))
    mirror = (tmp_path / "nowhere").as_uri()
    with pytest.raises(UserError, match=f"a9a: no mirror served it .*{mirror}"):
        libsvm.load(data(tmp_path, dataset="a9a", mirrors=[mirror]))


def test_a_missing_file_without_a_mirror_is_found_before_a_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data_dir: .*mine: no such file; expected LIBSVM's file"):
        libsvm.require_file(
            data(tmp_path, mirrors=["http://127.0.0.1:9"])
        )  # which has LIBSVM's own alone
    libsvm.require_file(data(tmp_path, dataset="madelon", mirrors=["http://127.0.0.1:9"]))
    (tmp_path / "mine.bz2").touch()
    libsvm.require_file(data(tmp_path))
