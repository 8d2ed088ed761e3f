from pathlib import Path

import pytest

from loft.core.processes.file_locks import NoLocksError, lock


def test_a_lock_is_held_until_its_file_is_closed(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        assert lock(first)
        assert not lock(second)
        first.close()
        assert lock(second)


@pytest.mark.usefixtures("no_locks")
def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as file, pytest.raises(NoLocksError) as error:
        lock(file)
    assert str(error.value) == f"{tmp_path / 'lock'}: cannot be locked: no locks available"
