"""Count the stopping times k_s of equation 3, which measure progress in Lemma 1 and Theorem 1.

    k_0 = 0,   k_{s+1} = min { k : k - D_i^k >= k_s for all i }

k - D_i^k is the last but one moment at which worker i and the master exchanged messages. At moment
0 the master sends a message to all workers.
"""


class StoppingTimes:
    """Counts the stopping times that have passed.

    Attributes:
        passed: s with k_s <= k < k_{s+1}.
    """

    def __init__(self, workers: int) -> None:
        self.passed = 0
        self._spoke = [1] * workers  # exchanges of each worker since k_s, k_s included
        self._lacking = workers  # number of workers with fewer than two

    def advance(self, worker: int) -> None:
        """Advance to the next moment, at which the master receives a worker's message."""
        self._spoke[worker] += 1
        if self._spoke[worker] == 2:
            self._lacking -= 1
        if not self._lacking:
            self.passed += 1
            self._lacking = len(self._spoke)
            self._spoke = [0] * len(self._spoke)
            self._spoke[worker] = 1
