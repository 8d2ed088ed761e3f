"""Which calls in a file could run code that the data they read bring along, or write elsewhere."""

import ast
from collections.abc import Iterator

MODULES = {  # that unpickle, whatever is called
    *("pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"),
    *("jsonpickle", "torch.hub", "torch.package", "sklearn.externals.joblib"),
}
CALLS = {
    *("torch.load", "torch.jit.load", "torch.export.load", "pandas.read_pickle", "eval", "exec"),
    *("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.unsafe_load"),
    *("yaml.unsafe_load_all", "shutil.unpack_archive"),
    *("torchvision.datasets.utils.extract_archive",),
    *("torchvision.datasets.utils.download_and_extract_archive",),
}
NUMPY = {"numpy.load", "numpy.lib.npyio.load", "numpy.lib.format.read_array"}
METHODS = {"read_pickle", "extractall", "extract"}  # of whatever object
READERS = "torchvision.datasets"  # which unpickle what they read


def unsafe(source: str) -> list[str]:
    """Return what a file does that it must not, each as "line: what"."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr)]
    found = [(node.lineno, what) for node in nodes for what in _faults(node, names)]
    return [f"{line}: {what}" for line, what in sorted(found)]


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what a file calls something, and what that is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _faults(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            base = "" if isinstance(node, ast.Import) else f"{node.module}."
            name = f"{base}{alias.name}"
            if any(f"{name}.".startswith(f"{module}.") for module in MODULES):
                yield f"import {name}"
            if f"{name}.".startswith(f"{READERS}.") and not name.startswith(f"{READERS}.folder."):
                yield f"import {name}"
    if not isinstance(node, ast.Call | ast.Attribute | ast.Name):
        return
    called = node.func if isinstance(node, ast.Call) else node
    name = _dotted(called, names)
    if isinstance(node, ast.Call):
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in NUMPY and not _is(given.get("allow_pickle"), False):
            yield f"{name} without allow_pickle=False"
        method = called.attr if isinstance(called, ast.Attribute) else ""
        if method == "read_pickle" or (method in METHODS and not _is(given.get("filter"), "data")):
            yield f"{method} without filter='data'" if method != "read_pickle" else method
    elif name in CALLS or any(name.startswith(f"{module}.") for module in MODULES):
        yield name


def _dotted(node: ast.AST, names: dict[str, str]) -> str:
    """Return the full name of what a file calls `node`, or nothing."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return ""


def _is(node: ast.AST | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value
