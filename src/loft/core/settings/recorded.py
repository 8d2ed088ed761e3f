"""Record the settings of a run in a file among its results.

The file is a record for people: nothing reads it again, so that later schemas never refuse it. It
holds what the results depend on. A key that is not in it had its neutral value (see `keys.key`);
`loft params RUN` prints every key.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes

HEAD = "# All settings that these results depend on. `loft params` prints them with comments.\n"


def record(settings: str, out: Path) -> None:
    """Write settings as YAML, in their own order; the same text for the same settings.

    Args:
        settings: of a run, as JSON, checked already.
        out: the file to write.

    Raises:
        UserError: the text is no JSON with keys and values.
    """
    try:
        values = json.loads(settings)
    except ValueError as error:
        raise UserError(f"--settings: found no JSON: {error}") from None
    if not isinstance(values, dict):
        raise UserError(f"--settings: found {settings[:40]!r}; expected keys and values")
    write_bytes(out, f"{HEAD}{_yaml(values)}".encode())


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(
        values, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
    )
