"""Read params files: YAML of bounded size, without keys given twice and without growing aliases."""

import stat
from pathlib import Path
from typing import Any

import yaml

from loft.core.errors import UserError, suggestion

LARGEST = 2**18  # bytes of a params file; this project's own are below a twentieth of it
MOST_VALUES = 100_000  # in a params file, with every alias counted as what it stands for


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a params file.

    Raises:
        UserError: the file is missing, is no file or too large, is not YAML, has a key twice, has
            aliases that stand for too much, or does not hold keys and values.
    """
    try:
        loader = yaml.SafeLoader(_text(path))
        root = loader.get_single_node()
        _refuse_twice(root)
        _refuse_growth(root)
        values = None if root is None else loader.construct_document(root)
    except FileNotFoundError:
        near = suggestion(path, path.parent.glob(f"*{path.suffix}"))
        raise UserError(f"{path}: no such params file{near}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: expected keys and values, found {type(values).__name__}")
    return values


def _text(path: Path) -> str:
    """Return what a file holds; nothing is read of a pipe, nor of a file without end."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise UserError(f"{path}: found no regular file; expected a params file")
    if about.st_size > LARGEST:
        size = f"{about.st_size:,} bytes"
        raise UserError(f"{path}: found {size}; expected a params file of at most {LARGEST:,}")
    return path.read_text(encoding="utf-8")


def _refuse_twice(root: yaml.Node | None) -> None:
    """Raise YAMLError where a section has a key twice: YAML's loader would take the last."""
    ahead, done = [root], set[int]()
    while ahead:
        node = ahead.pop()
        if id(node) in done:  # an alias
            continue
        done.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            ahead += node.value
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if str(key.value) in seen:
                    where = f"line {key.start_mark.line + 1}"
                    raise yaml.YAMLError(f"{where}: found key '{key.value}' twice; expected once")
                seen.add(str(key.value))
                ahead.append(value)


def _refuse_growth(root: yaml.Node | None) -> None:
    """Raise YAMLError where aliases of aliases stand for more values than memory may hold."""
    sizes: dict[int, int | None] = {}  # of nodes, None while what is inside is counted

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = None
            inside = node.value if isinstance(node, yaml.SequenceNode) else []
            if isinstance(node, yaml.MappingNode):
                inside = [part for pair in node.value for part in pair]
            sizes[id(node)] = 1 + sum(map(size, inside))
        found, where = sizes[id(node)], f"line {node.start_mark.line + 1}"
        if found is None:
            raise yaml.YAMLError(f"{where}: found a value inside itself, by an alias")
        if found > MOST_VALUES:
            most = f"expected at most {MOST_VALUES:,}"
            raise yaml.YAMLError(f"{where}: found {found:,} values, aliases counted; {most}")
        return found

    if root is not None:
        size(root)
