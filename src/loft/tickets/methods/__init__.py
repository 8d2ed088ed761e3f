"""List the pretraining methods: name in a params file -> address of the method's class.

A new method is a file in this folder and a line here. The class, a `Method` (see `interface`),
holds the method's keys and answers all that the rest of the project asks about it.
"""

METHODS = {
    "dense": "loft.tickets.methods.dense:Dense",
    "gpipe": "loft.tickets.methods.gpipe:GPipe",
    "local_sgd": "loft.tickets.methods.local_sgd:LocalSgd",
    "post_local_sgd": "loft.tickets.methods.post_local_sgd:PostLocalSgd",
    "diloco": "loft.tickets.methods.diloco:Diloco",
    "local_qsgd": "loft.tickets.methods.local_qsgd:LocalQsgd",
    "local_powersgd": "loft.tickets.methods.local_powersgd:LocalPowerSgd",
    "imp": "loft.tickets.methods.imp:Imp",
    "loft": "loft.tickets.methods.loft:Loft",
}


def base(method: str) -> str:
    """Return the name of a method without that of its variant: `loft.reset` -> `loft`."""
    return method.partition(".")[0]
