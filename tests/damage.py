"""Every way in which a file that a step reads is made wrong, one at a time."""

import copy
import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Damage = tuple[str, Callable[[Path], None]]  # what is done to a file, and what does it
DEEP = 400  # levels: JSON's reader takes them, and much that follows does not
GONE = object()


def nested(levels: int) -> list[Any]:
    values: list[Any] = []
    for _ in range(levels):
        values = [values]
    return values


VALUES: dict[str, Any] = {
    "missing": GONE,
    "null": None,
    "an object": {"surprise": 1},
    "no object": {},
    "a list": [1, "a"],
    "an empty list": [],
    "text": "surprise",
    "control characters": "a\nb\x00",
    "half a character": "\ud800",
    "no text": "",
    "true": True,
    "below all sense": -1,
    "nothing": 0,
    "half": 0.5,
    "too large": 10**30,
    "NaN": float("nan"),
    "infinite": float("-inf"),
    "deeply nested": nested(DEEP),
}


def writing(content: bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(content))


def void(_: object) -> None:
    pass


def _missing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def restore(path: Path, content: bytes) -> None:
    """Undo any damage."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    path.write_bytes(content)


def to_any_file(content: bytes) -> Iterator[Damage]:
    """Yield what can happen to whatever file."""
    yield "missing", _missing
    yield "a folder", _folder
    yield "a pipe", _pipe
    yield "a link to itself", _loop
    yield "empty", writing(b"")
    yield "a line end", writing(b"\n")
    yield "zeros", writing(bytes(1000))
    yield "every byte", writing(bytes(range(256)) * 4)
    yield "two bytes a character", writing(content[:2000].decode("latin-1").encode("utf-16"))
    yield "a mark in front", writing(b"\xef\xbb\xbf" + content)
    yield "a page in its place", writing(b"<!DOCTYPE html>\n<html><body>Log in</body></html>\n")
    for part in (1, 2, 3):
        yield f"cut at {part}/4", writing(content[: len(content) * part // 4])
    yield "its last byte lost", writing(content[:-1])
    yield "its last 20 bytes lost", writing(content[:-20])
    yield "written twice", writing(content + content)
    for part in (1, 2, 3):
        place = len(content) * part // 4
        flipped = bytes([content[place] ^ 0x80]) if content else b""
        yield (
            f"a bit flipped at {part}/4",
            writing(content[:place] + flipped + content[place + 1 :]),
        )


def to_lines(content: bytes) -> Iterator[Damage]:
    """Yield what can happen to lines of a job: to a line of each kind, and to its every value."""
    yield from to_any_file(content)
    lines = content.splitlines(keepends=True)
    places = {json.loads(line)["kind"]: number for number, line in enumerate(lines)}
    for kind, number in places.items():
        before, after = b"".join(lines[:number]), b"".join(lines[number + 1 :])
        yield f"a line of {kind} lost", writing(before + after)
        yield f"a line of {kind} twice", writing(before + 2 * lines[number] + after)
        yield f"the end lost from {kind} on", writing(before)
        line = json.loads(lines[number])
        for path in _paths(line):
            for what, value in VALUES.items():
                changed = json.dumps(_changed(line, path, value)).encode() + b"\n"
                name = ".".join(map(str, path))
                yield f"{kind}: {name}: {what}", writing(before + changed + after)
    yield "deeper than can be read", writing(lines[0] + b"[" * 100_000 + b"\n")


def _paths(values: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values are: of keys all, of a list the first and the last."""
    if isinstance(values, dict):
        ahead: list[Any] = [*values]
    elif isinstance(values, list):
        ahead = [*dict.fromkeys([0, len(values) - 1])] if values else []
    else:
        return
    for key in ahead:
        yield (*path, key)
        yield from _paths(values[key], (*path, key))


def _changed(line: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(line)
    *sections, last = path
    at = changed
    for key in sections:
        at = at[key]
    if value is GONE:
        at.pop(last)
    else:
        at[last] = value
    return changed


def to_table(content: bytes) -> Iterator[Damage]:
    """Yield what can happen to a CSV table: to its columns, its rows, and the values of one."""
    yield from to_any_file(content)
    head, *rows = csv.reader(io.StringIO(content.decode()))

    def table(*changed: list[str]) -> Callable[[Path], None]:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(changed)
        return writing(text.getvalue().encode())

    yield "no rows", table(head)
    yield "no head", table(*rows)
    yield "a row twice", table(head, *rows, rows[-1])
    yield "a row too short", table(head, *rows[:-1], rows[-1][:-1])
    yield "a row too long", table(head, *rows[:-1], [*rows[-1], "1"])
    yield "a quote that never ends", writing(content + b'"')
    yield "a field without end", writing(content + b"a" * 200_000 + b"\n")
    for place, name in enumerate(head):
        without = [row[:place] + row[place + 1 :] for row in (head, *rows)]
        yield f"{name}: column missing", table(*without)
        renamed = [*head[:place], f"{name}x", *head[place + 1 :]]
        yield f"{name}: column misspelt", table(renamed, *rows)
        yield f"{name}: column twice", table(*([*row, row[place]] for row in (head, *rows)))
        for value in ("", "surprise", "-1", "0", "1e999", "nan", "1_000", " ", "0x10", "a\nb", "½"):
            row = [*rows[-1][:place], value, *rows[-1][place + 1 :]]
            yield f"{name}: {value!r}", table(head, *rows[:-1], row)
            every = [[*row[:place], value, *row[place + 1 :]] for row in rows]
            yield f"{name}: every {value!r}", table(head, *every)
