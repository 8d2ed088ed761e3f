"""Filter distances: how far each epoch's rankings are from the last epoch's (Figure 4)."""

from pathlib import Path

from torch import Tensor

from loft.core.checkpoint import read_tensors
from loft.core.metrics import Journal, read
from loft.tickets.ranking import filter_distance, ranking


def run(norms: list[Path], pretrained: list[Path], metrics: Path) -> None:
    """Write one line for each epoch of each pretraining: the distance of every layer.

    Args:
        norms: every pretraining's filter norms.
        pretrained: the lines of the same pretrainings, in the same order.
        metrics: the JSON lines to write.
    """
    journal = Journal({"step": "distance"})
    for measured, path in zip(norms, pretrained, strict=True):
        job = read(path)[0]
        for epoch, layers in enumerate(distances_to_last(read_tensors(measured)[0])):
            journal.add(
                "distance",
                model=job["model"]["name"],
                cell=job["cell"],
                seed=job["seed"],
                from_epoch=epoch,
                to_epoch=job["settings"]["epochs"],
                mean=sum(layers.values()) / len(layers),
                layers=layers,
            )
    journal.write(metrics)


def distances_to_last(norms: dict[str, Tensor]) -> list[dict[str, float]]:
    """Return, for each epoch, every layer's distance from that epoch's ranking to the last one's.

    Args:
        norms: layer -> (epochs + 1, filters), the untrained network's first.
    """
    rankings = {layer: [ranking(row) for row in rows] for layer, rows in norms.items()}
    epochs = len(next(iter(norms.values())))
    return [
        {layer: filter_distance(rows[epoch], rows[-1]) for layer, rows in rankings.items()}
        for epoch in range(epochs)
    ]
