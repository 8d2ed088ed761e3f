"""Post-local SGD (Lin et al., 2020): Local SGD after some epochs of large-batch SGD.

In the first `synchronous` epochs the workers average after every step, which is SGD on the workers'
batches together; after that they average every `local_iterations` steps (section 3). With
`momentum: reset` the buffers start anew at every synchronisation, so the steps of these first
epochs have no momentum. The paper switches where the learning rate first decays; here the rate
falls along a cosine, and the default is half of the paper's pretraining.
"""

from __future__ import annotations

from pydantic import NonNegativeInt

from loft.core.settings.keys import key
from loft.tickets.methods.interface import Look
from loft.tickets.methods.local_sgd import LocalSgd


class PostLocalSgd(LocalSgd):
    """Averages after every step at first, and then every `local_iterations` steps."""

    look = Look("Post-local SGD", colour="#7f3c8d", mark="p")

    synchronous: NonNegativeInt = key(
        10,
        "first epochs, in which workers average after every step; 0 is Local SGD",
        unit="epochs",
        source="post-local SGD (Lin et al., 2020), section 3",
    )

    @property
    def synchronous_epochs(self) -> int:
        return self.synchronous
