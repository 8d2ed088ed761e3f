"""The toy project, made and published once for all tests; each test gets a copy of its own."""

import shutil
from pathlib import Path

import pytest

from loft.core.artifacts import publish
from tests.core.artifacts import toy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(
                pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
            )  # DVC


@pytest.fixture(autouse=True)
def no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no Snakefile to ask whether all is made."""
    monkeypatch.setattr(publish, "_finished", lambda path: None)


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = toy.found_at(tmp_path_factory.mktemp("toy") / "project")
    toy.make(folder, "one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "_finished", lambda path: None)
        patch.chdir(folder)
        publish.publish()
    return folder


@pytest.fixture
def author(published_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project where version one was made and published; the current folder."""
    folder = tmp_path / "author"
    shutil.copytree(published_once, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def reader(author: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of it, where nothing is fetched yet; the current folder."""
    folder = toy.clone(author, tmp_path / "reader")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def shared(author: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another run, published by the author to a remote of its own; return the remote."""
    remote = author.with_name("shared")
    toy.add_remote(author, "shared", str(remote))
    toy.write(author, {toy.OTHER: "other ticket", toy.record(toy.OTHER): "other's record"})
    monkeypatch.setattr(publish, "_ignored", lambda run: [toy.OTHER.parent])
    publish.publish("other", "shared")
    return remote
