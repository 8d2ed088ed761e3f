"""The only reader and writer of weights: safetensors files and the JSON files beside them.

Nothing is ever unpickled, and whoever reads a file says what belongs in it (`check_tensors`).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from loft.core.errors import UserError, suggestion
from loft.core.files import write_bytes


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: str = "") -> None:
    """Write tensors, in (n, c, h, w) order whatever their layout in memory, and a text."""
    content = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        metadata={"about": about} if about else None,
    )
    write_bytes(path, content)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], str]:
    """Read tensors and the text written with them.

    Raises:
        UserError: the file is missing, cut short or not a safetensors file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            about = (file.metadata() or {}).get("about", "")
            return {name: file.get_tensor(name) for name in file.keys()}, about
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: expected a whole safetensors file; found: {error}") from None


def check_tensors(
    path: Path, tensors: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Hold the tensors of a file against what belongs in it.

    Args:
        path: of the file.
        tensors: what was read.
        expected: shapes by name. All are float32, but for the single integers that count batches.

    Raises:
        UserError: names the file and a tensor that is missing, does not belong there, has another
            shape or type, or holds what is no number.
    """
    for name, shape in expected.items():
        if name not in tensors:
            raise UserError(f"{path}: {name}: missing{suggestion(name, tensors)}")
        tensor, dtype = tensors[name], torch.float32 if shape else torch.int64
        if (tensor.dtype, tensor.shape) != (dtype, shape):
            raise UserError(
                f"{path}: {name}: found {_kind(tensor.dtype, tensor.shape)}; expected "
                f"{_kind(dtype, shape)}"
            )
        if not torch.isfinite(tensor).all():
            raise UserError(f"{path}: {name}: found infinite values or none; expected numbers")
    for name in tensors.keys() - expected.keys():
        raise UserError(f"{path}: {name}: does not belong there{suggestion(name, expected)}")


def _kind(dtype: torch.dtype, shape: tuple[int, ...]) -> str:
    return f"{str(dtype).removeprefix('torch.')} {[*shape]}"


def write_network(path: Path, weights: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write a network's weights and, beside them, a JSON file that says what they are."""
    write_tensors(path, weights)
    text = json.dumps(about, indent=1, sort_keys=True) + "\n"
    write_bytes(path.with_suffix(".json"), text.encode())


def read_network(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_network` wrote. Raises UserError where a file is missing or damaged."""
    side = path.with_suffix(".json")
    weights, _ = read_tensors(path)
    try:
        about = json.loads(side.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{side}: no such file") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{side}: expected JSON; found: {error}") from None
    if not isinstance(about, dict):
        raise UserError(f"{side}: expected a JSON object; found {type(about).__name__}")
    return weights, about
