// Why a row stands: made when somebody asks, from the row and what it rests on.

const DEEPEST = 6;
const MOST_EFFECTS = 40;

function explanation(row, { level = 3 } = {}) {
  const part = (key, ...children) => [h(`h${level}`, {}, say(key)), ...children];
  const rule = DATA.rules[row.shown];
  const says = ruleSays(row.shown);
  const deadline = row.deadline < 0 ? null : ROWS[row.deadline];
  const effects = EFFECTS.get(row.index) || [];
  return h("div", { class: "why" },
    h("p", { class: "why-title" }, icon(row), " ", h("b", {}, labelOf(row)), " ", h("code", {}, rule[0])),
    says ? h("blockquote", {}, h("p", {}, says)) : null,
    h("dl", { class: "facts" }, facts(row).map(([key, value]) => h("div", { class: key === say("id") ? "long" : null }, h("dt", {}, key), h("dd", {}, value)))),
    part("because", row.because.length ? h("ul", { class: "causes" }, causes(row, [row.index], new Set())) : h("p", {}, "–")),
    deadline ? part("account", account(deadline)) : null,
    part("history", h("ol", { class: "history" }, row.history.map(([status, time]) => h("li", {}, h("time", {}, clock(time)), " ", named(DATA.terms[status]))))),
    effects.length ? part("effects", h("ul", { class: "causes" },
      effects.slice(0, MOST_EFFECTS).map((index) => h("li", {}, link(ROWS[index]), " ", h("span", { class: "soft" }, `${personName(ROWS[index].person)} · ${ruleId(ROWS[index].shown)}`))),
      effects.length > MOST_EFFECTS ? h("li", {}, say("set_aside_more", { n: effects.length - MOST_EFFECTS })) : null)) : null);
}

function facts(row) {
  const rule = DATA.rules[row.shown];
  const people = (list) => list.map(personName).join(comma());
  const { asks, lacks, by, nature, bounds } = row.more;
  return [
    [say("person"), personName(row.person)],
    [say("time"), clock(row.time)],
    row.since !== null && [say("since"), clock(row.since)],
    row.due !== null && [say("due"), clock(row.due)],
    row.amount !== null && [say("amount"), money(row.amount)],
    bounds && [say("bounds"), bounds[state.language]],
    nature && [say("nature"), named(DATA.terms[nature[0]])],
    asks && [say("asks"), people(asks)],
    by && [say("by"), people(by)],
    lacks && [say("lacks"), lacks.map((one) => DATA.lacks[one][state.language]).join(comma())],
    [say("clause"), rule[1] || "–"],
    [say("matter"), h("code", {}, DATA.matters[row.matter])],
    rule[4] && [say("rule_place"), h("code", {}, rule[4])],
    [say("id"), h("code", {}, row.id)],
  ].filter(Boolean);
}

// What a row rests on, down to the events; what was shown once is only named again.
function causes(row, above, seen) {
  return row.because.map((cause) => {
    if (typeof cause === "string") return h("li", {}, h("code", {}, cause), " ", h("span", { class: "soft" }, say("not_in_log")));
    if (cause < 0) return h("li", { class: "event" }, eventLine(DATA.events[-1 - cause]));
    const one = ROWS[cause];
    const again = above.includes(cause) || seen.has(cause) || above.length > DEEPEST;
    seen.add(cause);
    return h("li", {}, link(one), " ", h("span", { class: "soft" }, `${ruleId(one.shown)} · ${clock(one.time)}`),
      ruleSays(one.shown) ? h("div", { class: "said" }, ruleSays(one.shown)) : null,
      again ? h("span", { class: "soft" }, say("already_shown"))
        : one.because.length ? h("ul", {}, causes(one, [...above, cause], seen)) : null);
  });
}

function eventLine([id, type, person, time, place, fields]) {
  return [
    h("span", { class: "tag" }, say("event")), " ", time === null ? "" : h("time", {}, clock(time)), " ",
    person < 0 ? "" : h("b", {}, personName(person)), " ", named(DATA.types[type]), " ", h("code", {}, DATA.types[type][0]),
    fields.length ? h("div", { class: "fields" }, fields.map(([name, value]) => h("span", {}, `${named(DATA.fields[name])}: `, h("b", {}, value)))) : null,
    h("div", { class: "soft" }, h("code", {}, id), ` · ${say("place")} `, h("code", {}, place)),
  ];
}

// What was counted up to a deadline and what was passed over: a strip of spans, and under it the same in words.
function account(deadline) {
  const ledger = deadline.more.ledger ? DATA.ledgers[deadline.more.ledger[0]] : null;
  const due = deadline.due === null ? say("no_deadline") : `${say("due")} ${clock(deadline.due)}`;
  const line = h("p", {}, icon(deadline), " ", h("b", {}, due), `, ${named(DATA.terms.find((one) => one[0] === deadline.status))}`);
  if (!ledger) return line;
  const start = String(ledger.start || ledger.origin || "");
  const entries = ledger.entries || [];
  return h("div", { class: "account" }, line,
    start ? h("p", {}, say("account_line", { start: wallText(start), duration: ledger.duration[state.language] })) : null,
    h("ul", { class: "ledger" }, entries.map((one) => h("li", { class: one.entry === "counted" ? "counted" : "skipped" },
      h("span", { class: "mark", "aria-hidden": "true" }, one.entry === "counted" ? "✓" : "–"),
      h("b", {}, term(one.entry)), " ", h("time", {}, one.from === one.to ? wallText(one.from) : `${wallText(one.from)} – ${wallText(one.to)}`),
      " ", h("span", {}, holidayName(one))))));
}
const wallText = (text) => String(text).slice(0, 19).replace("T", " ");
function holidayName(entry) {
  const name = (state.language ? entry.name : entry.name_en || entry.name) || "";
  return name ? `${term(entry.reason)}${state.language ? "：" : ": "}${name}` : term(entry.reason);
}

// --- the drawer ------------------------------------------------------------------------------------------------------

let trail = [];
let asked = null; // what had the focus before the drawer opened

function openDrawer(indexes) {
  const drawer = byId("drawer");
  if (!drawer.open) {
    trail = [];
    asked = document.activeElement;
    drawer.showModal();
  }
  trail.push(indexes);
  showDrawer();
}

function showDrawer() {
  const indexes = trail[trail.length - 1];
  const body = byId("drawer-body");
  byId("back").hidden = trail.length < 2;
  byId("drawer-title").textContent = indexes.length > 1 ? say("several", { n: indexes.length }) : say("explanation");
  body.replaceChildren(indexes.length > 1 ? several(indexes) : explanation(ROWS[indexes[0]]));
  body.scrollTop = 0;
  body.focus({ preventScroll: true });
  mark(indexes.length > 1 ? "" : ROWS[indexes[0]].short);
}

const MOST_SEVERAL = 200;
function several(indexes) {
  const rows = indexes.slice(0, MOST_SEVERAL).map((index) => ROWS[index]);
  return h("ul", { class: "several" }, rows.map((row) => h("li", {}, link(row), h("div", { class: "soft" },
    `${clock(momentOf(row))} · ${personName(row.person)} · ${ruleId(row.shown)}`), h("div", { class: "said" }, ruleSays(row.shown)))),
  indexes.length > MOST_SEVERAL ? h("li", {}, say("set_aside_more", { n: indexes.length - MOST_SEVERAL })) : null);
}

// The address of what is shown, so that it can be passed on.
function mark(id) {
  try { history.replaceState(null, "", id ? `#${id}` : location.pathname + location.search); } catch { /* a viewer without addresses */ }
}

function readyDrawer() {
  const drawer = byId("drawer");
  byId("close").addEventListener("click", () => drawer.close());
  byId("back").addEventListener("click", () => { trail.pop(); showDrawer(); });
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
  drawer.addEventListener("close", () => {
    byId("drawer-body").replaceChildren();
    mark("");
    if (asked && asked.isConnected) asked.focus({ preventScroll: true });
  });
}
