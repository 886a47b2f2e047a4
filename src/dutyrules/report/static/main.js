// The filter, the language, printing, and the order in which all is drawn.

// After a change of the filter everything begins with its first page.
function refresh() {
  state.page = 0;
  state.people = 0;
  redraw();
}

function redraw() {
  keepFocus(drawAll);
}

// What had the focus is made anew when all is drawn: its successor has the same name.
function keepFocus(act) {
  const name = document.activeElement && document.activeElement.dataset.focus;
  act();
  const next = name && document.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  if (next) next.focus({ preventScroll: true });
}

function drawAll() {
  const rows = filtered();
  byId("shown").textContent = say("shown", { n: rows.length, all: ROWS.length });
  drawControls();
  drawTiles(rows);
  drawLegend();
  drawCalendar();
  drawTimelines();
  drawTotals(rows);
  drawLadders();
  drawQuestions(rows);
  drawList(rows);
  drawNotUsed();
}

// --- the filter ------------------------------------------------------------------------------------------------------

const options = (select, pairs) => select.replaceChildren(...pairs.map(([value, text]) => h("option", { value }, text)));

// The choices depend on the language alone.
function drawChoices() {
  const persons = [...new Set(ROWS.map((row) => row.person))].filter((person) => person >= 0);
  persons.sort((one, other) => compare(personName(one), personName(other)));
  options(byId("f-person"), [["", say("all_people")], ...persons.map((person) => [person, personName(person)])]);
  const rules = [...new Set(ROWS.map((row) => row.rule))].sort((one, other) => compare(ruleId(one), ruleId(other)));
  options(byId("f-rule"), [["", say("all_rules")], ...rules.map((rule) => [rule, `${ruleId(rule)} ${ruleSays(rule).slice(0, 40)}`])]);
  const months = DATA.first ? monthsBetween(DATA.first, DATA.last) : [];
  options(byId("f-period"), [["", say("all_time")], ...months.map((one) => [one, one]), ["own", say("own_days")]]);
  options(byId("f-measure"), [...MEASURES.map((kind) => [kind, kind === "deadline" ? say("missed") : term(kind)]), ["all", say("m_all")]]);
  byId("f-words").placeholder = say("words_hint");
}

function drawControls() {
  byId("f-person").value = state.person === null ? "" : state.person;
  byId("f-rule").value = state.rule === null ? "" : state.rule;
  const months = DATA.first ? monthsBetween(DATA.first, DATA.last) : [];
  const month = months.find((one) => state.from === `${one}-01` && state.to === later(later(`${one}-01`, 31).slice(0, 7) + "-01", -1));
  byId("f-period").value = month || (state.from || state.to ? "own" : "");
  for (const [name, value] of [["f-from", state.from], ["f-to", state.to]]) {
    const input = byId(name);
    input.min = DATA.first || "";
    input.max = DATA.last || "";
    if (input.value !== value) input.value = value;
  }
  for (const day of document.querySelectorAll(".day-field")) day.hidden = byId("f-period").value !== "own";
  byId("f-measure").value = state.measure;
  byId("f-clear").disabled = state.person === null && state.rule === null && !state.from && !state.to && !state.words && state.kinds.size === KINDS.length;
}

const SAMPLE = { status: "", more: {}, amount: 1n, late: false };
function drawLegend() {
  const kind = (name) => h("label", {}, h("input", { type: "checkbox", "data-kind": name, "data-focus": `kind-${name}`, onchange: () => { if (!state.kinds.delete(name)) state.kinds.add(name); refresh(); } }),
    icon({ ...SAMPLE, kind: name, status: { obligation: "open", deadline: "set", referral: "opened", sanction: "imposed" }[name] || "" }), " ", term(name));
  const fates = [["open", "k_open", false], ["fulfilled", "k_done", false], ["fulfilled", "k_late", true], ["breached", "k_failed", false], ["waived", "k_off", false]];
  byId("legend").replaceChildren(...KINDS.map(kind), h("span", { class: "fates" }, h("b", {}, term("obligation")), " ",
    fates.map(([status, words, late]) => h("span", {}, icon({ ...SAMPLE, kind: "obligation", status, late }), say(words)))), h("span", { class: "soft" }, say("legend_full")));
  for (const box of byId("legend").querySelectorAll("input")) box.checked = state.kinds.has(box.dataset.kind);
}

function clear() {
  Object.assign(state, { person: null, rule: null, from: "", to: "", words: "", kinds: new Set(KINDS) });
  byId("f-words").value = "";
  refresh();
}

function readyFilters() {
  const number = (value) => (value === "" ? null : Number(value));
  const on = (id, event, act) => byId(id).addEventListener(event, act);
  on("filters", "submit", (event) => event.preventDefault());
  on("f-person", "change", (event) => { state.person = number(event.target.value); refresh(); });
  on("f-rule", "change", (event) => { state.rule = number(event.target.value); refresh(); });
  on("f-period", "change", (event) => {
    const month = event.target.value;
    if (month === "own") { state.from = state.from || DATA.first || ""; state.to = state.to || DATA.last || ""; }
    else { state.from = month && `${month}-01`; state.to = month && later(later(`${month}-01`, 31).slice(0, 7) + "-01", -1); }
    refresh();
  });
  on("f-from", "change", (event) => { state.from = event.target.value; if (state.to < state.from) state.to = state.from; refresh(); });
  on("f-to", "change", (event) => { state.to = event.target.value; if (state.to && (!state.from || state.from > state.to)) state.from = DATA.first < state.to ? DATA.first : state.to; refresh(); });
  let waiting = 0;
  on("f-words", "input", (event) => { clearTimeout(waiting); waiting = setTimeout(() => { state.words = event.target.value.trim(); refresh(); }, 150); });
  on("f-measure", "change", (event) => { state.measure = event.target.value; drawCalendar(); });
  on("f-clear", "click", clear);
}

// --- language, printing, size ----------------------------------------------------------------------------------------

function switchTo(language) {
  state.language = language === "zh" ? 1 : 0;
  document.documentElement.dataset.language = language;
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = `${document.querySelector(`h1 [lang="${document.documentElement.lang}"]`).textContent} · ${say("title")}`;
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const choice of document.querySelectorAll("[data-language-choice]")) choice.setAttribute("aria-pressed", String(choice.dataset.languageChoice === language));
  drawChoices();
  refresh();
  if (byId("drawer").open) showDrawer();
}

function readyPage() {
  for (const choice of document.querySelectorAll("[data-language-choice]")) choice.addEventListener("click", () => switchTo(choice.dataset.languageChoice));
  byId("print").addEventListener("click", () => window.print());
  const printing = (now) => { state.printing = now; redraw(); };
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
  let width = window.innerWidth;
  let waiting = 0;
  window.addEventListener("resize", () => {
    if (state.printing || window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => keepFocus(drawTimelines), 150);
  });
}

function openNamed() {
  const name = location.hash.slice(1);
  const row = name && ROWS.find((one) => one.short === name);
  if (row) openDrawer([row.index]);
}

readyFilters();
readyDrawer();
readyPage();
switchTo(DATA.language);
openNamed();
window.addEventListener("hashchange", openNamed);
