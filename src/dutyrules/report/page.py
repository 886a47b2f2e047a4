"""A report as one HTML file: no network, no program but its own, and nothing from the log that could become one."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dutyrules.report.payload import to_json
from dutyrules.report.totals import by_person, by_rule
from dutyrules.report.wording import LANGUAGES, Wording, own_words

if TYPE_CHECKING:
    from jinja2 import Template

    from dutyrules.report.rows import Report

LANGUAGE_TAGS: Final = {"en": "en", "zh": "zh-Hans"}
SCRIPTS: Final = ("data", "elements", "explain", "calendar", "timeline", "ladders", "lists", "main")


def to_html(report: Report, language: str) -> str:
    """Return a report as a page that starts in `en` or `zh` and can be switched to the other."""
    words = {one: Wording(report.pack, one) for one in LANGUAGES}
    start = words[language].language
    style, script = _style(), _script()
    return _template().render(
        report=report,
        start=start,
        tags=LANGUAGE_TAGS,
        words=words,
        page=own_words()["page"],
        columns=own_words()["columns"],
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - the project's own file
        script=Markup(script),  # noqa: S704 - the project's own file
        data=Markup(to_json(report, language)),  # noqa: S704 - every character that markup could be made of is escaped
        rules=by_rule(report),
        people=by_person(report),
    )


def _policy(style: str, script: str) -> str:
    """Return what the page may do: run and look as its own two files say, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("dutyrules.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


@cache
def _style() -> str:
    return f"\n{_read('report.css')}"


@cache
def _script() -> str:
    body = "\n".join(_read(f"{name}.js") for name in SCRIPTS)
    return f'\n"use strict";\n(() => {{\n{body}}})();\n'


def _read(name: str) -> str:
    return files(__package__).joinpath("static", name).read_text("utf-8").replace("\r\n", "\n")
