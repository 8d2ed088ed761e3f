"""The pretraining methods of Table 1, by their names in a params file.

A new one is a file in this folder and a line in `METHODS`. Its class is built from a `Setup` and
offers two functions, `step` and `synchronise` (see `interface`); the loop around them, snapshots,
evaluation and measures are the stage's.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """A method, by addresses.

    Attributes:
        cls: its class, in the manner of `interface.Method`.
        title: its name in tables and figures.
        sent: the function of a `Pretraining` and a `Convention` that returns how many
            numbers its workers send, computed from shapes.
        options: the class of its options in a params file.
        trained: the function of (workers, model, data) that returns what each worker trains, as
            `planning.costs`.
    """

    cls: str
    title: str
    sent: str
    options: str = "loft.tickets.methods.options:MethodOptions"
    trained: str = "loft.tickets.planning.costs:networks_each"


METHODS = {
    "dense": Entry(
        "loft.tickets.methods.dense:Dense",
        "Dense",
        "loft.tickets.methods.bytes_sent:nothing",
    ),
    "gpipe": Entry(
        "loft.tickets.methods.gpipe:GPipe",
        "GPipe",
        "loft.tickets.methods.bytes_sent:pipeline",
        "loft.tickets.methods.options:GPipeOptions",
        "loft.tickets.planning.costs:stages",
    ),
    "local_sgd": Entry(
        "loft.tickets.methods.local_sgd:LocalSgd",
        "Local SGD",
        "loft.tickets.methods.bytes_sent:averaging",
        "loft.tickets.methods.options:LocalSgdOptions",
    ),
    "loft": Entry(
        "loft.tickets.methods.loft:Loft",
        "LoFT",
        "loft.tickets.methods.bytes_sent:partitioning",
        "loft.tickets.methods.options:LoftOptions",
        "loft.tickets.planning.costs:subnetworks",
    ),
}
