"""The code of each step: what a rule lists as input, so that editing it reruns the step.

A test holds every list against the modules that the step really loads.
"""

_FILES = ["core/checkpoint.py", "core/errors.py"]
_DATA = [*_FILES, "core/config.py", "core/data.py"]
_IMAGES = ["core/images.py", "core/seeding.py"]
_FOLDERS = ["core/folders.py", "core/loading.py", "core/seeding.py"]
_LINES = [*_FILES, "core/metrics.py"]
_MODELS = [
    f"models/{name}.py" for name in ("__init__", "parts", "preresnet", "resnet", "wideresnet")
]
_NETWORKS = [*_FILES, *_MODELS, "core/config.py", "tickets/jobs.py"]
_TRANSFER = ["tickets/blocks.py", "tickets/transfer.py"]
_TRAINING = [
    *_DATA,
    *_LINES,
    *_NETWORKS,
    "core/progress.py",
    "core/training.py",
    "core/workers.py",
    "tickets/layout.py",
    "tickets/methods/__init__.py",
    "tickets/norms.py",
]
_LEDGER = [
    *_LINES,
    *_NETWORKS,
    *_TRANSFER,
    "core/seeding.py",
    "core/workers.py",
    "tickets/aggregation.py",
    "tickets/cuts.py",
    "tickets/ledger.py",
    "tickets/partition.py",
    "tickets/printing.py",
    "tickets/tables.py",
]
_PRUNING = ["tickets/blocks.py", "tickets/pruning.py", "tickets/ranking.py"]

MODULES: dict[str, list[str]] = {
    "data": [*_DATA, *_IMAGES, *_FOLDERS, "core/listing.py", "core/sources.py"],
    # what a data set is read by, beside "pretrain" and "finetune"
    "images": _IMAGES,
    "folders": _FOLDERS,
    "pretrain": [*_TRAINING, "core/launch.py", "core/seeding.py", "tickets/stages/pretrain.py"],
    # each method's own, beside those of "pretrain"
    "dense": ["tickets/methods/dense.py"],
    "gpipe": [
        "core/pipeline.py",
        "tickets/cuts.py",
        "tickets/methods/gpipe.py",
        *_TRANSFER,
    ],
    "local_sgd": ["tickets/methods/local_sgd.py", *_TRANSFER],
    "loft": [
        *_TRANSFER,
        "tickets/aggregation.py",
        "tickets/methods/loft.py",
        "tickets/partition.py",
    ],
    "prune": [
        *_NETWORKS,
        *_PRUNING,
        "core/seeding.py",
        "tickets/criteria/__init__.py",
        "tickets/layout.py",
        "tickets/stages/prune.py",
    ],
    # each criterion's own, beside those of "prune"
    "l2": ["tickets/criteria/l2.py"],
    "random": ["tickets/criteria/random.py"],
    "finetune": [*_TRAINING, "tickets/stages/finetune.py"],
    "distance": [
        *_LINES,
        *_NETWORKS,
        *_PRUNING,
        "core/seeding.py",
        "tickets/criteria/__init__.py",
        "tickets/layout.py",
        "tickets/masks.py",
        "tickets/norms.py",
        "tickets/stages/distance.py",
    ],
    "table": [
        *_LEDGER,
        "tickets/claims.py",
        "tickets/comparisons.py",
        "tickets/evidence.py",
        "tickets/findings.py",
        "tickets/stages/table.py",
        "tickets/stopping.py",
        "tickets/verdicts.py",
    ],
    "comm": [*_LEDGER, "tickets/comm.py", "tickets/stages/comm.py"],
    "figures": [
        *_FILES,
        "core/config.py",
        "core/plotting.py",
        "tickets/figures.py",
        "tickets/heatmaps.py",
        "tickets/jobs.py",
        "tickets/stages/figures.py",
        "tickets/tradeoff.py",
    ],
    "diary": [*_LINES, "core/tracking.py", "tickets/stages/diary.py"],
}
