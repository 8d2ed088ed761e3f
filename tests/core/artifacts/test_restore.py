"""What is restored is what was stored, to the bit and all of it, or nothing is restored."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from loft.core.artifacts.publish import publish
from loft.core.artifacts.restore import restore
from loft.core.errors import JobError, UserError
from tests.core.artifacts import toy
from tests.project import ROOT

LISTS = 3  # of the three outputs' files; DVC stores them too


def stored(folder: Path, path: Path) -> Path:
    """Return the copy of a file in the remote inside the project."""
    text = toy.version("one")[path].encode()
    return next(
        copy
        for copy in (folder / "artifacts").rglob("*")
        if copy.is_file() and copy.read_bytes() == text
    )


def test_a_clone_gets_what_was_stored(reader: Path) -> None:
    """A project that is no git repository, such as a ZIP file's, is one too."""
    assert restore() == "toy"
    assert toy.content(reader) == toy.version("one")
    assert restore() == "toy"


def test_whatever_is_damaged_is_named_and_nothing_is_restored(reader: Path) -> None:
    copies = [path for path in (reader / "artifacts").rglob("*") if path.is_file()]
    assert len(copies) == len(toy.version("one")) + LISTS
    for copy in copies:
        before = toy.content(reader, ("artifacts",))
        shutil.rmtree(reader / ".dvc" / "cache", ignore_errors=True)
        toy.flip(copy)
        with pytest.raises(JobError, match=r"^(results/toy|\.snakemake/metadata)\S*: damaged in"):
            restore()
        assert not (reader / "results").exists()
        assert copy.exists()  # to be looked at
        toy.flip(copy)
        assert toy.content(reader, ("artifacts",)) == before
    restore()
    assert toy.content(reader) == toy.version("one")


def test_a_ticket_cut_in_half_is_named(reader: Path) -> None:
    copy = stored(reader, toy.TICKET)
    copy.write_bytes(copy.read_bytes()[:5])
    with pytest.raises(JobError, match=rf"^{toy.TICKET}: damaged in remote 'bundled': found MD5"):
        restore()


def test_a_file_that_is_not_there_is_named(reader: Path) -> None:
    stored(reader, toy.TICKET).unlink()
    with pytest.raises(JobError, match=rf"^{toy.TICKET}: not in remote 'bundled'$"):
        restore()
    assert not (reader / "results").exists()


def test_damage_in_the_cache_is_mended_from_the_remote(author: Path) -> None:
    toy.make(author, "two")
    for path in (author / ".dvc" / "cache" / "files").rglob("*"):
        if path.is_file():
            toy.flip(path)
            path.chmod(0o444)  # which makes DVC trust it
    restore(force=True)
    assert toy.version("one").items() <= toy.content(author).items()


def test_a_file_that_would_be_lost_keeps_all_others_away(reader: Path) -> None:
    toy.write(reader, {toy.TICKET: "mine", toy.TICKET.with_name("more"): "mine too"})
    before = toy.content(reader)
    with pytest.raises(UserError, match=f"^{toy.TICKET}: differs from what is stored"):
        restore()
    assert toy.content(reader) == before
    restore(force=True)
    assert toy.content(reader) == {**before, **toy.version("one")}


def test_a_file_that_is_stored_elsewhere_is_replaced(author: Path) -> None:
    """As with another commit of the project: what was there can be fetched again."""
    lock = (author / "dvc.lock").read_bytes()
    toy.make(author, "two")
    remote = str(author.with_name("remote"))
    toy.add_remote(author, "mine", remote)
    publish(remote="mine")
    (author / "dvc.lock").write_bytes(lock)
    restore()
    assert toy.version("one").items() <= toy.content(author).items()


def test_other_records_stay_and_marks_of_interrupted_jobs_go(reader: Path) -> None:
    other = {toy.record(Path("results/other/table.csv")): "{}"}
    toy.write(reader, other)
    mark = reader / ".snakemake" / "incomplete" / toy.record(toy.TICKET).name
    kept = mark.with_name(toy.record(Path("results/toy/table.csv")).name)  # git's, not DVC's
    for path in (mark, kept):
        toy.write(reader, {path.relative_to(reader): "{}"})
    restore()
    assert other.items() <= toy.content(reader).items()
    assert not mark.exists()
    assert kept.exists()


def test_files_are_copies_whatever_dvc_is_told(reader: Path) -> None:
    """Snakemake rewrites files in place: a link would change the cache."""
    local = reader / ".dvc" / "config.local"
    local.write_text('[cache]\n    type = "hardlink,symlink"\n', encoding="utf-8")
    restore()
    publish()
    for path in toy.version("one"):
        assert not (reader / path).is_symlink()
        assert (reader / path).stat().st_nlink == 1


def test_another_run_comes_with_its_records(
    author: Path, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = toy.clone(author, tmp_path / "reader")
    monkeypatch.chdir(reader)
    (copy,) = (path for path in shared.rglob("*") if path.is_file() and is_text(path, "other tick"))
    toy.flip(copy)
    with pytest.raises(JobError, match=f"^{toy.OTHER}: damaged in remote 'shared'"):
        restore("other")
    assert not (reader / ".snakemake").exists()
    toy.flip(copy)
    restore("other")
    restored = toy.content(reader)
    assert restored[toy.OTHER] == "other ticket"
    assert restored[toy.record(toy.OTHER)] == "other's record"
    assert toy.DATA not in restored


def test_another_run_is_fetched_from_where_one_says(
    author: Path, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = toy.clone(author, tmp_path / "reader")
    monkeypatch.chdir(reader)
    toy.add_remote(reader, "moved", str(shared.rename(tmp_path / "moved")))
    with pytest.raises(JobError, match="not in remote 'shared'"):
        restore("other")
    restore("other", remote="moved")
    assert toy.content(reader)[toy.OTHER] == "other ticket"
    with pytest.raises(UserError, match="--remote: found 'mooved'; expected one of bundled, sha"):
        restore("other", remote="mooved")


def is_text(path: Path, start: str) -> bool:
    return path.read_bytes().startswith(start.encode())


def test_three_at_once_wait_for_each_other(reader: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "loft", "restore"]
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate()[0] for process in started]
    assert said == ["run 'toy' is restored\n"] * 3
    assert toy.content(reader) == toy.version("one")


def test_what_a_killed_one_left_is_cleared_up(author: Path) -> None:
    """By either step: nothing of it is published, and what it took away is back."""
    left = author / toy.TICKET.parent / ".loft-before" / toy.TICKET.name
    for step in (restore, publish):
        toy.write(author, {toy.DATA.parent / ".loft-fetched" / "images": "half"})
        left.parent.mkdir()
        (author / toy.TICKET).rename(left)
        step()
        assert toy.content(author) == toy.version("one")


@pytest.mark.parametrize(
    "stride", [pytest.param(19, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_killed_at_any_moment_it_recovers(author: Path, stride: int, tmp_path: Path) -> None:
    """And in between files are of one version, or have no records."""
    there = tmp_path / "killed" / "reader"
    shutil.copytree(author, tmp_path / "one")
    toy.make(author, "two")
    publish()
    toy.clone(author, there)
    for name in ("results", ".snakemake", ".dvc/cache"):
        (tmp_path / "one" / name).rename(there / name)
    assert toy.killed("restore", there, stride) > 3


@pytest.mark.slow
def test_killed_by_chance_it_recovers(author: Path, tmp_path: Path) -> None:
    """In the midst of a file too, which here is large."""
    large = author / toy.DATA
    large.write_bytes(random.Random(0).randbytes(200_000_000))
    toy.add_remote(author, "mine", str(author.with_name("remote")))
    publish(remote="mine")
    whole = hashlib.md5(large.read_bytes()).hexdigest()
    command = [sys.executable, "-m", "loft", "restore", "--remote", "mine"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    chance = random.Random(1)
    for number in range(20):
        reader = toy.clone(author, tmp_path / str(number))
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(  # which ends by SIGKILL what takes longer
                command, cwd=reader, env=environment, timeout=chance.uniform(0, 4), check=True
            )
        found = toy.content(reader, ("results/toy/net",))
        assert found.items() <= toy.version("one").items()
        subprocess.run(command, cwd=reader, env=environment, check=True)
        assert hashlib.md5((reader / toy.DATA).read_bytes()).hexdigest() == whole
        assert not [*reader.rglob(".loft-*")]
        shutil.rmtree(reader)
