"""Take the worker's and the master's steps of SODA's Algorithm 1, and pack their messages.

With p = 1 the algorithm is DAve-PG. The paper's symbols:

    w, w_bar        `Master.w`, `Master.average`      pi_i    `shares[i]`
    w_i, w_i^+      `Worker.output`, before and after gamma   `step`
    M_p             drawn by `MaskSampler`            lambda_1  in `threshold` = gamma lambda_1
    Delta           returned by `Worker.update`
"""

import math
from dataclasses import dataclass

import numpy as np

from loft.soda import compiled_loops
from loft.soda.logistic import Indices, Logistic, Support, Vector

HEADER = 12  # bytes: three int32 (number of entries, lengths of both arrays)
INDEX = 4  # bytes: int32
VALUE = 8  # bytes: float64


@dataclass(frozen=True)
class Message:
    """Entries of a vector of n numbers: indices and values, or all n values if that is shorter.

    Attributes:
        entries: number of entries, which is the size of the mask or of the support.
        indices: (entries,), all different; None if all n values are sent.
        values: float64, (entries,), or (n,) with zeros at the other entries.
    """

    entries: int
    indices: Indices | None
    values: Vector

    @property
    def bytes(self) -> int:
        """Size of the message in bytes."""
        indices = 0 if self.indices is None else INDEX * len(self.indices)
        return HEADER + indices + VALUE * len(self.values)


def whole_is_shorter(entries: int, features: int) -> bool:
    """Return whether n values take no more bytes than `entries` values with their indices."""
    return entries * (INDEX + VALUE) >= features * VALUE


def message_bytes(entries: int, features: int) -> int:
    """Return the size in bytes of a message with this number of entries."""
    whole = whole_is_shorter(entries, features)
    return HEADER + (features * VALUE if whole else entries * (INDEX + VALUE))


def pack(indices: Indices, values: Vector, features: int) -> Message:
    """Return the shorter of the two possible messages for `values` at `indices`."""
    entries = len(indices)
    if not whole_is_shorter(entries, features):
        return Message(entries, indices, values)
    whole = np.zeros(features)
    whole[indices] = values
    return Message(entries, None, whole)


def unpack(message: Message, features: int) -> Vector:
    """Return the message as a vector (n,), which is zero where the message has no entry."""
    if message.indices is None:
        return message.values
    vector = np.zeros(features)
    vector[message.indices] = message.values
    return vector


def prox(point: Vector, threshold: float) -> Vector:
    """Soft-threshold a point: apply the proximity operator of `threshold` times the l1 norm."""
    shrunk: Vector = point - np.minimum(np.maximum(point, -threshold), threshold)
    return shrunk


class MaskSampler:
    """Draws masks on n entries: the support, and every other entry with probability p (2.2)."""

    def __init__(self, p: float, features: int, random: np.random.Generator) -> None:
        self._features, self._random = features, random
        self._everything = p == 1
        self._rate = math.inf if self._everything else -math.log1p(-p)
        mean = p * features
        self._enough = int(mean + 4 * math.sqrt(mean)) + 8  # draws; nearly always enough to reach n

    def draw(self, support: Support) -> Indices | None:
        """Return the entries of a new mask, the support first; None means all entries.

        Random numbers are drawn for the chosen entries only: the gaps between them are geometric,
        and an exponential variate that is rounded up is geometric.
        """
        if self._everything:
            return None
        found, last = [support.nonzero()[0]], -1
        while last < self._features:
            gaps = self._random.standard_exponential(self._enough)
            chosen, last = compiled_loops.draw_successes(gaps, self._rate, last, support)
            found.append(chosen)
        return np.concatenate(found)


class Worker:
    """A worker: its samples, its last output w_i and its random masks."""

    def __init__(self, loss: Logistic, step: float, mask: MaskSampler, start: Vector) -> None:
        self._loss, self._step, self._mask = loss, step, mask
        self.output = start.copy()

    def update(self, w: Vector, support: Support) -> Message:
        """Take a gradient step from the master's `w` on a new mask; return the change of w_i."""
        gradient = self._loss.data_gradient(w)
        kept = 1 - self._step * self._loss.lambda_2
        mask = self._mask.draw(support)
        if mask is None:
            new = kept * w - self._step * gradient
            change, self.output = new - self.output, new
            return Message(len(w), None, change)
        change = compiled_loops.masked_step(mask, w, gradient, self._step, kept, self.output)
        return pack(mask, change, len(w))


class Master:
    """The master: the average of the workers' outputs, and its proximal point w.

    Attributes:
        average: w_bar, (n,).
        w: the proximal point of the average, (n,).
        support: (n,), true where w is not zero.
    """

    def __init__(self, start: Vector, shares: Vector, threshold: float) -> None:
        self._shares, self._threshold = shares, threshold
        self.average = start.copy()
        self.w = prox(start, threshold)
        self.support: Support = self.w != 0

    def receive(self, worker: int, message: Message) -> None:
        """Add a worker's change to the average; take the proximal step on the changed entries."""
        share, where = self._shares[worker], message.indices
        if where is None:
            self.average += share * message.values
            self.w = prox(self.average, self._threshold)
            self.support = self.w != 0
            return
        changes, threshold = share * message.values, self._threshold
        compiled_loops.apply_changes(where, changes, threshold, self.average, self.w, self.support)

    def answer(self) -> Message:
        """Return w as a message with the entries of its support."""
        where = np.flatnonzero(self.support)
        return pack(where, self.w[where], len(self.w))
