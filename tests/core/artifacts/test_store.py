"""The store names what is missing, and its errors are one line each."""

import hashlib
import io
from pathlib import Path

import pytest
from dvc.config import ConfigError
from dvc.exceptions import DvcException

from loft.core.artifacts.store import Store, dvc_errors, md5_of
from loft.core.errors import JobError, UserError
from tests.core.artifacts import toy


def test_an_md5_is_that_of_the_rest_of_a_file() -> None:
    content = bytes(range(256)) * 10_000
    file = io.BytesIO(content)
    file.seek(7)
    assert md5_of(file) == hashlib.md5(content[7:], usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("error", "kind", "line"),
    [
        (ConfigError("two\nlines"), UserError, "dvc: .*two lines"),
        (DvcException("no such stage"), JobError, "dvc: no such stage"),
        (ValueError("odd"), JobError, "dvc: ValueError: odd"),
        (UserError("ours"), UserError, "^ours$"),
    ],
)
def test_every_exception_is_one_line(error: Exception, kind: type[Exception], line: str) -> None:
    with pytest.raises(kind, match=line), dvc_errors():
        raise error


def test_what_was_stored_is_fetched_into_the_cache(reader: Path) -> None:
    with Store() as store:
        assert [*map(str, store.folders(["toy"]))] == toy.OUTPUTS
        stored = store.fetch(["toy"], None)
        assert all(store.has_copy(file.md5) for file in stored)
        with pytest.raises(UserError, match="--remote: found 'none'; expected one of bundled"):
            store.require("none")
    assert {file.path for file in stored} == {*toy.version("one")}
    assert not (reader / "results").exists()
