"""Run the command line: `python -m loft` is the same as `loft`."""

import sys

from loft.cli import main

sys.exit(main())
