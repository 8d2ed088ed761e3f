"""Measure the paper's statements, with their conditions, on problems with known constants.

Lines of kind "convergence" hold Theorems 1 to 4, "stability" Theorem 5, "bound" the bounds for
generalised linear models and for sparse conflicts, and "mechanism" the effect of mechanisms on
Definitions 1 and 2.
"""

from pathlib import Path

import numpy as np
import torch

from loft.core.reporting.metrics import Journal
from loft.core.seeding import stream, torch_seed
from loft.diversity.glm import CURVED, Array, Glm, conflict_bound, diversity_bound, draw_problem
from loft.diversity.gradient_diversity import exact_diversity
from loft.diversity.jobs import StatementsJob
from loft.diversity.mechanisms import DropConnect, Mechanism, Qsgd, Sgld, induced_diversity
from loft.diversity.rounding import short
from loft.diversity.settings import StatementsSettings
from loft.diversity.stability import measure_stability
from loft.diversity.theorems import THEOREMS, draw_case, run_case

BEYOND = 100.0  # delta of a batch for which no theorem promises anything
MECHANISMS: dict[str, Mechanism] = {
    "dropconnect": DropConnect(0.5),
    "sgld": Sgld(0.2),  # rows have length 1
    "qsgd": Qsgd(1),
}
DIFFERENTIAL = ("dropconnect", "sgld")  # the mechanisms that raise Definition 2 (section 3)
SPARSE = 0.02  # share of the entries of w that a sample touches


def run(job: StatementsJob, metrics: Path) -> None:
    """Measure every statement and write the lines."""
    own = job.statements
    tried = {"deltas": [0.0, *own.deltas, BEYOND], "stability_batches": own.stability.batches}
    journal = Journal({"step": "statements", **tried})
    _convergence(job.statements, job.seed, journal)
    _stability(job.statements, job.seed, journal)
    _bounds(job.statements, job.seed, journal)
    _mechanisms(job.statements, job.seed, journal)
    journal.write(metrics)


def _convergence(settings: StatementsSettings, seed: int, journal: Journal) -> None:
    for number, theorem in enumerate(THEOREMS):
        random = stream("diversity-theorem", seed, number)
        asked = draw_case(theorem, settings.samples, settings.features, settings.epsilon, random)
        for delta in (0.0, *settings.deltas, BEYOND):
            batch = asked.batch(delta)
            draws = stream("diversity-theorem-draws", seed, number, batch)
            found = run_case(asked, batch, settings.repetitions, draws)
            journal.add(
                "convergence",
                theorem=theorem,
                delta=delta,
                batch=batch,
                largest_batch=short(min(asked.most, 1e12)),
                bound=short(asked.problem.bound),
                step=short(asked.step),
                updates=found.updates,
                promised=None if delta == BEYOND else short(asked.promised(delta)),
                epsilon=short(asked.epsilon),
                inside=found.farthest <= asked.radius,
                attained=short(found.attained.tolist()),
            )


def _stability(settings: StatementsSettings, seed: int, journal: Journal) -> None:
    own = settings.stability
    updates = own.samples * own.passes  # T
    count = own.samples + settings.repetitions + own.fresh
    random = stream("diversity-stability", seed)
    whole = draw_problem("logistic", count, settings.features, settings.features, 0.2, random)
    step = own.step * 2 / CURVED["logistic"]  # beta of each f_i: its row has length 1
    bound = Glm("logistic", whole.rows[: own.samples], whole.targets[: own.samples]).bound
    for times in (0.0, *own.batches):
        batch = max(1, round(times * bound))
        given = own.samples, step, batch, updates, settings.repetitions
        found = measure_stability(whole, *given, seed=int(random.integers(2**31)))
        journal.add(
            "stability",
            batch=batch,
            step=short(step),
            updates=updates,
            least_bound=short(bound),
            bound=short(found.bound),
            distances=short(found.distances.tolist()),
            gaps=short(found.gaps.tolist()),
        )


def _bounds(settings: StatementsSettings, seed: int, journal: Journal) -> None:
    """Compare both bounds with the smallest B and B(w, w') over many weights."""
    random = stream("diversity-bounds", seed)
    n, features = settings.samples, settings.features
    problem = draw_problem("logistic", n, features, features, 0.2, random)
    wide = (n, max(features, round(2 / SPARSE)))
    touched = random.random(wide) < SPARSE
    touched[np.arange(n), random.integers(wide[1], size=n)] = True
    sparse = random.standard_normal(wide) * touched
    sparse_problem = Glm("squares", sparse, random.standard_normal(n))
    for name, given, bound in (
        ("generalised linear model", problem, problem.bound),
        ("sparse conflicts", sparse_problem, conflict_bound(touched)),
    ):
        w = 3 * random.standard_normal((2, settings.draws, given.rows.shape[1]))
        slopes = given.all_slopes(w[0])
        for definition, found in ((1, slopes), (2, slopes - given.all_slopes(w[1]))):
            least = float(diversity_bound(found, given.rows).min())
            about = {"case": name, "definition": definition, "weights": settings.draws}
            journal.add("bound", **about, bound=short(bound), least=short(least))


def _mechanisms(settings: StatementsSettings, seed: int, journal: Journal) -> None:
    """Compare closed forms with draws for B <= n and for B > n."""
    random = stream("diversity-mechanisms", seed)
    features = settings.features
    problem = draw_problem("logistic", settings.samples, features, features, 0.2, random)
    start, other = np.zeros((1, features)), random.standard_normal((1, features))
    near = problem.optimum()[None] + 1e-3  # gradients nearly cancel
    sets = {
        (1, "start"): _rows(problem, problem.all_slopes(start)),
        (1, "optimum"): _rows(problem, problem.all_slopes(near)),
        (2, "pair"): _rows(problem, problem.all_slopes(start) - problem.all_slopes(other)),
    }
    generator = torch.Generator().manual_seed(torch_seed("diversity-mechanisms", seed))
    for (definition, where), rows in sets.items():
        plain = exact_diversity([rows])
        for name, mechanism in MECHANISMS.items():
            if definition == 2 and name not in DIFFERENTIAL:
                continue
            squares, together = [], []
            for _ in range(settings.draws):
                drawn = exact_diversity([mechanism.draw(rows, generator)])
                squares.append(drawn.squares)
                together.append(drawn.together)
            measured = plain.samples * float(np.mean(squares)) / float(np.mean(together))
            journal.add(
                "mechanism",
                mechanism=name,
                definition=definition,
                weights=where,
                samples=plain.samples,
                bound=short(plain.bound),
                expected=short(induced_diversity(mechanism, rows).bound),
                drawn=short(measured),
                draws=settings.draws,
            )


def _rows(problem: Glm, slopes: Array) -> torch.Tensor:
    return torch.from_numpy(slopes[0][:, None] * problem.rows)
