"""A params file is YAML of bounded size with each key once; anything else is one line."""

from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.settings.params_file import read_yaml


def test_keys_and_values_are_read(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("run: small\nsgd: &sgd {momentum: 0.9}\nother: *sgd\n", encoding="utf-8")
    assert read_yaml(path) == {
        "run": "small",
        "sgd": {"momentum": 0.9},
        "other": {"momentum": 0.9},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run: a\nrun: b\n", "line 2: found key 'run' twice; expected once"),
        ("- run\n", "expected keys and values, found list"),
        ("", "expected keys and values, found NoneType"),
        ("run: [\n", "not readable as YAML"),
        ("a: &a [*a]\n", "found a value inside itself, by an alias"),
    ],
)
def test_what_is_no_params_file_is_named(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=expected) as error:
        read_yaml(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").touch()
    with pytest.raises(UserError, match=r"no such params file, did you mean '.*digits.yaml'"):
        read_yaml(tmp_path / "digit.yaml")


def test_a_file_without_end_and_aliases_of_aliases_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="found no regular file"):
        read_yaml(Path("/dev/zero"))
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 2**20)
    with pytest.raises(UserError, match="expected a params file of at most"):
        read_yaml(large)
    bomb = tmp_path / "bomb.yaml"
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    bomb.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError, match="aliases counted; expected at most"):
        read_yaml(bomb)
