"""Collect the facts of a pretraining job from which its bytes and its work are computed."""

from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PAPER, PROTOCOL, Pretraining
from loft.tickets.network.operations import training_operations
from loft.tickets.pretraining.job import PretrainJob


def ledger_entry(
    job: PretrainJob, channels: int, size: int, classes: int, iterations: int
) -> Pretraining:
    """Return the facts of a job's pretraining.

    Args:
        job: settings of the pretraining.
        channels: channels of an image.
        size: pixels a side of an image.
        classes: number of classes.
        iterations: steps of a worker in an epoch.
    """
    return Pretraining(
        method=job.options,
        workers=job.workers,
        network=ledger.network_builder(job.model, channels, size, classes),
        image=(channels, size, size),
        batch=job.sgd.batch_size,
        steps=job.epochs * iterations,
        rounds=job.options.count_rounds(job.epochs, iterations),
        epochs=job.epochs,
        seed=job.seed,
    )


def predicted_bytes(entry: Pretraining) -> dict[str, float]:
    """Return the bytes that all workers send, computed from shapes, by their names in lines.

    `bytes_model` follows this project's protocol, `bytes_paper` the paper's convention.
    """
    return {
        "bytes_model": ledger.total_bytes(entry, PROTOCOL),
        "bytes_paper": ledger.total_bytes(entry, PAPER),
    }


def work(entry: Pretraining) -> dict[str, int]:
    """Return what all workers do in a pretraining, by names in lines.

    `images_seen` counts an image each time that a worker trains on it; the stages of a pipeline see
    it together. `operations` are those of forward and backward passes, two to a multiply-add.
    """
    passes = entry.workers if entry.method.own_orders else 1  # over the data, in an epoch
    whole = entry.network(None)
    shares = entry.method.shares(whole, entry.workers)
    networks = [whole]
    if entry.method.own_orders:
        networks = [entry.network(share.filters) for share in shares]
    images = entry.steps * entry.batch  # of one pass
    each = {id(network): training_operations(network, entry.image) for network in networks}
    operations = sum(each[id(network)] for network in networks)
    return {"images_seen": passes * images, "operations": images * operations}
