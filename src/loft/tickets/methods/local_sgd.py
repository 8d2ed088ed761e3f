"""Local SGD (Stich, 2019): every worker trains the whole network, and they average now and then.

Momentum buffers stay with their worker. With one local iteration and no momentum this is
large-batch SGD.
"""

import copy
from collections.abc import Mapping

from torch import Tensor, nn

from loft.core.training.learner import Learner, recalibrate_batch_norm
from loft.tickets.methods.interface import Setup, count_parameters
from loft.tickets.methods.options import LocalSgdOptions
from loft.tickets.methods.transfer import merged, pack, unpack


class LocalSgd:
    """Averages parameters over the workers every `local_iterations` steps."""

    def __init__(self, setup: Setup) -> None:
        options: LocalSgdOptions = setup.options
        self._setup = setup
        self._learner = Learner(setup.build(), setup.sgd, setup.compute, setup.workers.device)
        state = self._learner.model.state_dict()
        self._averaged = {name: state[name] for name in merged(self._learner.model, options)}
        self.seen = self._learner.seen
        self.parameters = count_parameters(self._learner.model)
        self.order = setup.workers.rank
        self.local_iterations = options.local_iterations

    def network(self) -> nn.Module:
        return self._learner.model

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        self._learner.step(images, labels, rate)

    def synchronise(self, collect: bool) -> None:
        unpack(self._setup.workers.average(pack(self._averaged)), self._averaged)

    def global_model(self, calibrated: bool) -> nn.Module:
        model = copy.deepcopy(self._learner.model)
        if calibrated and self._setup.options.batch_norm == "recalibrate":
            precision, device = self._setup.compute.precision, self._setup.workers.device
            recalibrate_batch_norm(model, self._setup.calibration(), precision, device)
        return model

    def state(self) -> dict[str, Tensor]:
        return self._learner.state()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self._learner.load_state(state)
