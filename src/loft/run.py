"""A run: its params file, checked as a whole before the graph is built.

Each study owns some keys and brings them as a class, based on `Header`; a run's schema is made of
those of its `studies`. A study that the run does not list may keep its section, the key with the
study's own name, which is checked all the same.
"""

from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import create_model

from loft.core.errors import UserError, suggestion
from loft.core.settings.lookup import load
from loft.core.settings.params_file import read_yaml
from loft.core.settings.schema import validate
from loft.core.settings.shared import Header

STUDIES = {
    "tickets": "loft.tickets.run.params:Run",
    "theorem1": "loft.theorem1.config:Run",
    "soda": "loft.soda.config:Run",
    "diversity": "loft.diversity.config:Run",
}


def read(path: Path) -> Any:
    """Read and check a params file. Raises UserError."""
    return check(read_yaml(path), str(path))


def check(values: dict[str, Any], source: str) -> Any:
    """Return a run's settings, of all its studies' classes.

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


def look(run: Any, source: str) -> None:
    """Hold a checked run against the data that are there; download and decode nothing.

    Raises:
        UserError: data are missing, and cannot be downloaded, or are fewer than the run needs.
    """
    if hasattr(run, "data"):
        found = load("loft.core.data.dimensions:look")(run.data)
        if "tickets" in run.studies:
            for problem in run.lacking(found.train_images):
                raise UserError(f"{source}: {problem}")
    if "soda" in run.studies:
        for problem in run.soda.problems:
            if problem.data.name == "libsvm":
                load("loft.soda.libsvm:require_file")(problem.data)


@cache
def _schema(studies: tuple[str, ...]) -> type[Header]:
    bases = tuple(load(STUDIES[study]) for study in studies)
    asleep: dict[str, Any] = {}
    for study in STUDIES.keys() - {*studies}:
        section = load(STUDIES[study]).model_fields.get(study)
        if section is not None:
            asleep[study] = (section.annotation | None, None)
    return cast(type[Header], create_model("Run", __base__=bases, **asleep))
