"""Time contenders in turn and write the results to `results/benchmarks.json`.

Machines are noisy and change their speed, so nothing is timed alone: contenders take turns, and the
ratio within each turn counts.
"""

import contextlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from math import comb
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch

RESULTS = Path(__file__).parents[1] / "results" / "benchmarks.json"
CONFIDENCE = 0.95
PATIENCE = 20.0  # seconds that a process has to end by itself
PAUSE = 0.3  # seconds between two contenders, so that the first one's threads come to rest

Samples = dict[str, list[float]]  # contender -> seconds in each turn


@dataclass
class Result:
    """The result of one case.

    Attributes:
        case: its name.
        value: the median of the samples.
        unit: unit of the value; mostly "ratio".
        against: description of what the contender is compared with.
        samples: at least five.
        low, high: confidence interval of the median by order statistics.
        target: the target, such as ">= 0.95"; "" if there is none.
        absolute: medians of the measured values, by contender and unit.
        machine: description of the machine.
    """

    case: str
    value: float
    unit: str
    against: str
    samples: list[float]
    low: float
    high: float
    target: str
    absolute: dict[str, float]
    machine: str


def machine() -> str:
    """Describe this machine: processor, cores, native bfloat16, version of torch."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
        processor = names[0] if names else processor
    if torch.cuda.is_available():
        processor += f", {torch.cuda.get_device_name()}"
    native = "AVX512_BF16" if torch.cpu._is_avx512_bf16_supported() else "no AVX512_BF16"
    return f"{processor}, {os.cpu_count()} cores, {native}, torch {torch.__version__}"


def turns(contenders: Mapping[str, Callable[[], object]], times: int, warm: int = 1) -> Samples:
    """Call contenders in turn; return the seconds of each call after the first `warm` turns.

    The order is reversed in every second turn. A contender whose process ends is left out; a line
    says so.
    """
    seconds: Samples = {name: [] for name in contenders}
    for turn in range(warm + times):
        print(f"turn {turn + 1} of {warm + times}", file=sys.stderr, flush=True)
        for name in [*seconds][:: 1 if turn % 2 else -1]:
            time.sleep(PAUSE)
            began = time.perf_counter()
            try:
                contenders[name]()
            except LostError as error:
                print(f"{name}: left out: {error}", flush=True)
                del seconds[name]
                continue
            if turn >= warm:
                seconds[name].append(time.perf_counter() - began)
    return seconds


class LostError(Exception):
    """The process of a contender ended."""


class Apart:
    """A contender in a process of its own, which starts with given environment variables.

    A process reads such variables once, when it starts. The contender is made in its process while
    this process continues; `ready` waits for it.

    Args:
        make: makes the contender in its process.
        environment: the environment variables.
    """

    def __init__(
        self, make: Callable[[], Callable[[], object]], environment: Mapping[str, str]
    ) -> None:
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        self._pipe, theirs = (context := get_context("spawn")).Pipe()
        self._process = context.Process(target=_serve, args=(make, theirs))
        self._process.start()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        theirs.close()

    def ready(self) -> None:
        """Wait until the contender is made, or until its call has ended.

        Raises:
            LostError: its process ended.
        """
        try:
            self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise LostError(f"its process ended with status {self._process.exitcode}") from None

    def __call__(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # `ready` raises the error
            self._pipe.send(None)
        self.ready()

    def close(self) -> None:
        self._pipe.close()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


@contextlib.contextmanager
def apart(
    make: Callable[[], Callable[[], object]], environment: Mapping[str, str]
) -> Iterator[Callable[[], object]]:
    """Yield a contender in a process of its own once it is made; see `Apart`."""
    contender = Apart(make, environment)
    try:
        contender.ready()
        yield contender
    finally:
        contender.close()


@contextlib.contextmanager
def all_apart(
    makers: Mapping[str, Callable[[], Callable[[], object]]],
) -> Iterator[dict[str, Callable[[], object]]]:
    """Yield contenders that are made at the same time; a line names each one that failed."""
    started = {name: Apart(make, {}) for name, make in makers.items()}
    made: dict[str, Callable[[], object]] = {}
    try:
        for name, contender in started.items():
            try:
                contender.ready()
                made[name] = contender
            except LostError as error:
                print(f"{name}: left out: {error}", flush=True)
        yield made
    finally:
        for contender in started.values():
            contender.close()


def _serve(make: Callable[[], Callable[[], object]], pipe: Connection) -> None:
    """Call a contender whenever a message asks for it."""
    call = make()
    with contextlib.suppress(EOFError):  # the other process closed the pipe
        while True:
            pipe.send(None)
            pipe.recv()
            call()


def result(
    case: str,
    samples: list[float],
    unit: str = "ratio",
    against: str = "",
    target: str = "",
    absolute: Mapping[str, float] | None = None,
) -> Result:
    """Make a result of samples and print it."""
    low, high = interval(samples)
    made = Result(
        case=case,
        value=significant(statistics.median(samples)),
        unit=unit,
        against=against,
        samples=[significant(sample) for sample in samples],
        low=significant(low),
        high=significant(high),
        target=target,
        absolute={name: significant(value) for name, value in (absolute or {}).items()},
        machine=machine(),
    )
    print(f"{case}: {made.value} [{made.low}, {made.high}] {unit} {target}", flush=True)
    return made


def interval(samples: list[float]) -> tuple[float, float]:
    """Return the order statistics around the median with CONFIDENCE, or else the extremes."""
    ordered, below, rank = sorted(samples), 0.0, 0
    while (below := below + comb(len(ordered), rank) / 2 ** len(ordered)) < (1 - CONFIDENCE) / 2:
        rank += 1  # the binomial distribution's quantile
    return ordered[max(rank - 1, 0)], ordered[min(len(ordered) - rank, len(ordered) - 1)]


def ratios(seconds: Samples, over: str, under: str, factor: float = 1.0) -> list[float]:
    """Return the ratio of two contenders' seconds in each turn, times a factor."""
    return [
        factor * first / second for first, second in zip(seconds[over], seconds[under], strict=True)
    ]


def significant(value: float) -> float:
    """Round to four significant digits."""
    return float(np.format_float_positional(value, precision=4, fractional=False))


def keep(results: list[Result]) -> None:
    """Write results; they replace earlier results of the same cases."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    cases = {entry["case"]: entry for entry in before}
    cases.update({made.case: asdict(made) for made in results})
    text = json.dumps([cases[name] for name in sorted(cases)], indent=1) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
