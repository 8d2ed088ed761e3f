"""Read the params file of a run and check it as a whole before the graph is built.

Each study defines its keys in a class derived from `Header`. The schema of a run combines the
classes of its `studies`. The section of a study that is not listed (the key with the study's name)
may stay in the file and is checked too.
"""

from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import create_model

from loft.core.errors import UserError, suggestion
from loft.core.settings.keys import OURS, key
from loft.core.settings.lookup import load
from loft.core.settings.params_file import read_yaml
from loft.core.settings.schema import validate
from loft.core.settings.shared import Header

STUDIES = {
    "tickets": "loft.tickets.run.run:Run",
    "theorem1": "loft.theorem1.run:Run",
    "soda": "loft.soda.run:Run",
    "diversity": "loft.diversity.run:Run",
}


def read(path: Path) -> Any:
    """Read and check a params file. Raises UserError."""
    return check(read_yaml(path), str(path))


def check(values: dict[str, Any], source: str) -> Any:
    """Check values and return the settings of a run, derived from all its studies' classes.

    Raises:
        UserError: names `source`, the key, what was found and what was expected.
    """
    studies = values.get("studies")
    listed = studies if isinstance(studies, list) else [studies]
    unknown = [study for study in listed if study not in [*STUDIES]]
    if unknown or not studies or listed is not studies:
        near = suggestion(unknown[0], STUDIES) if unknown else ""
        raise UserError(
            f"{source}: studies: found {studies!r}; expected some of {', '.join(STUDIES)}{near}"
        )
    return validate(_schema(tuple(dict.fromkeys(studies))), values, source)


def check_data(run: Any, source: str) -> None:
    """Check that the data of a run exist and suffice; download and decode nothing.

    Raises:
        UserError: data are missing and cannot be downloaded, or are fewer than the run needs.
    """
    if hasattr(run, "data"):
        found = load("loft.core.data.dimensions:find_originals")(run.data)
        if "tickets" in run.studies:
            for problem in run.lacking(found.train_images):
                raise UserError(f"{source}: {problem}")
    if "soda" in run.studies:
        for problem in run.soda.problems:
            if problem.data.name == "libsvm":
                load("loft.soda.libsvm:require_file")(problem.data)


@cache
def _schema(studies: tuple[str, ...]) -> type[Header]:
    last_first = [study for study in reversed(STUDIES) if study in studies]  # pydantic's order
    bases = tuple(load(STUDIES[study]) for study in last_first)
    asleep: dict[str, Any] = {}
    unlisted = "settings of a study that is not among studies; null: none"
    for study in (name for name in STUDIES if name not in studies):
        section = load(STUDIES[study]).model_fields.get(study)
        if section is not None:
            unused = key(None, unlisted, source=OURS, neutral=None)
            asleep[study] = (section.annotation | None, unused)
    return cast(type[Header], create_model("Run", __base__=bases, **asleep))
