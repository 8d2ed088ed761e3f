PRETRAININGS = [
    f"{TICKETS}/{model.name}/{cell.name}/seed{seed}"
    for model in RUN.models
    for cell in RUN.cells
    for seed in RUN.seeds
]
FINETUNED = [
    f"{TICKETS}/{model.name}/{cell.name}/seed{seed}/epoch{epoch}"
    for model in RUN.models
    for cell in RUN.cells
    for seed in RUN.seeds
    for epoch in RUN.snapshots
    if RUN.finetune_ratios(cell.name, epoch)
]
METRICS = [
    f"{folder}/metrics.jsonl"
    for folder in [
        *PRETRAININGS,
        *FINETUNED,
        *expand(DENSE_COLUMN, model=[model.name for model in RUN.models], seed=RUN.seeds),
    ]
]
TARGETS["tickets"] = METRICS + [f"{p}/epoch{RUN.pretrain.epochs}/prune-{RUN.prune.ratios[0]:g}/ticket.json" for p in PRETRAININGS]
