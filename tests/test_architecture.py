"""The packages, the arrows between them, the two kinds of module, and the sizes the house keeps to."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_IMPORT = {  # package -> the first-party packages it may know
    "core": set(),
    "stores": {"core"},
    "renderers": {"core"},
    "auth": {"core"},
    "demo": {"core"},
    "gateway": {"core", "stores", "renderers", "auth"},
    "central": {"core", "renderers", "auth"},
    "cli": {"core", "stores", "renderers", "auth", "demo", "gateway", "central"},
    "bench": {"core", "stores", "renderers", "auth", "demo", "gateway", "central"},
}
NOT_PACKAGES = {"changes", "data", "docs", "tests"}

PURE = {  # pattern -> the libraries its modules may use besides the standard one
    "core/**/*.py": {"numpy", "pyproj", "cftime"},
    "renderers/**/*.py": {"numpy", "PIL", "isal"},
    "auth/*.py": {"joserfc"},
    "gateway/*/request.py": {"numpy"},
    "gateway/*/request/*.py": {"numpy", "PIL"},
    "gateway/*/report.py": set(),
    "gateway/*/capabilities.py": {"numpy"},
    "gateway/*/documents.py": {"numpy"},
}
IO = {"asyncio", "multiprocessing", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "threading", "time"}
ACTS = {"open", "print", "input", "now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes"}
SCRIPTS = {"renderers/make_palettes.py"}
"""Run by hand to make a table that is kept beside them; nothing imports them."""
OWN_DATA = {"renderers/palettes.py"}
"""Reads a table shipped inside its package, which is code in another form."""
BROAD = {"gateway/middleware.py"}
"""Where any fault of ours becomes a logged 500: the one place that may catch everything."""
SLOW = {"xarray", "netCDF4", "matplotlib"}

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


OURS = modules(*(f"{package}/**/*.py" for package in MAY_IMPORT))


def pure(pattern: str) -> list[Path]:
    return [path for path in modules(pattern) if name(path) not in SCRIPTS]


def imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the first part of every name imported; a relative import is spelled with its dots."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level if node.level else str(node.module).split(".")[0]


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def walked(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a module: many of these tests look through every one."""
    return tuple(ast.walk(parse(path)))


def test_every_folder_of_code_is_a_known_package():
    folders = {path.parent.name for path in ROOT.glob("*/*.py") if not path.parent.name.startswith(".")}
    assert folders - NOT_PACKAGES <= set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows_point_one_way(package):
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package] - {package} | {".", "..", "...", "tests"}
    wrong = {
        name(path): found for path in modules(f"{package}/**/*.py") if (found := forbidden & set(imports(walked(path))))
    }
    assert not wrong


@pytest.mark.parametrize("pattern", PURE)
def test_pure_modules_know_no_io(pattern):
    allowed = sys.stdlib_module_names - IO | set(MAY_IMPORT) | PURE[pattern]
    for path in pure(pattern):
        drawing = {"matplotlib"} if path.match("renderers/legend/*.py") else set()
        assert set(imports(walked(path))) <= allowed | drawing, name(path)


@pytest.mark.parametrize("pattern", PURE)
def test_pure_modules_ask_neither_clock_nor_disk(pattern):
    calls = {
        f"{name(path)}:{node.lineno}"
        for path in pure(pattern)
        if name(path) not in OWN_DATA
        for node in walked(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ACTS
    }
    assert not calls


def test_matplotlib_is_imported_only_inside_functions():
    found = {name(path) for path in OURS for node in _at_import(parse(path)) if "matplotlib" in imports([node])}
    assert not found


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the import statements that run when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, FUNCTION) and not (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ):
            yield from _at_import(node)


@pytest.mark.parametrize("module", ["gateway.app", "gateway.serve", "cli.main"])
def test_serving_starts_without_the_slow_libraries(module):
    code = f"import sys, {module}; print(*sorted({SLOW!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_a_unit_without_an_issuer_loads_no_cryptography():
    code = "import sys, cli.main, gateway.serve; print(*sorted({'joserfc', 'cryptography'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.mark.parametrize("module", ["cli.main", "cli.main, stores.ingest.reading, stores.ingest.scan"])
def test_a_process_that_reads_files_loads_no_server(module):
    """Each imports the command's main module, as spawned processes do, and what it is to do."""
    code = f"import sys, {module}; print(*sorted({{'aiohttp', 'pydantic', 'PIL', 'icechunk'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_only_routes_and_the_frame_of_the_gateway_know_aiohttp():
    frame = modules("gateway/http/*.py", "gateway/identity/*.py")
    inside_protocols = [path for path in modules("gateway/*/**/*.py") if path.name != "routes.py" and path not in frame]
    assert not {name(path) for path in inside_protocols if "aiohttp" in imports(walked(path))}


def test_modules_are_short():
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in OURS}
    assert not {path: size for path, size in sizes.items() if size > 300}


def test_functions_are_short():
    sizes = {
        f"{name(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in OURS
        for node in walked(path)
        if isinstance(node, FUNCTION)
    }
    assert not {function: size for function, size in sizes.items() if size > 40}


def test_nothing_is_caught_broadly():
    found = {
        f"{name(path)}:{node.lineno}"
        for path in OURS
        if name(path) not in BROAD
        for node in walked(path)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    }
    assert not found


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler swallows everything; one that cleans up and raises again does not."""
    last = handler.body[-1]
    caught = set() if handler.type is None else {ast.unparse(node) for node in ast.walk(handler.type)}
    everything = handler.type is None or caught & {"Exception", "BaseException"}
    return bool(everything) and not (isinstance(last, ast.Raise) and last.exc is None)


def test_no_module_rebinds_its_globals():
    assert not {name(path) for path in OURS for node in walked(path) if isinstance(node, ast.Global)}


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    comments = {
        f"{name(path)}:{token.start[0]}"
        for path in OURS
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type in (tokenize.COMMENT, tokenize.STRING) and later.search(token.string)
    }
    assert not comments


def test_nothing_imports_a_script():
    scripts = {script.removesuffix(".py").replace("/", ".") for script in SCRIPTS}
    statements = [
        (path, node) for path in OURS for node in walked(path) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not {name(path) for path, node in statements if scripts & set(_modules_named(node))}


def _modules_named(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return every module that a statement may load: `from a import b` may load a.b."""
    names = [alias.name for alias in node.names]
    return names if isinstance(node, ast.Import) else [str(node.module), *(f"{node.module}.{part}" for part in names)]


def test_no_module_is_named_for_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert not {name(path) for path in OURS if empty & set(path.relative_to(ROOT).with_suffix("").parts)}
