"""Options that several steps share are parsed in one way."""

import argparse
from pathlib import Path

import pytest

from loft.cli.options import loaders, originals, path, paths, processes, settings, work


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser()


def test_paths_are_required(parser: argparse.ArgumentParser) -> None:
    path(parser, "--out", "folder")
    paths(parser, "--metrics", "files")
    settings(parser)
    given = parser.parse_args(["--out", "a", "--metrics", "b", "c", "--settings", "{}"])
    assert (given.out, given.metrics, given.settings) == (Path("a"), [Path("b"), Path("c")], "{}")
    with pytest.raises(SystemExit):
        parser.parse_args(["--out", "a", "--settings", "{}"])


def test_what_is_not_given_has_a_default(parser: argparse.ArgumentParser) -> None:
    work(parser)
    loaders(parser)
    originals(parser)
    given = parser.parse_args([])
    assert (given.work, given.loaders, given.originals, given.cache) == (None, 0, None, None)
    assert parser.parse_args(["--loaders", "4"]).loaders == 4


def test_processes_are_one_or_more(
    parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str]
) -> None:
    processes(parser)
    assert parser.parse_args([]).processes is None
    assert parser.parse_args(["--processes", "2"]).processes == 2
    with pytest.raises(SystemExit):
        parser.parse_args(["--processes", "0"])
    assert "found 0; expected 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["-1", "two", "1.5"])
def test_loaders_are_counted(
    parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str], count: str
) -> None:
    loaders(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([f"--loaders={count}"])
    assert f"found {count}; expected 0 or more" in capsys.readouterr().err
