"""Print a plan as text."""

import textwrap
from collections.abc import Iterable, Sequence

import yaml

from loft.tickets.planning.budget import Outcome
from loft.tickets.planning.planner import Job
from loft.tickets.planning.summary import Report

WIDTH = 100
COLUMNS = (
    *("cell", "workers", "steps", "s/step", "training", "tickets", "tuning", "devices"),
    *("sent", "paper's", "memory", "exact", "host", "disk"),
)


def to_text(report: Report) -> str:
    """Return a plan as aligned text."""
    data, seeds = report.data, report.seeds
    parts = [
        f"Plan of run '{report.run}': nothing was started.",
        f"{data.dataset}: {data.train_images:,} training and {data.test_images:,} test images of "
        f"{data.channels} x {data.size} x {data.size}, {data.classes:,} classes; "
        f"{report.iterations:,} steps an epoch",
        "",
        *_speed(report),
        "",
    ]
    for model in dict.fromkeys(job.model for job in report.jobs):
        parts += _table([j for j in report.jobs if j.model == model and j.seed == seeds[0]])
    parts += _LEGEND
    parts += ["", "Shared, so made once", *_bullets(_shared(report)), ""]
    parts += [f"Total, {_seeds(seeds)}", *_bullets(_totals(report))]
    if report.budget is not None:
        parts += ["", *_budget(report.budget)]
    return "\n".join(parts) + "\n"


def duration(seconds: float) -> str:
    """Return a time with three digits: in seconds, minutes or hours."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    if seconds < 3600:
        return f"{seconds / 60:.3g} min"
    hours = seconds / 3600
    return f"{hours:.3g} h" if hours < 100 else f"{hours:,.0f} h"


def size(count: float) -> str:
    """Return bytes with three digits, in decimal units."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def _speed(report: Report) -> list[str]:
    speed = report.speed
    lines = [f"A device: {speed.device}, computing in {speed.precision}."]
    if speed.measured:
        lines.append("Measured, a whole network's training step, median of a few:")
        rows = [
            (
                f"  {each.model}",
                f"batch {each.batch}" + f" of {each.asked}" * (each.batch < each.asked),
                f"{each.seconds:.3g} s",
                f"{each.flops / each.seconds / 1e12:.3g} TFLOP/s",
            )
            for each in speed.measured
        ]
        lines += aligned(rows)
    return [*lines, "Assumed:", *_bullets(report.assumed)]


def _table(jobs: list[Job]) -> list[str]:
    """Return the lines of a network's cells for one seed: training and fine-tuning."""
    tuned = {job.cell: job for job in jobs if job.step == "finetune"}
    trained = {job.cell: job for job in jobs if job.step != "finetune"}
    rows: list[Sequence[str]] = [COLUMNS]
    for cell in [*trained, *(cell for cell in tuned if cell not in trained)]:
        rows.append(_row(cell, trained.get(cell), tuned.get(cell)))
    return [f"{jobs[0].model}, one seed", *aligned(rows), ""]


def _row(cell: str, training: Job | None, tuning: Job | None) -> Sequence[str]:
    both = [job for job in (training, tuning) if job is not None]
    memory = both[0].memory
    measured = training is not None and training.step == "measured"
    return (
        cell + "*" * measured,
        str(both[0].workers),
        f"{both[0].steps:,}",
        f"{both[0].step_seconds:.3g}",
        duration(training.seconds) if training else "",
        str(tuning.tickets) if tuning else "",
        duration(tuning.seconds) if tuning else "",
        duration(sum(job.device_seconds for job in both)),
        size(training.table_sent) if training and training.table_sent else "",
        size(training.table_paper) if training and training.table_paper else "",
        size(memory.device),
        size(memory.exact),
        size(memory.host) if memory.host else "",
        size(sum(job.disk for job in both)),
    )


_LEGEND = textwrap.wrap(
    "training, tuning: from start to end; devices: workers times that, both together; sent: in the "
    "whole training, by this project's protocol; paper's: by its convention; memory: on the device "
    "of the neediest worker, an estimate; exact: the part that is parameters, gradients, momentum, "
    "images and what the method keeps from round to round; host: what rank 0 holds of the whole "
    "network beside; * only some steps, measured",
    WIDTH,
)


def _shared(report: Report) -> list[str]:
    return [
        each.what + (f": saves {duration(each.saved)} of devices" if each.saved else "")
        for each in report.shared
    ]


def _totals(report: Report) -> list[str]:
    totals = report.totals
    rules = ", ".join(f"{name} {count}" for name, count in report.rules.items())
    return [
        f"jobs: {sum(report.rules.values())} ({rules})",
        f"devices' time: {duration(totals.device_seconds)} (pretraining "
        f"{duration(totals.pretraining_seconds)}, fine-tuning "
        f"{duration(totals.finetuning_seconds)}"
        + f", comparing learning rates {duration(totals.rates_seconds)}"
        * bool(totals.rates_seconds)
        + f", other lengths {duration(totals.lengths_seconds)}" * bool(totals.lengths_seconds)
        + ")",
        f"least time, with as many devices as there are workers: {duration(totals.least_seconds)},"
        " the longest chain of jobs",
        f"largest job: {totals.devices} workers; most memory on a device: {size(totals.memory)}",
        f"disk: {size(totals.disk)}, and {size(totals.images)} for the run's images",
        f"sent between workers: {size(totals.sent)}",
    ]


def _budget(found: Outcome) -> list[str]:
    head = f"Budget: {duration(found.budget)} of devices; the run needs {duration(found.whole)}"
    if not found.models:
        nothing = f"not even the smallest question fits: it needs {duration(found.smallest)}"
        return [head, *_bullets([f"nothing is chosen; {nothing}"])]
    rule = (
        "rule: one seed of every comparison (LoFT-S with a baseline of S workers, 4 workers with "
        "2), then more seeds, then early tickets (Figure 5) and controls, then rows "
        "without a comparison; the part of the run that has the most of these and fits is chosen"
    )
    answers, early = found.answers, ["early tickets"] * found.early
    chosen = [
        rule,
        f"chosen: {duration(found.seconds)}, for {answers['comparisons']} comparisons of final "
        f"tickets with {_seeds(found.seeds)}, and {answers['beside']} side questions (Figure 5, "
        "controls, a seed each)",
        f"networks: {', '.join(found.models)}",
        f"cells: {', '.join([*found.cells, *found.controls, *early])}",
        f"seeds: {', '.join(map(str, found.seeds))}",
    ]
    if len(found.seeds) == 1:
        chosen.append("with one seed every verdict on accuracies will be `undecided`")
    lines = [head, *_bullets(chosen)]
    if found.left_out:
        left = duration(found.budget - found.seconds)
        lines.append(f"Left out, each for needing more than the {left} that are left:")
        lines += _bullets(
            f"{each.what}: {duration(each.seconds)}"
            + f", {', '.join(each.brings)} with it" * bool(each.brings)
            for each in found.left_out
        )
        lines.append("Change these keys of the params file, or give them in a second one:")
        lines.append("snakemake --cores all --configfile PARAMS CHANGES")
        text = yaml.safe_dump(found.changes, default_flow_style=None, sort_keys=False, width=WIDTH)
        lines += textwrap.indent(text, "    ").splitlines()
    return lines


def _seeds(seeds: Sequence[int]) -> str:
    return "1 seed" if len(seeds) == 1 else f"{len(seeds)} seeds"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows with columns of equal width, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _bullets(lines: Iterable[str]) -> list[str]:
    wrapped = (
        textwrap.wrap(line, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        for line in lines
    )
    return [line for lines in wrapped for line in lines]
