"""The one list of diagnostic codes; `docs/diagnostics/` has a page for each."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class CodeInfo:
    """A code's short title, what it means in one sentence, and whether it keeps a pack from loading."""

    title: str
    summary: str
    severity: str = "error"


def _warning(title: str, summary: str) -> CodeInfo:
    return CodeInfo(title, summary, "warning")


CODES: Final[dict[str, CodeInfo]] = {
    # the file and its YAML
    "DR101": CodeInfo(
        "not readable as YAML", "the text breaks off, or an indentation, bracket or quotation mark does not fit"
    ),
    "DR102": CodeInfo(
        "indentation that is not of spaces", "YAML indents with ordinary spaces only, not with tabs or wide spaces"
    ),
    "DR103": CodeInfo("key written twice", "a mapping has each key once"),
    "DR104": CodeInfo(
        "anchor or alias", "`&name` and `*name` have no place in a pack: what is read is what is written"
    ),
    "DR105": CodeInfo("tag or directive", "`!name` and `%NAME` have no place in a pack: a pack is plain data"),
    "DR106": CodeInfo("merge key", "`<<` has no place in a pack: what is read is what is written"),
    "DR107": CodeInfo("key that is no text", "a key is a plain text, not a list, a mapping or nothing"),
    "DR108": CodeInfo("nested too deeply", "a pack nests at most 32 levels"),
    "DR109": CodeInfo("file too large", "a pack file has at most 2 MiB"),
    "DR110": CodeInfo("text too long", "one text has at most 64 KiB"),
    "DR111": CodeInfo("too many values", "a pack file has at most 200,000 keys and values"),
    "DR112": CodeInfo("number too long", "a number has at most 30 digits"),
    "DR113": CodeInfo(
        "character that cannot be seen",
        "control characters, invisible ones and those that turn the direction of the text are refused",
    ),
    "DR114": CodeInfo("not UTF-8", "a pack file is written in UTF-8"),
    "DR115": CodeInfo("nothing in the file", "the file holds no pack"),
    "DR116": CodeInfo("pack not found", "no file and no known pack has this name, or it cannot be read"),
    "DR117": CodeInfo("several packs in one file", "one pack was wanted, and the file holds more"),
    # the shape of a pack
    "DR201": CodeInfo("unknown key", "the language has no such key here"),
    "DR202": CodeInfo("missing key", "a key that this place needs is not there"),
    "DR203": CodeInfo(
        "value of another shape", "a text, number, list or mapping is wanted and something else stands there"
    ),
    "DR204": CodeInfo("word that is not offered", "only certain words may stand here"),
    "DR205": CodeInfo("empty value", "a value is wanted and nothing stands there"),
    "DR206": CodeInfo("unknown language version", "this version of the pack language is not supported"),
    "DR207": CodeInfo("unknown time zone", "the time zone database has no such name"),
    "DR208": CodeInfo("unknown calendar or currency", "no calendar or currency has this name"),
    "DR209": CodeInfo("not a duration", "a duration is a whole number and a unit"),
    "DR210": CodeInfo("not a time of day", "a time of day is written `HH:MM`"),
    "DR211": CodeInfo("not a date", "a date is written `YYYY-MM-DD`, a season `MM-DD to MM-DD`"),
    "DR212": CodeInfo("not an instant", "the text says no point in time that the language knows"),
    "DR213": CodeInfo("not a period", "the text says no period that the language knows"),
    "DR214": CodeInfo("not a fact", "the text is no pattern of a fact"),
    "DR215": CodeInfo("not a bearer", "the text names neither a field with a person nor an office"),
    "DR216": CodeInfo("not a name", "a name has letters, digits and certain marks"),
    "DR217": CodeInfo("keys that exclude one another", "only one of these keys may stand here"),
    "DR218": CodeInfo("key that needs another", "this key means nothing without another one"),
    "DR219": CodeInfo("key out of place", "this key has no meaning in this kind of rule"),
    "DR220": CodeInfo("number out of range", "the number is too small or too large here"),
    "DR221": CodeInfo("not a sum", "the text is no sum of money"),
    "DR222": CodeInfo("seasons that do not fit", "the seasons overlap or leave days out"),
    "DR223": CodeInfo("faulty shift or hours", "the entry does not say when the shift or the hours begin and end"),
    "DR224": CodeInfo("dated values out of order", "each date stands once, with a value that applies from it"),
    # names
    "DR301": CodeInfo("unknown event type", "the vocabulary and the pack have no such event type"),
    "DR302": CodeInfo("unknown field", "the event or record has no such field"),
    "DR303": CodeInfo("unknown record", "the pack declares no such record"),
    "DR304": CodeInfo("unknown rule", "the pack has no rule with this id"),
    "DR305": CodeInfo("unknown name", "the name stands for nothing that can be read here"),
    "DR307": CodeInfo("unknown function", "the language has no such function"),
    "DR308": CodeInfo("unknown season, shift or hours", "the pack declares no such season, shift or hours"),
    "DR309": CodeInfo("unknown parameter", "the pack declares no such parameter"),
    "DR310": CodeInfo("unknown step", "no ladder has such a step"),
    "DR311": CodeInfo("rule of the wrong kind", "the named rule is not of the kind that is wanted here"),
    "DR312": CodeInfo("name declared twice", "the name is declared twice, or could mean two things"),
    "DR313": CodeInfo("reserved name", "the language uses this name itself"),
    "DR314": CodeInfo("unknown pack to start from", "the pack named by `extends` cannot be found or loaded"),
    "DR315": CodeInfo("overlay without a ground", "an overlay changes something that the other pack does not have"),
    "DR316": CodeInfo("unknown part", "a part of a pack is named that it does not have, or that cannot be read"),
    # expressions
    "DR401": CodeInfo("not an expression", "the text cannot be read as an expression"),
    "DR402": CodeInfo("construct that is not offered", "expressions have no such construct"),
    "DR403": CodeInfo("values that cannot be compared", "the two sides are of different types"),
    "DR404": CodeInfo("value that cannot be reckoned with", "arithmetic needs numbers"),
    "DR405": CodeInfo("condition without a truth value", "a condition must be true or false"),
    "DR406": CodeInfo("wrong number of arguments", "the function takes another number of arguments"),
    "DR407": CodeInfo("argument of the wrong type", "the function takes an argument of another type"),
    "DR408": CodeInfo("expression too large", "an expression is at most so long and so deep"),
    "DR409": CodeInfo("figure too large", "a number or text in an expression is too long"),
    "DR410": CodeInfo("value that a field never has", "the comparison can never be true"),
    "DR411": CodeInfo("word without a meaning here", "`act`, `this` or a period stands where there is none"),
    "DR412": CodeInfo("sum that is no number", "a sum of money must be a number"),
    "DR413": CodeInfo("instant that is no time", "a date or time is wanted"),
    # rules
    "DR501": CodeInfo("rules in a circle", "rules set one another off in a circle"),
    "DR502": CodeInfo("counts or values in a circle", "counts, values or records rest on one another in a circle"),
    "DR503": CodeInfo("nobody is bound", "the rule does not say who, and the trigger names no person"),
    "DR504": CodeInfo("not exactly one consequence", "a rule has exactly one consequence"),
    "DR505": CodeInfo("rule in two choices", "a rule stands in one choice at most"),
    "DR506": CodeInfo("tiers that do not fit", "tiers overlap or leave a number out"),
    "DR507": CodeInfo("obligation without an act", "an obligation says what fulfils it"),
    "DR508": CodeInfo(
        "trigger without the matter", "the trigger does not carry what would tell which matter it belongs to"
    ),
    "DR510": CodeInfo("faulty ladder", "the steps of a ladder do not fit together"),
    "DR511": CodeInfo("nothing in common", "outcomes of the named rule do not have what `same` names"),
    "DR512": CodeInfo("order of unknown needs", "`in_order` names something that the rule does not need"),
    "DR513": CodeInfo("outcome without a rank", "a choice compares an act or step that `severity` does not list"),
    "DR514": CodeInfo("rests on too much", "what rests on what is limited: so many in a row, so many in all"),
    # logs, by themselves
    "DR601": CodeInfo("not JSON", "each line of a log is one JSON object in UTF-8"),
    "DR602": CodeInfo("not an object", "an event is a JSON object"),
    "DR603": CodeInfo("event too large", "an event has at most a million characters and 20 levels"),
    "DR604": CodeInfo("key written twice in an event", "an object has each key once"),
    "DR605": CodeInfo("event without a part", "an event has an id, a type and a time"),
    "DR606": CodeInfo("part of an event of the wrong kind", "id, type and subject are texts, data is an object"),
    "DR607": CodeInfo("faulty time", "the time of an event is an instant with its offset from UTC"),
    "DR608": CodeInfo("event of an unknown type", "neither the vocabulary nor the pack knows the type"),
    "DR609": CodeInfo("field of the wrong type", "the vocabulary says of what type each field is"),
    "DR610": CodeInfo("word that a field does not have", "the vocabulary lists the words that the field may have"),
    "DR611": CodeInfo("log that cannot be read", "the file breaks off or cannot be opened"),
    "DR612": CodeInfo("row that does not fit", "the row of the table cannot be made into an event"),
    # events against what else is known
    "DR620": CodeInfo("id used twice", "two different events have the same id"),
    "DR621": CodeInfo("duty not to be told", "the roster does not tell to which duty the event belongs"),
    "DR622": CodeInfo("ruling without one question", "a ruling answers exactly one open question"),
    "DR623": CodeInfo("ruling out of bounds", "the sum lies outside what the rule allows"),
    "DR624": CodeInfo("event from too long ago", "what it would change has been let go"),
    "DR625": CodeInfo("rule without firm ground", "what a rule does undoes the ground on which it does it"),
    "DR626": CodeInfo("finding without a rule", "the code of a finding names no rule that a person can find broken"),
    "DR627": CodeInfo("correction of nothing", "the event that is corrected or withdrawn has not come"),
    "DR628": CodeInfo("corrections in a circle", "events correct or withdraw one another, and none that happened"),
    # mappings and scenarios
    "DR640": CodeInfo("faulty mapping", "the file that maps a table to events cannot be followed"),
    "DR650": CodeInfo("faulty scenario", "the scenario file is not of the shape that a scenario has"),
    # matchers
    "DR660": CodeInfo("condition beyond the matcher", "the matcher in use cannot express the condition exactly"),
    # warnings
    "DR701": _warning("missing translation", "`says` lacks one of the pack's languages"),
    "DR702": _warning("declared and never used", "nothing reads this"),
    "DR703": _warning("sanction on a vague deadline", "no clock runs, so the sanction only ever follows a finding"),
    "DR704": _warning(
        "value that changes inside a period", "the rule measures a period inside which a parameter changes"
    ),
    "DR705": _warning("parameter without a value", "what rests on it stays undecidable until a value is given"),
    "DR706": _warning("money without a legal nature", "every sum says what it is in law"),
    "DR707": _warning("rule without words", "the rule does not say what it demands"),
    "DR708": _warning("bearer that is declared nowhere", "the name is no field here, and no office under `roles`"),
    "DR709": _warning("event that brings itself about", "an event that a rule adds can set the same rule off again"),
    "DR720": _warning(
        "condition that stays native", "it looks beyond one event, so the matcher in use leaves it alone"
    ),
}
