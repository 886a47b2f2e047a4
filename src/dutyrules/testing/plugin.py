"""The pytest plugin that collects the scenarios beside a pack.

A YAML file is collected where it holds scenarios and lies in a folder `tests` that stands beside packs. Each scenario
is an item of its own. The ini option `dutyrules_packs` names further packs, as files or known names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dutyrules.policies.model import Pack
    from dutyrules.testing.scenario_files import Scenario
    from dutyrules.testing.scenarios import ScenarioResult

ENDINGS: Final = frozenset({".yaml", ".yml"})
_LOADED: Final = pytest.StashKey[dict[str, list["Pack"]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option."""
    parser.addini("dutyrules_packs", "packs that scenarios may belong to: files, or known names", "linelist", [])


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the place where packs are kept once they are loaded."""
    config.stash[_LOADED] = {}


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of scenarios beside a pack."""
    if file_path.suffix not in ENDINGS:
        return None
    from dutyrules.testing.collecting import holds_scenarios  # noqa: PLC0415 - nothing is loaded where there are no packs

    folder = folder_of_packs(file_path)
    if folder is None or not holds_scenarios(file_path):
        return None
    file = ScenarioFile.from_parent(parent, path=file_path)
    file.folder = folder
    return file


def folder_of_packs(path: Path) -> Path | None:
    """Return the folder with packs that the nearest `tests` above a file stands in."""
    folder = next((folder for folder in path.parents if folder.name == "tests"), None)
    return folder.parent if folder is not None and packs_in(folder.parent) else None


def packs_in(folder: Path) -> list[Path]:
    """Return the files of a folder that are meant to be packs."""
    files = (path for path in sorted(folder.iterdir()) if path.suffix in ENDINGS and path.is_file())
    return [path for path in files if "\npack:" in f"\n{path.read_text('utf-8', 'replace')}"]


class ScenarioFile(pytest.File):
    """A file of scenarios; `folder` holds the packs."""

    folder: Path

    def collect(self) -> Iterator[ScenarioItem]:
        """Give each scenario of the file."""
        from dutyrules.policies.diagnostics import render_text  # noqa: PLC0415 - as above
        from dutyrules.testing.scenario_files import BadScenarios, load_scenarios  # noqa: PLC0415 - as above

        try:
            scenarios = load_scenarios(self.path)
        except BadScenarios as error:
            text = render_text(error.diagnostics, {str(self.path): error.source})
            raise self.CollectError(text) from None
        for scenario in scenarios:
            item = ScenarioItem.from_parent(self, name=scenario.id)
            item.scenario = scenario
            yield item

    def packs(self, scenario: Scenario) -> list[Pack]:
        """Return the packs that a scenario may belong to: those beside the file, those of the ini, or a known one."""
        from dutyrules.testing.scenarios import pack_for  # noqa: PLC0415 - as above

        name = (scenario.pack or scenario.id).split("/", 1)[0]
        beside = packs_in(self.folder)
        namesake = [path for path in beside if path.stem == name]
        named = [self._place(text) for text in self.config.getini("dutyrules_packs")]
        places = [*map(str, namesake or beside), *named]
        found = [pack for place in places for pack in self._load(place)]
        return found if pack_for(scenario, found) is not None else self._load(name)

    def _place(self, text: str) -> str:
        path = self.config.rootpath / text
        return str(path) if path.is_file() else text

    def _load(self, name: str) -> list[Pack]:
        from dutyrules.policies.load import load_packs  # noqa: PLC0415 - as above

        loaded = self.config.stash[_LOADED]
        if name not in loaded:
            loaded[name] = load_packs(name)
        return loaded[name]


class ScenarioFailed(Exception):
    """A scenario did not come out as expected."""

    def __init__(self, result: ScenarioResult) -> None:
        super().__init__(str(result))


class ScenarioItem(pytest.Item):
    """One scenario."""

    scenario: Scenario

    def runtest(self) -> None:
        """Run the scenario and fail with all that is not as expected."""
        from dutyrules.testing.scenarios import pack_for, run_scenario  # noqa: PLC0415 - as above

        file = self.parent
        assert isinstance(file, ScenarioFile)  # noqa: S101 - only such a file makes this item
        pack = pack_for(self.scenario, file.packs(self.scenario))
        if pack is None:
            pytest.fail(f"no pack was found for the scenario `{self.scenario.id}`", pytrace=False)
        result = run_scenario(self.scenario, pack)
        if not result.passed:
            raise ScenarioFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - pytest's own signature
        """Show a failed scenario, or a pack that does not load, in its own words."""
        from dutyrules.policies.load import PackError  # noqa: PLC0415 - as above

        if isinstance(excinfo.value, ScenarioFailed | PackError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the scenario stands."""
        return self.path, self.scenario.place.line - 1, f"scenario {self.scenario.id}"
