"""The vocabulary as it was read once."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files

from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.yaml_source import read_yaml
from dutyrules.vocabulary import SOURCE, read_source, read_vocabulary, vocabulary
from dutyrules.vocabulary.__main__ import main
from dutyrules.vocabulary.compiled import FILE, compiled, read_compiled

EVERY_KIND = """
fields:
  person: {type: person, also: [employee]}
  sum: money
events:
  paid:
    also: [settled]
    person: payer
    on_shift: true
    says: {en: paid, zh: 已付}
    fields:
      payer: {type: person, also: [giver]}
      sum: {default: 12.50}
      rate: {type: number, default: 3}
      count: {type: int, default: 2}
      due: {type: date, default: "2026-01-15"}
      month: {type: month, default: "2026-01"}
      kind: {type: text, values: [one, two], default: one}
      late: {type: bool, default: false}
      person:
      other: {}
"""


def folder():
    """Return the folder of the vocabulary."""
    return files("dutyrules.vocabulary")


def test_what_ships_is_up_to_date():
    """the compiled vocabulary that ships was made from the text that ships: run `python -m dutyrules.vocabulary`"""
    source = folder().joinpath(SOURCE).read_bytes()
    assert folder().joinpath(FILE).read_bytes() == compiled(read_source(source), source)


def test_it_says_what_the_text_says():
    """the vocabulary in use equals the one that its text gives, type by type and field by field"""
    assert vocabulary() == read_source(folder().joinpath(SOURCE).read_bytes())


def test_every_kind_of_default_comes_back():
    """defaults of every type come back as they were: exact sums, dates, words, numbers and flags"""
    source = EVERY_KIND.encode()
    diagnostics = Diagnostics()
    [root] = read_yaml(EVERY_KIND, "events.yaml", diagnostics)
    found = read_vocabulary(root, diagnostics)
    assert diagnostics.items == ()
    again = read_compiled(compiled(found, source), source)
    assert again == found
    fields = again.types["paid"].fields
    assert [type(fields[name].default) for name in ("sum", "rate", "count")] == [Decimal, Decimal, int]


def test_one_that_is_out_of_date_is_not_believed():
    """a compiled vocabulary made from another text is left alone, so that an edit of the text counts at once"""
    source = folder().joinpath(SOURCE).read_bytes()
    data = compiled(read_source(source), source)
    assert read_compiled(data, source) is not None
    assert read_compiled(data, source + b"\n# one more line\n") is None


def test_it_can_be_written_anew(tmp_path):
    """compiling writes the file that ships, beside the text that it is made from"""
    (tmp_path / SOURCE).write_bytes(folder().joinpath(SOURCE).read_bytes())
    main(tmp_path)
    assert (tmp_path / FILE).read_bytes() == folder().joinpath(FILE).read_bytes()
