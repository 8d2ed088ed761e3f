"""Check before a run that this machine's processor computes its networks correctly."""

from loft.core.data.dimensions import image_shape
from loft.core.system.devices import visible
from loft.core.training.processor import check_processor
from loft.tickets.pretraining.setup import trained_networks
from loft.tickets.run.run import Run

CLASSES = 10  # outputs of a network's linear layer, while images have not been listed yet


def run(run: Run) -> None:
    """Check the networks of all methods, if they will be trained on CPUs.

    Tickets are checked when they are fine-tuned, because their widths are not known before.

    Raises:
        UserError: the processor computes a network incorrectly.
    """
    if visible():
        return
    image = image_shape(run.data)
    for model in run.models:
        jobs = [run.pretrain_job(model.name, cell.name, run.seeds[0]) for cell in run.cells]
        networks = [network for job in jobs for network in trained_networks(job, image, CLASSES)]
        check_processor(networks, image, run.compute)
