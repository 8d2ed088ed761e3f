"""The stopping times k_s of equation 3, by which Lemma 1 and Theorem 1 measure progress.

    k_0 = 0,   k_{s+1} = min { k : k - D_i^k >= k_s for all i }

k - D_i^k is the last but one moment at which worker i and the master spoke; at moment 0 the master
speaks to all of them.
"""


class StoppingTimes:
    """Counts the stopping times that have passed.

    Attributes:
        passed: s, such that k_s <= k < k_{s+1}.
    """

    def __init__(self, workers: int) -> None:
        self.passed = 0
        self._spoke = [1] * workers  # moments since k_s, it included
        self._lacking = workers  # those with fewer than two

    def heard(self, worker: int) -> None:
        """Go on to the moment at which the master hears from a worker."""
        self._spoke[worker] += 1
        if self._spoke[worker] == 2:
            self._lacking -= 1
        if not self._lacking:
            self.passed += 1
            self._lacking = len(self._spoke)
            self._spoke = [0] * len(self._spoke)
            self._spoke[worker] = 1
