"""Run SODA in real processes: rank 0 is the master, the other ranks are workers.

Processes send each other arrays of indices and values. The master takes messages in the order in
which they arrive, or in a given order, and records the order so that the simulation can repeat it.
"""

import time
from collections.abc import Iterator

import torch
from torch import Tensor

from loft.core.processes.workers import ProcessWorker
from loft.soda.algorithm import Master, Message, unpack
from loft.soda.convergence import Monitor
from loft.soda.logistic import Vector
from loft.soda.simulation import Team

END = -1  # note of the message that tells a worker to stop


def run_master(
    team: Team, workers: ProcessWorker, monitor: Monitor, start: Vector, order: Iterator[int] | None
) -> tuple[Master, list[int]]:
    """Run the master until the monitor ends the run.

    Args:
        team: what all workers share.
        workers: the job's processes, one more than the team's workers.
        monitor: measures the run; its seconds are wall-clock time.
        start: the first average.
        order: the worker to receive from next, again and again; None takes messages as they come.

    Returns:
        The master, and the workers in the order in which their messages arrived.
    """
    master, heard = team.master(start), list[int]()
    began = time.perf_counter()
    for rank in range(1, workers.size):
        monitor.count_answer(master)
        _send(workers, master.answer(), rank)
    while monitor.outcome is None:
        worker, message = _receive(workers, None if order is None else next(order) + 1)
        master.receive(worker, message)
        heard.append(worker)
        monitor.count_message(worker, message, master, time.perf_counter() - began)
        if monitor.outcome is None:
            monitor.count_answer(master)
            _send(workers, master.answer(), worker + 1)
    _end(workers, heard[-1] + 1)
    return master, heard


def run_worker(team: Team, workers: ProcessWorker, start: Vector) -> None:
    """Be a worker until the master ends it."""
    worker = team.worker(workers.rank - 1, start)
    while True:
        packet = workers.receive_packet(0)
        if packet.note == END:
            return
        w = unpack(_message(packet.note, packet.indices, packet.values), team.features)
        _send(workers, worker.update(w, w != 0), 0)


def _end(workers: ProcessWorker, idle: int) -> None:
    """Hear every worker out but the idle one, and end them all."""
    nothing = torch.empty(0, dtype=torch.int32), torch.empty(0, dtype=torch.float64)
    for rank in range(1, workers.size):
        if rank != idle:
            workers.receive_packet(rank)
        workers.send_packet(END, *nothing, rank)


def _send(workers: ProcessWorker, message: Message, to: int) -> None:
    indices = torch.empty(0, dtype=torch.int32)
    if message.indices is not None:
        indices = torch.from_numpy(message.indices.astype("int32"))
    workers.send_packet(message.entries, indices, torch.from_numpy(message.values), to)


def _receive(workers: ProcessWorker, source: int | None) -> tuple[int, Message]:
    packet = workers.receive_packet(source)
    return packet.source - 1, _message(packet.note, packet.indices, packet.values)


def _message(entries: int, indices: Tensor, values: Tensor) -> Message:
    whole = len(values) > len(indices)
    return Message(entries, None if whole else indices.numpy().astype("intp"), values.numpy())
