"""Add command line options that steps of several studies share."""

import argparse
from collections.abc import Callable
from pathlib import Path

Step = Callable[[argparse.Namespace], None]
AddStep = Callable[[str, Step, str], argparse.ArgumentParser]


def path(to: argparse.ArgumentParser, option: str, text: str) -> None:
    """Add a required option that takes one path."""
    to.add_argument(option, type=Path, required=True, metavar="PATH", help=text)


def paths(to: argparse.ArgumentParser, option: str, text: str) -> None:
    """Add a required option that takes one path or more."""
    to.add_argument(option, type=Path, required=True, nargs="+", metavar="PATH", help=text)


def settings(to: argparse.ArgumentParser) -> None:
    """Add the option for the settings of a step, as JSON."""
    to.add_argument("--settings", required=True, metavar="JSON", help="settings of the step")


def work(to: argparse.ArgumentParser) -> None:
    """Add the option for the folder of an unfinished job's state."""
    text = "folder for the state of an unfinished job, to go on from; without it none is kept"
    to.add_argument("--work", type=Path, metavar="PATH", help=text)


def loaders(to: argparse.ArgumentParser) -> None:
    """Add the option for the number of processes that read image files."""
    text = "processes of each worker that read image files; with 0 it reads them itself"
    to.add_argument("--loaders", type=_count, default=0, metavar="N", help=text)


def processes(to: argparse.ArgumentParser) -> None:
    """Add the option for the number of figures that are drawn at a time."""
    text = "figures to draw at a time; without it as many as there are cores"
    to.add_argument("--processes", type=_one_or_more, metavar="N", help=text)


def originals(to: argparse.ArgumentParser) -> None:
    """Add the options for the manifest of original files and for the cache of their hashes."""
    text = "JSON file to write: the files that were read, with their hashes"
    to.add_argument("--originals", type=Path, metavar="PATH", help=text)
    text = "folder that remembers the hashes of files; without it all files are read again"
    to.add_argument("--cache", type=Path, metavar="PATH", help=text)


def _one_or_more(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"found {text}; expected 1 or more")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"found {text}; expected 0 or more")
    return int(text)
