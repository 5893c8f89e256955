"""One thing, one name: a public name of streams and metrics stands for one thing, but for those listed here."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
COMMAND = "a command of cxb has the name of what it does"
OWN_PACE = "each loop has its own pace, and says so where it runs"
WITH_MODULE = "always written with its module, which says of what"
API = "what the API takes or answers, named after what it describes"
DELIBERATE = {
    "Department": "one of the registry, and the id of one as a parameter of a route",
    "ViewOption": "the choice of a view, as an option of a command and as a parameter of a route",
    "app": "the Typer application of a command's module",
    "Count": API,
    "Index": API,
    "Instant": API,
    "OwnerChange": API,
    "Problem": API,
    "RegistryVersion": API,
    "RejectedRow": API,
    "ReportSection": API,
    "Statement": "what a client sends to the embedded store, and what a file of the store holds",
    "statement": "reads a Statement, in the embedded store and of the store",
    "install": "each patches the driver of its own module, when the worker starts",
    "FIRST_PAUSE_S": OWN_PACE,
    "POLL_S": OWN_PACE,
    "FORMATS": WITH_MODULE,
    "WORKER": "the environment of cxb up's worker, and the command that starts one",
    "Handler": "an aiohttp handler, in two servers that do not import each other",
    "Row": "one row of whatever the module reads or prints",
    "as_json": WITH_MODULE,
    "compute": WITH_MODULE,
    "fold": WITH_MODULE,
    "history": WITH_MODULE,
    "load": WITH_MODULE,
    "logger": "each module logs under its own name",
    "main": "where a program begins",
    "read": WITH_MODULE,
    "rows": WITH_MODULE,
    "run": WITH_MODULE,
    "serve": WITH_MODULE,
    "show": COMMAND,
    "write": WITH_MODULE,
    "alertmanager": COMMAND,
    "balances": COMMAND,
    "gateway": COMMAND,
    "governance": COMMAND,
    "migrate": COMMAND,
    "plan": COMMAND,
    "publish": COMMAND,
    "rebuild": COMMAND,
    "redrive": COMMAND,
    "registry": COMMAND,
    "scorecards": COMMAND,
    "worker": COMMAND,
}
"""Names that stand in more than one module, and why that misleads nobody."""

DIALECT = {"told", "asked"}
"""Names that say how a value came and not what it is."""


def is_type_variable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"


def defined(source: str) -> Iterator[str]:
    """The public names that a module defines; a type variable is only a letter in the signatures of its module."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not is_type_variable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))


def shared() -> dict[str, set[str]]:
    modules: defaultdict[str, set[str]] = defaultdict(set)
    for package in ("streams", "metrics"):
        for path in (PROJECT / package).rglob("*.py"):
            for name in defined(path.read_text()):
                modules[name].add(path.relative_to(PROJECT).as_posix())
    return {name: paths for name, paths in modules.items() if len(paths) > 1}


def test_no_public_name_stands_for_two_things() -> None:
    new = {name: sorted(paths) for name, paths in shared().items() if name not in DELIBERATE}
    assert new == {}, "rename one of each, or say under DELIBERATE why that misleads nobody"


def locals_of(source: str) -> Iterator[str]:
    """The names that a module gives to values and parameters, wherever, but for the fields of classes."""
    tree = ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    fields = {id(node.target) for owner in classes for node in owner.body if isinstance(node, ast.AnnAssign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


@pytest.mark.parametrize("package", ["streams", "metrics", "tests", "bench", "deploy"])
def test_a_local_name_says_what_the_value_is(package: str) -> None:
    wrong = {
        path.relative_to(PROJECT).as_posix(): sorted(names)
        for path in (PROJECT / package).rglob("*.py")
        if (names := DIALECT.intersection(locals_of(path.read_text())))
    }
    assert wrong == {}


def test_a_local_name_is_seen_wherever_it_is_given() -> None:
    source = "def f(a, *, b): c = 1\nd: int = [e for e in ()]\nwith x as g: h.i = lambda j: j\nclass K: told: int = 0"
    assert sorted(locals_of(source)) == ["a", "b", "c", "d", "e", "g", "j"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("A = 1\n_B = 2\nC: int = 3", ["A", "C"]),
        ("def f(): ...\nclass D: ...\nasync def g(): ...", ["f", "D", "g"]),
        ('T = TypeVar("T")\nx.y = 1', []),
    ],
)
def test_the_names_of_a_module_are_what_it_defines(source: str, names: list[str]) -> None:
    assert list(defined(source)) == names
