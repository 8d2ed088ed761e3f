"""Read and write weights: safetensors files and the JSON files beside them.

No other module reads or writes weights. Nothing is unpickled, and a caller that reads a file states
which tensors it must contain (`check_tensors`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from loft.core.errors import UserError, suggestion
from loft.core.files.atomic import expect_file, read_bytes, write_bytes, write_parts

if TYPE_CHECKING:  # importing torch takes seconds, and reading arrays does not need it
    from torch import Tensor

Array = NDArray[Any]

DTYPES = {  # safetensors' names; in a file, tensors are sorted by type in this order
    "int64": "I64",
    "float64": "F64",
    "float32": "F32",
    "int32": "I32",
    "uint8": "U8",
    "bool": "BOOL",
}
ALIGNMENT = 8  # bytes
OLDER = (  # what is said of a key that is not in the JSON file beside weights
    "missing, as in files of older versions; remove the file and the weights beside it, and "
    "snakemake makes both again"
)


def write_tensors(path: Path, tensors: Mapping[str, "Tensor"], about: str = "") -> None:
    """Write tensors, in (n, c, h, w) order whatever their layout in memory, and a text `about`."""
    write_parts(path, _content(tensors, about))


def _content(tensors: Mapping[str, "Tensor"], about: str) -> Iterator[bytes | memoryview]:
    """Yield the bytes of a safetensors file: the header, then one tensor at a time.

    The bytes are those of safetensors' own writer. That writer needs all tensors contiguous at the
    same time, which would be a second copy of a network in another layout.
    """
    order = list(DTYPES)
    names = sorted(tensors, key=lambda name: (order.index(_type(tensors[name])), name))
    header: dict[str, Any] = {"__metadata__": {"about": about}} if about else {}
    end = 0
    for name in names:
        begin, end = end, end + tensors[name].nbytes
        header[name] = {
            "dtype": DTYPES[_type(tensors[name])],
            "shape": [*tensors[name].shape],
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    yield len(text).to_bytes(8, "little") + text
    for name in names:
        flat = tensors[name].detach().cpu().contiguous().reshape(-1)
        yield flat.numpy().view(np.uint8).data


def read_tensors(path: Path) -> tuple[dict[str, "Tensor"], str]:
    """Read tensors and the text written with them.

    Raises:
        UserError: the file is missing, cut short or not a safetensors file.
    """
    return _read(path, "pt")


def read_arrays(path: Path) -> tuple[dict[str, Array], str]:
    """Read the same as numpy arrays, without torch. Raises UserError as `read_tensors` does."""
    return _read(path, "numpy")


def _read(path: Path, framework: str) -> tuple[dict[str, Any], str]:
    expect_file(path)
    try:
        with safe_open(path, framework=framework) as file:
            about = (file.metadata() or {}).get("about", "")
            return {name: file.get_tensor(name) for name in file.keys()}, about
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: expected a whole safetensors file; found: {error}") from None


def check_tensors(
    path: Path, tensors: Mapping[str, "Tensor | Array"], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Check that a file contains exactly the expected tensors or arrays.

    Args:
        path: of the file.
        tensors: what was read from it.
        expected: shapes by name. All are float32 but scalars, which are int64 counts of batches.

    Raises:
        UserError: names the file and a tensor that is missing, unexpected, of another shape or
            type, or has values that are not finite.
    """
    for name, shape in expected.items():
        if name not in tensors:
            raise UserError(f"{path}: {name}: missing{suggestion(name, tensors)}")
        tensor, dtype = tensors[name], "float32" if shape else "int64"
        found, wanted = (_type(tensor), [*tensor.shape]), (dtype, [*shape])
        if found != wanted:
            raise UserError(
                f"{path}: {name}: found {found[0]} {found[1]}; expected {wanted[0]} {wanted[1]}"
            )
        if not np.isfinite(np.asarray(tensor)).all():
            raise UserError(f"{path}: {name}: found infinite values or none; expected numbers")
    for name in tensors.keys() - expected.keys():
        raise UserError(f"{path}: {name}: does not belong there{suggestion(name, expected)}")


def _type(tensor: "Tensor | Array") -> str:
    """Return the name of a tensor's or array's type, the same for torch and numpy."""
    return str(tensor.dtype).removeprefix("torch.")


def write_network(path: Path, weights: Mapping[str, "Tensor"], about: Mapping[str, Any]) -> None:
    """Write a network's weights and, beside them, a JSON file with `about` and their checksum."""
    write_tensors(path, weights)
    described = {**about, "sha256": checksum(weights)}
    text = json.dumps(described, indent=1, sort_keys=True) + "\n"
    write_bytes(path.with_suffix(".json"), text.encode())


def read_network(path: Path) -> tuple[dict[str, "Tensor"], dict[str, Any]]:
    """Read what `write_network` wrote.

    Raises:
        UserError: a file is missing or damaged, or the JSON file belongs to other weights.
    """
    side = path.with_suffix(".json")
    weights, _ = read_tensors(path)
    try:
        about = json.loads(read_bytes(side))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{side}: expected JSON; found: {error}") from None
    if not isinstance(about, dict):
        raise UserError(f"{side}: expected a JSON object; found {type(about).__name__}")
    if "sha256" not in about:
        raise UserError(f"{side}: sha256: {OLDER}")
    if about["sha256"] != (found := checksum(weights)):
        raise UserError(
            f"{path}: found weights with the checksum {found}; expected {about['sha256']}, as "
            f"{side} says"
        )
    return weights, about


def checksum(tensors: Mapping[str, "Tensor"]) -> str:
    """Return the SHA-256 of tensors: of names, types, shapes and values, in order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {_type(tensor)} {[*tensor.shape]}\n".encode())
        digest.update(tensor.reshape(-1).numpy().view(np.uint8).data)
    return digest.hexdigest()
