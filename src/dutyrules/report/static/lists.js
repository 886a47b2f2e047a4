// What is read and not looked at: sums, totals, questions, the list of all outcomes.

const PAGE = 100;
const PRINTED = 1000;

// A table that may be wider than the screen.
const wide = (table, name) => h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": name }, table);

// The first entries of a list, and a button for the rest.
function first(name, list, most) {
  if (list.length <= most || state.all.has(name)) return { list, more: null };
  return { list: list.slice(0, most), more: h("p", { class: "more" }, button(say("show_all", { n: list.length }), () => { state.all.add(name); redraw(); })) };
}

// --- sums ------------------------------------------------------------------------------------------------------------

// As in `totals.py`: what is voided or proposed is in no sum, and what is forfeited stands as an entitlement voided.
const owed = (row) => row.kind === "sanction" && row.status === "imposed" && !row.more.lost;
const received = (row) => row.kind === "entitlement" && row.status !== "voided";

function totals(rows, keyOf) {
  const found = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!found.has(key)) found.set(key, { key, breaches: 0, missed: 0, sanctions: 0, to_pay: 0n, entitlements: 0, to_receive: 0n, questions: 0, open_duties: 0, voided: 0 });
    const total = found.get(key);
    if (row.kind === "breach") total.breaches += 1;
    if (row.kind === "deadline" && row.status === "missed") total.missed += 1;
    if (row.kind === "sanction" && row.status === "imposed") total.sanctions += 1;
    if (row.kind === "sanction" && row.status === "voided") total.voided += 1;
    if (owed(row)) total.to_pay += row.amount || 0n;
    if (received(row)) { total.entitlements += 1; total.to_receive += row.amount || 0n; }
    if (row.kind === "referral" && row.status === "opened") total.questions += 1;
    if (row.kind === "obligation" && isOpen(row)) total.open_duties += 1;
  }
  return [...found.values()];
}

function drawTiles(rows) {
  const [sum] = totals(rows, () => "") ;
  const all = sum || { breaches: 0, missed: 0, sanctions: 0, to_pay: 0n, to_receive: 0n, questions: 0, open_duties: 0, voided: 0 };
  const tiles = [
    ["tile_breaches", all.breaches, "breach"], ["tile_missed", all.missed, "deadline"], ["tile_pay", money(all.to_pay), "sanction", all.voided ? say("of_that_voided", { n: all.voided }) : ""],
    ["tile_receive", money(all.to_receive), "entitlement"], ["tile_questions", all.questions, "referral"], ["tile_duties", all.open_duties, "obligation"],
  ];
  byId("tiles").replaceChildren(...tiles.map(([key, value, kind, note]) => h("div", { class: `tile ${kind}`, "data-tile": key }, h("dt", {}, say(key)), h("dd", {}, value), note ? h("dd", { class: "soft" }, note) : null)));
}

const COUNTS = ["breaches", "missed", "sanctions", "to_pay", "entitlements", "to_receive", "questions", "open_duties"];
const MONEY = new Set(["to_pay", "to_receive"]);
const DRAWN = new Set(["breaches", "to_pay"]);

function drawTotals(rows) {
  byId("by-person").replaceChildren(totalsTable("person", totals(rows, (row) => row.person), (key) => [personName(key), ""], (key) => { state.person = state.person === key ? null : key; }));
  byId("by-rule").replaceChildren(totalsTable("rule", totals(rows, (row) => row.rule), (key) => [ruleId(key), ruleSays(key)], (key) => { state.rule = state.rule === key ? null : key; }));
}

function totalsTable(head, found, words, pick) {
  if (!found.length) return nothing();
  const most = {};
  for (const name of DRAWN) most[name] = found.reduce((top, total) => (Number(total[name]) > top ? Number(total[name]) : top), 0);
  const rank = (total) => Number(total.to_pay) / (most.to_pay || 1) + total.breaches / (most.breaches || 1) + total.questions / 1e6;
  found.sort((one, other) => rank(other) - rank(one) || compare(words(one.key)[0], words(other.key)[0]));
  const used = COUNTS.filter((name) => found.some((total) => total[name]));
  const { list, more } = first(head, found, state.printing ? Infinity : 12);
  const cell = (total, name) => h("td", { class: "figure" },
    DRAWN.has(name) && most[name] ? s("svg", { class: "gauge", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { class: name, width: (100 * Number(total[name])) / most[name], height: 6 })) : null,
    !total[name] ? "–" : MONEY.has(name) ? money(total[name]) : total[name]);
  return h("div", {}, wide(h("table", { class: "totals" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say(head)), used.map((name) => h("th", { scope: "col", class: "figure" }, DATA.heads[name][state.language])))),
    h("tbody", {}, list.map((total) => {
      const [name, says] = words(total.key);
      return h("tr", {}, h("th", { scope: "row" }, button(name, () => { pick(total.key); refresh(); }, { class: "name", "data-focus": `${head}-${total.key}` }), says ? h("span", { class: "said" }, says) : null), used.map((each) => cell(total, each)));
    }))), say(head)), more);
}

// --- open questions --------------------------------------------------------------------------------------------------

function drawQuestions(rows) {
  const groups = new Map();
  for (const row of rows.filter((one) => one.kind === "referral" && one.status === "opened")) {
    const key = row.more.lacks ? `lacks ${row.more.lacks}` : `row ${row.index}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  const { list, more } = first("questions", [...groups.values()], state.printing ? 100 : 20);
  byId("open-questions").replaceChildren(list.length ? h("ul", { class: "cards" }, list.map(questionCard)) : nothing(), more || "");
}

function questionCard(rows) {
  const [row] = rows;
  const { asks, lacks, bounds } = row.more;
  const people = [...new Set(rows.map((one) => personName(one.person)))];
  const rules = [...new Set(rows.map((one) => ruleId(one.shown)))];
  const listed = (names) => names.slice(0, 6).join(comma()) + (names.length > 6 ? ` +${names.length - 6}` : "");
  return h("li", {},
    h("p", {}, rows.length > 1 ? button([icon(row), " ", `${rows.length} × ${labelOf(row)}`], () => openDrawer(rows.map((one) => one.index)), { class: "link" }) : link(row)),
    h("p", {}, h("b", {}, listed(people)), ` · ${listed(rules)}`),
    rules.length === 1 ? h("p", { class: "said" }, ruleSays(row.shown)) : null,
    h("p", { class: "soft" }, [
      asks && `${say("asks")} ${asks.map(personName).join(comma())}`, bounds && `${say("bounds")} ${bounds[state.language]}`,
      lacks && `${say("lacks")} ${lacks.map((one) => DATA.lacks[one][state.language]).join(comma())}`, clock(row.time).slice(0, 10),
    ].filter(Boolean).join(" · ")));
}

// --- all outcomes ----------------------------------------------------------------------------------------------------

const SORTS = {
  time: (row) => row.time, person: (row) => personName(row.person), rule: (row) => ruleId(row.shown), outcome: (row) => labelOf(row), due: (row) => row.due || 0,
};

function drawList(rows) {
  if (!rows.length) return byId("outcomes").replaceChildren(nothing());
  const key = SORTS[state.sort];
  const sorted = state.sort === "time" && !state.down ? rows : [...rows].sort((one, other) => (state.down ? -1 : 1) * (compare(key(one), key(other)) || one.index - other.index));
  const size = state.printing ? PRINTED : PAGE;
  state.page = Math.max(0, Math.min(state.page, Math.ceil(rows.length / PAGE) - 1));
  const at = state.printing ? 0 : state.page * PAGE;
  const shown = sorted.slice(at, at + size);
  const head = (name) => h("th", { scope: "col", "aria-sort": state.sort === name ? (state.down ? "descending" : "ascending") : null },
    button([say(name), h("span", { "aria-hidden": "true" }, state.sort === name ? (state.down ? " ▼" : " ▲") : "")], () => { state.down = state.sort === name && !state.down; state.sort = name; state.page = 0; keepFocus(() => drawList(filtered())); }, { class: "sort", "data-focus": `sort-${name}`, title: say("sort_by", { name: say(name) }) }));
  const go = (by) => { state.page += by; keepFocus(() => drawList(filtered())); byId("list").scrollIntoView(); };
  byId("outcomes").replaceChildren(
    wide(h("table", { class: "outcomes" },
      h("thead", {}, h("tr", {}, Object.keys(SORTS).map(head), h("th", { scope: "col" }, h("span", { class: "unseen" }, say("explain"))))),
      shown.map((row) => h("tbody", { "data-row": row.index }, outcomeRows(row)))), say("list")),
    pages(go, at, shown.length, rows.length, "page_of"),
    state.printing && rows.length > shown.length ? h("p", {}, say("print_cut", { n: rows.length - shown.length })) : "");
}

function outcomeRows(row) {
  const open = state.open.has(row.index);
  const toggle = () => {
    if (!state.open.delete(row.index)) state.open.add(row.index);
    keepFocus(() => document.querySelector(`tbody[data-row="${row.index}"]`).replaceChildren(...outcomeRows(row)));
  };
  const main = h("tr", {},
    h("td", {}, h("time", {}, clock(row.time))), h("th", { scope: "row" }, personName(row.person)),
    h("td", {}, h("code", {}, ruleId(row.shown)), h("span", { class: "said" }, ruleSays(row.shown))),
    h("td", { class: "label" }, icon(row), " ", labelOf(row)),
    h("td", {}, row.due === null ? "" : [h("span", { class: "narrow" }, `${say("due")} `), h("time", {}, clock(row.due))]),
    h("td", {}, button(open ? "−" : "+", toggle, { class: "expand", "data-focus": `row-${row.index}`, "aria-expanded": String(open), "aria-label": `${say("explain")}: ${labelOf(row)}`, title: say("explain") })));
  return open ? [main, h("tr", { class: "detail" }, h("td", { colspan: 6 }, explanation(row)))] : [main];
}

// --- what was not used -----------------------------------------------------------------------------------------------

function drawNotUsed() {
  byId("not-used").hidden = !DATA.notUsed.length;
  const { list, more } = first("not-used", DATA.notUsed, 20);
  byId("set-aside").replaceChildren(wide(h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("event")), h("th", { scope: "col" }, say("code")), h("th", { scope: "col" }, say("reason")))),
    h("tbody", {}, list.map(([what, code, reason]) => h("tr", {}, h("td", {}, h("code", {}, what)), h("td", {}, code), h("td", {}, reason))))), say("set_aside")), more || "");
}
