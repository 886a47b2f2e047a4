// Building blocks: elements whose text is text, whatever the log holds; markup is never parsed.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick" || name === "onkeydown" || name === "onchange") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : String(child));
  }
  return node;
}
const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);
const byId = (id) => document.getElementById(id);
const button = (text, act, attributes) => h("button", { type: "button", onclick: act, ...attributes }, text);
// Goes through a long list a page at a time.
const pages = (go, at, shown, all, words) => h("p", { class: "pages" },
  button(`← ${say("previous")}`, () => go(-1), { "data-focus": `${words}-previous`, disabled: at === 0, class: "screen" }), " ",
  say(words, { from: at + 1, to: at + shown, n: all }), " ",
  button(`${say("next")} →`, () => go(1), { "data-focus": `${words}-next`, disabled: at + shown >= all, class: "screen" }));
const nothing = () => h("p", { class: "nothing" }, say("nothing"));

// The sign of a row: a shape for its kind, filled, hollow or dashed for how it stands. Its centre is at (x, y).
function sign(row, x, y) {
  const shape = look(row);
  const at = { class: `sign ${row.kind} ${shape} s-${row.status}`, transform: `translate(${x} ${y})` };
  const letter = (text) => s("text", { class: "letter", y: 4 }, text);
  switch (row.kind) {
    case "breach": return s("g", at, s("path", { d: "M-5 -5 5 5M5 -5 -5 5" }));
    case "sanction": return s("g", at, s("rect", { x: -6.5, y: -6.5, width: 13, height: 13, rx: 2 }), shape === "hollow" ? s("path", { d: "M-6.5 6.5 6.5 -6.5" }) : letter(row.amount === null ? "!" : "¥"));
    case "referral": return s("g", at, s("circle", { r: 7 }), letter(row.status === "answered" ? "✓" : "?"));
    case "entitlement": return s("g", at, s("circle", { r: 5.5 }), s("path", { d: row.status === "voided" ? "M-5 5 5 -5" : "M-3 0H3M0 -3V3" }));
    case "deadline": return s("g", at, s("path", { d: "M0 -7 7 0 0 7 -7 0Z" }), row.status === "missed" ? letter("!") : null);
    case "obligation": return s("g", at, s("rect", { x: -8, y: -5, width: 16, height: 10, rx: 2 }), fateLine(row, -8, 16));
    default: return s("g", at, s("path", { d: "M0 -7 7 6H-7Z" }));
  }
}
// What tells the fates of obligations apart without colour.
function fateLine(row, x, width) {
  switch (fate(row)) {
    case "failed": return s("path", { class: "fate", d: `M${x + width / 2 - 3} -3l6 6m0 -6l-6 6` });
    case "done": return s("path", { class: "fate", d: `M${x + width / 2 - 4} 0l3 3 5 -6` });
    case "late": return s("path", { class: "fate", d: `M${x + width / 2} -3v4m0 2v1` });
    default: return null;
  }
}
const icon = (row) => s("svg", { class: "icon", viewBox: "-9 -9 18 18", "aria-hidden": "true", focusable: "false" }, sign(row, 0, 0));

// Opens a row's explanation from wherever it is named.
const link = (row, text) => button([icon(row), " ", text || labelOf(row)], () => openDrawer([row.index]), { class: "link", "data-row": row.index });

// A group of marks of which one can be reached with the tab key and the others with the arrows.
function roving(root) {
  const marks = [...root.querySelectorAll("[data-mark]")];
  if (!marks.length) return;
  for (const mark of marks) mark.setAttribute("tabindex", "-1");
  marks[0].setAttribute("tabindex", "0");
  root.addEventListener("keydown", (event) => {
    const at = marks.indexOf(event.target.closest("[data-mark]"));
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      marks[at].dispatchEvent(new MouseEvent("click", { bubbles: true }));
      return;
    }
    const week = Number(root.dataset.across || 1);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + week, ArrowUp: at - week, Home: 0, End: marks.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = marks[Math.max(0, Math.min(marks.length - 1, to))];
    marks[at].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}
