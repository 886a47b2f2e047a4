// The data of the page, and how it is said in the language that is switched on.

const DATA = JSON.parse(document.getElementById("data").textContent);
const DAY = 86400;
const PEOPLE = 6; // timelines on the page at a time
const KINDS = ["breach", "sanction", "referral", "obligation", "deadline", "entitlement", "notice"];

// What `payload.py` writes in the places of a row.
const ROWS = DATA.rows.map((row, index) => {
  const [id, short, kind, status, person, rule, shown, label, matter, time, since, due, late, amount, because, history, deadline, more] = row;
  return {
    index, id, short, kind: DATA.terms[kind][0], status: DATA.terms[status][0], person, rule, shown, label, matter, time, since, due,
    late: late === 1, amount: amount === null ? null : BigInt(amount), because, history, deadline, more,
  };
});

const state = {
  language: DATA.language === "zh" ? 1 : 0,
  person: null, rule: null, from: "", to: "", words: "",
  kinds: new Set(KINDS),
  measure: "breach", years: 0, page: 0, people: 0, sort: "time", down: false, open: new Set(), all: new Set(), printing: false,
};

// --- words -----------------------------------------------------------------------------------------------------------

function say(key, parts = {}) {
  const text = (DATA.words[key] || DATA.heads[key])[state.language];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in parts ? String(parts[name]) : whole));
}
const order = new Intl.Collator(undefined, { numeric: true });
const compare = (one, other) => (typeof one === "string" ? order.compare(one, other) : one - other);
const term = (word) => (DATA.reasons[word] ? DATA.reasons[word][state.language] : word);
const named = (entry) => entry[1 + state.language];
const personName = (person) => (person < 0 ? say("nobody") : named(DATA.people[person]));
const ruleId = (rule) => DATA.rules[rule][0];
const ruleSays = (rule) => DATA.rules[rule][2 + state.language];
const labelOf = (row) => DATA.labels[row.label][state.language];
const comma = () => (state.language ? "、" : ", ");

// --- times: seconds as a clock on the wall shows them ----------------------------------------------------------------

const iso = (seconds) => new Date(seconds * 1000).toISOString();
const dayOf = (seconds) => iso(seconds).slice(0, 10);
const clock = (seconds) => iso(seconds).slice(0, 19).replace("T", " ").replace(/ 00:00:00$/, " 00:00");
const startOf = (day) => Date.parse(`${day}T00:00:00Z`) / 1000;
const later = (day, days) => dayOf(startOf(day) + days * DAY);

// --- money: whole numbers of the smallest part -----------------------------------------------------------------------

function money(amount) {
  const sign = amount < 0n ? "−" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DATA.scale + 1, "0");
  const whole = digits.slice(0, digits.length - DATA.scale).replace(/\B(?=(\d{3})+$)/g, ",");
  const part = DATA.scale ? digits.slice(-DATA.scale) : "";
  return DATA.money[state.language].replace("{}", () => sign + whole + (part && /[1-9]/.test(part) ? `.${part}` : ""));
}

// --- rows ------------------------------------------------------------------------------------------------------------

// Which rows rest on a row: the other way round than `because`.
const EFFECTS = new Map();
for (const row of ROWS) {
  for (const cause of row.because) {
    if (typeof cause === "number" && cause >= 0) {
      if (!EFFECTS.has(cause)) EFFECTS.set(cause, []);
      EFFECTS.get(cause).push(row.index);
    }
  }
}

const CLOCK = DATA.asOf === null ? 0 : DATA.asOf;
const isOpen = (row) => row.status === "open";
const startsAt = (row) => (row.kind === "obligation" && row.since !== null ? Math.min(row.since, row.time) : momentOf(row));
const endsAt = (row) => (row.kind !== "obligation" ? momentOf(row) : isOpen(row) ? Math.max(CLOCK, row.time) : Math.max(row.time, row.since || 0));
// The moment a mark stands at: a deadline at the instant that it is about.
const momentOf = (row) => (row.kind === "deadline" && row.due !== null ? row.due : row.time);

// How an obligation went.
function fate(row) {
  if (row.status === "fulfilled") return row.late ? "late" : "done";
  if (row.status === "breached") return "failed";
  return row.status === "open" ? "open" : "off";
}

const VOID = new Set(["voided", "answered", "lifted", "taken", "postponed", "cancelled", "waived"]);
function look(row) {
  if (row.kind === "obligation") return fate(row);
  if (row.status === "proposed") return "proposed";
  return VOID.has(row.status) ? "hollow" : "full";
}

const SEARCHED = ROWS.map((row) =>
  [row.id, ...DATA.rules[row.shown], DATA.matters[row.matter], ...DATA.labels[row.label], row.person < 0 ? "" : DATA.people[row.person].join(" ")]
    .join("\n").toLowerCase());

// The rows that the filter lets through; `dated: false` leaves the period out.
function filtered({ dated = true, kinds = state.kinds } = {}) {
  const from = dated && state.from ? startOf(state.from) : -Infinity;
  const to = dated && state.to ? startOf(state.to) + DAY - 1 : Infinity;
  const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
  return ROWS.filter((row) =>
    kinds.has(row.kind)
    && (state.person === null || row.person === state.person)
    && (state.rule === null || row.rule === state.rule)
    && endsAt(row) >= from && startsAt(row) <= to
    && words.every((word) => SEARCHED[row.index].includes(word)));
}

// How much a row matters where only one of several can be shown.
const WEIGHT = { breach: 6, sanction: 5, referral: 4, deadline: 2, entitlement: 1, notice: 1, obligation: 2 };
const FATES = ["failed", "late", "open", "done", "off"];
const weight = (row) => WEIGHT[row.kind] + ({ missed: 3, opened: 1 }[row.status] || 0)
  + (row.kind === "obligation" ? FATES.length - FATES.indexOf(fate(row)) : 0) - (look(row) === "hollow" ? 3 : 0);
