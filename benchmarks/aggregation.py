"""Count the bytes of LoFT's two aggregations at the paper's size, and the minimum for its rounds.

    python benchmarks/aggregation.py --params params/cifar10.yaml

Predicts bytes from shapes with the ledger and writes `results/ablations/aggregation-<run>.csv`:
gigabytes (1e9 bytes) of one pretraining.
"""

import argparse
from pathlib import Path

from loft.run import read
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.direct_counts import least_bytes
from loft.tickets.methods.loft import Loft
from loft.tickets.pretraining.ledger_entry import ledger_entry

CHANNELS, SIZE = 3, 32  # of CIFAR's images
GIGA = 1e9


def main() -> None:
    """Count every LoFT cell of a CIFAR run and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--params", type=Path, default=Path("params/cifar10.yaml"))
    run = read(parser.parse_args().params)
    images = run.data.train_images
    assert images is not None
    rows = ["model,workers,star,direct,minimum,direct_to_star,direct_to_minimum"]
    for model in run.models:
        for workers in run.methods.given()["loft"].workers:
            job = run.pretrain_job(model.name, f"loft-{workers}", run.seeds[0])
            sent = {}
            for aggregation in ("star", "direct"):
                options = {**job.options.model_dump(), "aggregation": aggregation}
                own = job.model_copy(update={"options": Loft.model_validate(options)})
                iterations = images // job.sgd.batch_size
                pretraining = ledger_entry(own, CHANNELS, SIZE, 10, iterations)
                sent[aggregation] = ledger.total_bytes(pretraining, PROTOCOL)
            least = least_bytes(pretraining)
            star, direct = sent["star"], sent["direct"]
            values = [f"{value / GIGA:.2f}" for value in (star, direct, least)]
            ratios = [f"{direct / star:.3f}", f"{direct / least:.3f}"]
            rows.append(",".join([model.name, str(workers), *values, *ratios]))
            print(rows[-1], flush=True)
    out = Path("results") / "ablations" / f"aggregation-{run.run}.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
