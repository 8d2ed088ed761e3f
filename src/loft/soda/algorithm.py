"""SODA, Algorithm 1: what a worker and the master do, and the messages between them.

DAve-PG is the case p = 1. Legend of the paper's symbols:

    w, w_bar        `Master.w`, `Master.average`      pi_i    `shares[i]`
    w_i, w_i^+      `Worker.output`, before and after gamma   `step`
    M_p             what `Mask.draw` returns          lambda_1  via `threshold` = gamma lambda_1
    Delta           the `Message` that `Worker.update` returns
"""

import math
from dataclasses import dataclass

import numpy as np

from loft.soda import compiled_loops
from loft.soda.logistic import Indices, Logistic, Support, Vector

HEADER = 12  # bytes: three int32, the number of entries and both arrays' lengths
INDEX = 4  # bytes: int32
VALUE = 8  # bytes: float64


@dataclass(frozen=True)
class Message:
    """Entries of a vector of n numbers, sent as index and value arrays or, where shorter, whole.

    Attributes:
        entries: how many entries are meant, the size of the mask or of the support.
        indices: (entries,), each once; None where all n values are sent.
        values: float64, (entries,) or (n,) with zeros elsewhere.
    """

    entries: int
    indices: Indices | None
    values: Vector

    @property
    def bytes(self) -> int:
        """What it takes to send."""
        indices = 0 if self.indices is None else INDEX * len(self.indices)
        return HEADER + indices + VALUE * len(self.values)


def whole_is_shorter(entries: int, features: int) -> bool:
    """Whether all n values take fewer bytes than so many with their indices."""
    return entries * (INDEX + VALUE) >= features * VALUE


def message_bytes(entries: int, features: int) -> int:
    """Return the bytes of the message of so many entries."""
    whole = whole_is_shorter(entries, features)
    return HEADER + (features * VALUE if whole else entries * (INDEX + VALUE))


def pack(indices: Indices, values: Vector, features: int) -> Message:
    """Return the shorter message for `values` at `indices`."""
    entries = len(indices)
    if not whole_is_shorter(entries, features):
        return Message(entries, indices, values)
    whole = np.zeros(features)
    whole[indices] = values
    return Message(entries, None, whole)


def unpack(message: Message, features: int) -> Vector:
    """Return the vector that a message is, zero where it says nothing."""
    if message.indices is None:
        return message.values
    vector = np.zeros(features)
    vector[message.indices] = message.values
    return vector


def prox(point: Vector, threshold: float) -> Vector:
    """Return the proximity operator of `threshold` times the l1 norm: soft thresholding."""
    shrunk: Vector = point - np.minimum(np.maximum(point, -threshold), threshold)
    return shrunk


class MaskSampler:
    """Draws masks of n entries: the support, and each other entry with probability p (2.2)."""

    def __init__(self, p: float, features: int, random: np.random.Generator) -> None:
        self._features, self._random = features, random
        self._everything = p == 1
        self._rate = math.inf if self._everything else -math.log1p(-p)
        mean = p * features
        self._enough = int(mean + 4 * math.sqrt(mean)) + 8  # draws that nearly always reach n

    def draw(self, support: Support) -> Indices | None:
        """Return the mask's entries, those of the support first, or None for all.

        Only the chosen entries cost random numbers: the gaps between successes are geometric,
        which exponential variates are when rounded up.
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
    """One worker: its samples, its last output w_i, and its random masks."""

    def __init__(self, loss: Logistic, step: float, mask: MaskSampler, start: Vector) -> None:
        self._loss, self._step, self._mask = loss, step, mask
        self.output = start.copy()

    def update(self, w: Vector, support: Support) -> Message:
        """Take a gradient step from the master's `w` on a mask; return the change of w_i."""
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
    """The master: the average of the workers' outputs and its proximal point.

    Attributes:
        average: w_bar, (n,).
        w: the proximal point of the average, (n,).
        support: where w is not zero, (n,).
    """

    def __init__(self, start: Vector, shares: Vector, threshold: float) -> None:
        self._shares, self._threshold = shares, threshold
        self.average = start.copy()
        self.w = prox(start, threshold)
        self.support: Support = self.w != 0

    def receive(self, worker: int, message: Message) -> None:
        """Add a worker's change to the average and take the proximal step where it moved."""
        share, where = self._shares[worker], message.indices
        if where is None:
            self.average += share * message.values
            self.w = prox(self.average, self._threshold)
            self.support = self.w != 0
            return
        changes, threshold = share * message.values, self._threshold
        compiled_loops.apply_changes(where, changes, threshold, self.average, self.w, self.support)

    def answer(self) -> Message:
        """Return w as a message: its support."""
        where = np.flatnonzero(self.support)
        return pack(where, self.w[where], len(self.w))
