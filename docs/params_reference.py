"""Write `docs/params.md`, the reference of all keys of params files, from the schema.

`python docs/params_reference.py` writes; with `--check` it only says, by its exit status, whether
anything would change.
"""

import sys
from pathlib import Path

from loft.core.settings.lookup import load
from loft.core.settings.reference import markdown
from loft.run import STUDIES

PATH = Path(__file__).with_name("params.md")
HEAD = """# Keys of params files

Made from the schema by `make docs`. A params file says what differs from the defaults;
`loft params RUN` prints every key of a run with its value. Sources: *paper* is the paper of the
study; *decoded* follows from numbers that the paper prints; *ours* is our choice, for which
`choices.md` has the reasons. A section that several studies have stands in the first of them.

"""


def main() -> int:
    """Write the reference; with --check return 1 where it is not up to date."""
    text = HEAD + markdown({study: load(address) for study, address in STUDIES.items()})
    if PATH.exists() and PATH.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv[1:]:
        return 1
    PATH.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
