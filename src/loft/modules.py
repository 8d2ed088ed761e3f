"""The code of each step: what a rule lists as input, so that editing it reruns the step.

A test holds every list against the modules that the step really loads.
"""

_CORE = ["core/checkpoint.py", "core/config.py", "core/errors.py"]
_IMAGES = [*_CORE, "core/data.py", "core/seeding.py"]
_TICKETS = ["tickets/blocks.py", "tickets/config.py", "tickets/layout.py"]
_MODELS = ["models/__init__.py", "models/preresnet.py"]
_TRAINING = [
    "core/metrics.py",
    "core/progress.py",
    "core/training.py",
    "core/workers.py",
    "tickets/methods/__init__.py",
    "tickets/ranking.py",
]
_LINES = [*_CORE, "core/metrics.py"]

MODULES: dict[str, list[str]] = {
    "data": _IMAGES,
    "pretrain": [
        *_IMAGES,
        *_TRAINING,
        *_MODELS,
        *_TICKETS,
        "core/launch.py",
        "tickets/stages/pretrain.py",
    ],
    # each method's own, beside those of "pretrain"
    "dense": ["tickets/methods/dense.py"],
    "gpipe": [
        "core/pipeline.py",
        "tickets/cuts.py",
        "tickets/methods/gpipe.py",
        "tickets/transfer.py",
    ],
    "local_sgd": ["tickets/methods/local_sgd.py", "tickets/transfer.py"],
    "loft": ["tickets/methods/loft.py", "tickets/partition.py", "tickets/transfer.py"],
    "prune": [
        *_CORE,
        *_MODELS,
        *_TICKETS,
        "tickets/pruning.py",
        "tickets/ranking.py",
        "tickets/stages/prune.py",
    ],
    "distance": [*_LINES, "tickets/ranking.py", "tickets/stages/distance.py"],
    "table": [
        *_LINES,
        *_MODELS,
        "tickets/blocks.py",
        "tickets/config.py",
        "tickets/cuts.py",
        "tickets/ledger.py",
        "tickets/partition.py",
        "tickets/stages/report.py",
        "tickets/tables.py",
        "tickets/transfer.py",
    ],
    "figures": ["core/plotting.py", "tickets/figures.py"],
    "diary": [*_LINES, "core/tracking.py", "tickets/stages/diary.py"],
    "finetune": [*_IMAGES, *_TRAINING, *_MODELS, *_TICKETS, "tickets/stages/finetune.py"],
}
