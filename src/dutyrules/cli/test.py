"""`dutyrules test`: the worked examples of packs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli.inputs import fail, load_every_pack
from dutyrules.cli.progress import stepping

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack
    from dutyrules.testing.scenario_files import Scenario
    from dutyrules.testing.scenarios import ScenarioResult


class Format(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"


def command(
    packs: Annotated[list[str], typer.Argument(metavar="PACK...", help="A file, or the name of a known pack.")],
    scenarios: Annotated[
        list[Path] | None,
        typer.Option("--scenarios", help="Files or folders of scenarios; by default `tests` beside the pack."),
    ] = None,
    only: Annotated[str, typer.Option("--only", help="Run only scenarios whose id contains this.")] = "",
    format: Annotated[Format, typer.Option("--format", help="How results are written.")] = Format.TEXT,  # noqa: A002 - the option's name
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the scenarios that pass, too.")] = False,
) -> None:
    """Run the scenarios of packs; exit status 1 if one fails."""
    from dutyrules.testing.scenarios import is_elsewhere, pack_for, run_scenario

    loaded = [pack for name in packs for pack in load_every_pack(name)]
    found = [(one, pack_for(one, loaded)) for one in _scenarios(packs, scenarios) if only in one.id]
    found = [(one, None if pack is not None and is_elsewhere(one, pack) else pack) for one, pack in found]
    chosen = [(one, pack) for one, pack in found if pack is not None]
    if not chosen:
        fail("no scenarios were found", hint="name their file or folder with `--scenarios`")
    results = [run_scenario(one, pack) for one, pack in stepping(chosen, "scenarios")]
    if format is Format.JSON:
        _write_json(results)
    else:
        _write_text(results, loaded, verbose=verbose)
        _tell_left_out([one for one, pack in found if pack is None])
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _scenarios(names: list[str], places: list[Path] | None) -> list[Scenario]:
    """Return the scenarios that were named, or those beside the packs, in the order of files."""
    from dutyrules.policies.diagnostics import render_text
    from dutyrules.testing.collecting import scenario_files, scenarios_beside
    from dutyrules.testing.scenario_files import BadScenarios, load_scenarios

    missing = next((place for place in places or () if not place.exists()), None)
    if missing is not None:
        fail(f"there is no `{missing}`")
    files = scenario_files(places) if places else [file for name in names for file in scenarios_beside(name)]
    try:
        return [one for file in dict.fromkeys(files) for one in load_scenarios(file)]
    except BadScenarios as error:
        sources = {error.diagnostics[0].place.file: error.source}
        fail(render_text(error.diagnostics, sources).rstrip("\n"))


def _tell_left_out(scenarios: list[Scenario]) -> None:
    if scenarios:
        names = ", ".join(sorted({f"`{one.pack or one.id.split('/')[0]}`" for one in scenarios}))
        typer.echo(f"left out: {len(scenarios)} scenarios of other packs ({names})", err=True)


def _write_json(results: list[ScenarioResult]) -> None:
    import msgspec

    documents = [
        {
            "id": result.scenario.id,
            "title": result.scenario.title,
            "passed": result.passed,
            "failures": [
                {
                    "message": failure.message,
                    "file": failure.place.file,
                    "line": failure.place.line,
                    "came": list(failure.near),
                }
                for failure in result.failures
            ],
        }
        for result in results
    ]
    typer.echo(msgspec.json.format(msgspec.json.encode(documents)).decode())


def _write_text(results: list[ScenarioResult], packs: list[Pack], *, verbose: bool) -> None:
    from dutyrules.testing.expectations import local_id, norm_ids

    for result in results:
        if not result.passed:
            typer.echo(f"FAILED {result}\n")
        elif verbose:
            typer.echo(f"passed {result.scenario.id} {result.scenario.title}".rstrip())
    passed = sum(result.passed for result in results)
    expected = sum(len(result.scenario.expect) for result in results)
    typer.echo(
        f"{len(results)} scenarios, {expected} expectations: {passed} scenarios passed, {len(results) - passed} failed"
    )
    for pack in packs:
        norms = norm_ids(pack)
        named = {local_id(norm, pack) for result in results for norm in _named(result)} & norms
        typer.echo(
            f"{pack.prefix.rstrip('/')}: {len(named)} of {len(norms)} rules, tiers and needs named by a scenario"
        )


def _named(result: ScenarioResult) -> set[str]:
    return {one.norm for one in result.scenario.expect} | set(result.scenario.exercises)
