"""Measure throughput and memory of SODA's updates on sparse data of rcv1_train's size.

The updates are compared with their two sparse products alone, which no update can avoid.
`python -m benchmarks.soda` writes the ratio and prints the peak memory.
"""

import argparse
import statistics
import time
import tracemalloc

import numpy as np

from benchmarks.measuring import keep, result
from loft.core.seeding import stream
from loft.soda.algorithm import Worker
from loft.soda.generated import sparse
from loft.soda.logistic import Vector
from loft.soda.normalisation import signed
from loft.soda.settings import SparseData
from loft.soda.simulation import Team, deal
from loft.soda.theory import largest_step

RCV1 = SparseData(name="sparse", samples=20_242, features=47_236, density=0.0016, seed=0)
WORKERS = 20


def updates(team: Team, count: int) -> tuple[float, list[int], Vector]:
    """Run updates of workers and master.

    Return CPU seconds, the workers in the order of their messages, and the last w.
    """
    start = np.zeros(team.features)
    master = team.master(start)
    workers: list[Worker] = [team.worker(number, start) for number in range(WORKERS)]
    pending = [worker.update(master.w, master.support) for worker in workers]
    order = stream("benchmark", 0).integers(WORKERS, size=count).tolist()
    began = time.process_time()
    for number in order:
        master.receive(number, pending[number])
        pending[number] = workers[number].update(master.w, master.support)
    return time.process_time() - began, order, master.w


def products(team: Team, order: list[int], w: Vector) -> float:
    """Do only the products with the same workers' samples and transposes; return CPU seconds."""
    rows = [loss.signed for loss in team.losses]
    columns = [matrix.T for matrix in rows]
    began = time.process_time()
    for number in order:
        columns[number] @ (rows[number] @ w)
    return time.process_time() - began


def main() -> None:
    """Print a line for each p, then memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5, help="samples")
    given = parser.parse_args()
    samples = sparse(RCV1)
    matrix = signed(samples.values, samples.labels)
    size = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
    losses = deal(matrix, 1e-3, WORKERS, seed=0)
    step = largest_step(losses)
    print(f"{matrix.shape[0]} x {matrix.shape[1]}, {matrix.nnz} entries, {size / 1e6:.1f} MB")
    results = []
    for p in (1.0, 0.3, 0.1, 0.03):
        team = Team(losses, step, 1e-4, p, 0)
        pairs = []
        for _ in range(given.rounds):
            whole, order, last = updates(team, given.updates)
            pairs.append((whole, products(team, order, last)))
        made, bare = ([times[side] for times in pairs] for side in (0, 1))
        absolute = {"update us": statistics.median(made), "products us": statistics.median(bare)}
        results.append(
            result(
                f"soda_throughput_p{p:g}",
                [second / first for first, second in pairs],
                against="the bare sparse products of the same updates",
                target=">= 0.5" if p == 0.1 else "",
                absolute={name: took / given.updates * 1e6 for name, took in absolute.items()},
            )
        )
    tracemalloc.start()
    fresh = Team(deal(matrix, 1e-3, WORKERS, seed=0), step, 1e-4, 0.1, 0)
    updates(fresh, 100)
    peak = tracemalloc.get_traced_memory()[1]
    print(f"peak memory beside the data: {peak / 1e6:.1f} MB, {peak / size:.2f} of it")
    keep(results)


if __name__ == "__main__":
    main()
