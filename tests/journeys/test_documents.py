"""What the documents show runs as it stands, and what can be set or typed is documented."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from cli.main import parser
from core.crs import OFFERED
from core.problem import Kind
from gateway.app import make_app
from gateway.config.file import Config, load
from gateway.http import statuses
from gateway.wms.report import CODES
from gateway.wms.request.formats import InfoFormat
from gateway.wms.request.operation import Operation
from renderers.images import Format

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for number, block in enumerate(pattern.findall(document.read_text())):
            yield f"{document.relative_to(ROOT)}-{number}", block


@pytest.mark.journey
@pytest.mark.parametrize(("name", "block"), [pytest.param(*found, id=found[0]) for found in blocks(PYTHON)])
def test_python_in_the_documents_runs(name, block, served, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # The documents speak of the demonstration; the small sea stands in for it.
    block = block.replace("physics/thetao", "sea/thetao").replace("http://localhost:8080", served.address.rstrip("/"))
    scope = {"unit": served.address.rstrip("/"), "store_path": str(served.source.parent / "store" / "sea")}
    exec(compile(block, name, "exec"), scope)
    assert len(scope) > 2


@pytest.mark.parametrize(("name", "block"), [pytest.param(*found, id=found[0]) for found in blocks(YAML)])
def test_configurations_in_the_documents_are_valid(name, block, tmp_path):
    (tmp_path / "unit.yaml").write_text(block)
    assert load(tmp_path / "unit.yaml").datasets, name


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = re.findall(r"(gateway\.config\.\w+)\.(\w+)", repr(field.annotation))
        if not inner:
            yield prefix + name
            continue
        kind = repr(field.annotation)
        step = "[]." if kind.startswith("list") else ".NAME." if kind.startswith("dict") else "."
        yield from keys(getattr(import_module(inner[0][0]), inner[0][1]), prefix + name + step)


def test_every_configuration_key_is_documented():
    text = (ROOT / "docs/configuration.md").read_text()
    missing = [key for key in keys(Config) if f"`{key}`" not in text]
    assert not missing


def test_every_option_of_the_command_line_is_documented():
    text = (ROOT / "docs/command-line.md").read_text()
    (commands,) = (action for action in parser()._actions if action.dest == "command")
    for name, command in commands.choices.items():
        assert f"halocline {name}" in text
        for action in command._actions:
            for option in action.option_strings:
                assert option in ("-h", "--help") or f"`{option}`" in text, (name, option)


def rows(document: str) -> dict[str, list[str]]:
    """Return the rows of all tables by their first cell, without the marks of code."""
    lines = [line for line in (ROOT / document).read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells}


def test_every_address_is_documented_and_answered():
    written = {address for first in rows("docs/protocols.md") for address in first.split(", ") if address[:1] == "/"}
    assert written == {route.resource.canonical for route in make_app(Config()).router.routes()}


def test_the_readme_lists_the_addresses_that_people_type():
    text = (ROOT / "README.md").read_text()
    doors = ("/", "/wms", "/wms/DATASET", "/thredds/ncss/grid/DATASET", "/kml/DATASET/VARIABLE.kml", "/health")
    assert not [path for path in (*doors, "/metrics") if f"`{path}`" not in text]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_refusal_is_documented_with_its_codes_and_statuses(kind):
    (code, status), (older, _) = CODES["1.3.0"][kind], CODES["1.1.1"][kind]
    assert rows("docs/protocols.md")[kind] == [str(status), code or "", older or "", str(statuses.STATUS[kind])]


@pytest.mark.parametrize("offered", [*get_args(Operation), *get_args(Format), *get_args(InfoFormat)])
def test_every_operation_and_format_is_documented(offered):
    assert f"`{offered}`" in (ROOT / "docs/protocols.md").read_text()


@pytest.mark.parametrize("system", OFFERED)
def test_every_reference_system_is_documented(system):
    assert system in (ROOT / "docs/protocols.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target
