"""Checking before a run that this machine's processor computes its networks rightly."""

from loft.core.data.dimensions import image_shape
from loft.core.system.devices import visible
from loft.core.training.processor import check_processor
from loft.tickets.pretraining.setup import trained
from loft.tickets.run.params import Run

CLASSES = 10  # when images have not been listed yet; a network's linear layer has so many outputs


def run(run: Run) -> None:
    """Check all networks of all methods, where they would be trained on CPUs.

    Tickets are checked when they are fine-tuned: until then their widths are not known.

    Raises:
        UserError: the processor computes a network wrongly.
    """
    if visible():
        return
    image = image_shape(run.data)
    for model in run.models:
        jobs = [run.pretrain_job(model.name, cell.name, run.seeds[0]) for cell in run.cells]
        networks = [network for job in jobs for network in trained(job, image, CLASSES)]
        check_processor(networks, image, run.compute)
