// Timelines: for each person the obligations as bars and everything else as marks, in the period that is shown.

const GUTTER = 92;
const LANE = 22;
const BAR = 13;
const APART = 19;
const LONG = 14;
const MOST_LANES = 12;
const PRINTED_PEOPLE = 40;
const POINT_LANES = ["deadline", "breach", "sanction", "referral", "entitlement", "notice"];

// The days of the log, and so much before and after it as outcomes reach; what lies farther off stands at the edge with an arrow.
const WHOLE = DATA.first === null ? null : (() => {
  const [first, last] = [startOf(DATA.first), startOf(DATA.last)];
  const reach = Math.max(7 * DAY, (last - first) / 8);
  const near = ROWS.map(momentOf).filter((time) => time >= first - reach && time <= last + reach);
  return [near.reduce((one, other) => Math.min(one, other), first), near.reduce((one, other) => Math.max(one, other), last)].map(dayOf);
})();

function shownSpan() {
  const from = state.from || WHOLE[0];
  const to = state.to || WHOLE[1];
  return [startOf(from), startOf(to < from ? from : to) + DAY];
}

function drawTimelines() {
  const box = byId("people");
  const groups = new Map();
  for (const row of filtered()) {
    if (!groups.has(row.person)) groups.set(row.person, []);
    groups.get(row.person).push(row);
  }
  const people = [...groups].sort(([one, mine], [other, theirs]) => burden(theirs) - burden(mine) || compare(personName(one), personName(other)));
  if (!people.length) return box.replaceChildren(nothing());
  state.people = Math.max(0, Math.min(state.people, Math.ceil(people.length / PEOPLE) - 1));
  const at = state.printing ? 0 : state.people * PEOPLE;
  const shown = people.slice(at, at + (state.printing ? PRINTED_PEOPLE : PEOPLE));
  const left = people.length - shown.length;
  const width = state.printing ? 1040 : Math.max(680, box.clientWidth || 1000);
  const go = (by) => { state.people += by; keepFocus(drawTimelines); byId("timeline").scrollIntoView(); };
  box.replaceChildren(...shown.map(([person, rows]) => drawPerson(person, rows, width)));
  if (left > 0 && state.printing) box.append(h("p", {}, say("people_left", { n: left })));
  if (left > 0 && !state.printing) box.append(pages(go, at, shown.length, people.length, "people_of"));
}

const burden = (rows) => rows.reduce((sum, row) => sum + (row.kind === "breach" || row.kind === "sanction" ? 1000 : row.kind === "referral" ? 10 : 1), 0);

function drawPerson(person, rows, width) {
  const [from, to] = shownSpan();
  const scale = (time) => GUTTER + ((Math.max(from, Math.min(to, time)) - from) / (to - from)) * (width - GUTTER - 18);
  const { lanes, short } = bars(rows.filter((row) => row.kind === "obligation"), scale);
  const points = POINT_LANES.map((kind) => [kind, rows.filter((row) => row.kind === kind)]).filter(([, marks]) => marks.length);
  const parts = [];
  let y = 30;
  const lane = (text, height) => {
    parts.push(s("path", { class: "lane", d: `M0 ${y + height}H${width}` }), s("text", { class: "lane-name", x: 0, y: y + 15 }, text));
    y += height;
  };
  if (lanes.length) {
    const top = y + 4;
    lane(term("obligation"), lanes.length * (BAR + 5) + 8);
    lanes.forEach((items, at) => items.forEach((row) => parts.push(bar(row, scale, top + at * (BAR + 5), from, to))));
  }
  if (short.length) {
    lane(lanes.length ? say("short_duties") : term("obligation"), LANE);
    parts.push(...clusters(short, scale, y - LANE / 2, from, to));
  }
  for (const [kind, marks] of points) {
    lane(term(kind), LANE);
    parts.push(...clusters(marks, scale, y - LANE / 2, from, to));
  }
  const name = personName(person);
  const picture = s("svg", { class: "line", viewBox: `0 0 ${width} ${y + 4}`, width, height: y + 4, role: "group", "aria-label": say("timeline_label", { name, n: rows.length }) },
    axis(from, to, scale, y), parts);
  roving(picture);
  return h("article", { class: "person", "data-person": person < 0 ? "" : DATA.people[person][0] },
    h("h3", {}, button(name, () => { state.person = state.person === person ? null : person; refresh(); }, { class: "name", "data-focus": `line-${person}` }), " ", h("span", { class: "soft" }, summary(rows))),
    h("div", { class: "wide", tabindex: width > (byId("people").clientWidth || width) ? 0 : null, role: "region", "aria-label": name }, picture));
}

function summary(rows) {
  const count = (test) => rows.filter(test).length;
  const pay = rows.reduce((sum, row) => sum + (owed(row) ? row.amount || 0n : 0n), 0n);
  const parts = [
    [count((row) => row.kind === "breach"), say("tile_breaches")],
    [count((row) => row.kind === "referral" && row.status === "opened"), say("tile_questions")],
    [count((row) => row.kind === "obligation" && isOpen(row)), say("tile_duties")],
  ].filter(([number]) => number).map(([number, word]) => `${word} ${number}`);
  if (pay) parts.push(`${say("tile_pay")} ${money(pay)}`);
  return parts.join(" · ");
}

// Long obligations in lanes, so that none covers another; those too short for a bar, and those beyond the lanes, become marks.
function bars(obligations, scale) {
  const lanes = [];
  const short = [];
  for (const row of [...obligations].sort((one, other) => startsAt(one) - startsAt(other) || endsAt(other) - endsAt(one))) {
    const [x, end] = [scale(startsAt(row)), scale(Math.max(endsAt(row), row.due || 0))];
    if (end - x < LONG) { short.push(row); continue; }
    const free = lanes.findIndex((lane) => lane.end + 3 <= x);
    if (free < 0 && lanes.length === MOST_LANES) { short.push(row); continue; }
    if (free < 0) lanes.push(Object.assign([row], { end }));
    else { lanes[free].push(row); lanes[free].end = end; }
  }
  return { lanes, short };
}

function bar(row, scale, y, from, to) {
  const [start, end, due] = [startsAt(row), endsAt(row), row.due];
  const [x, right] = [scale(start), scale(end)];
  const late = due !== null && end > due && fate(row) !== "done" && fate(row) !== "off" ? scale(due) : right;
  return s("g", { ...markAttributes([row]), class: `bar ${fate(row)}` },
    s("rect", { class: "body", x, y, width: Math.max(2, right - x), height: BAR, rx: 2 }),
    late < right ? s("rect", { class: "over", x: late, y, width: right - late, height: BAR, fill: "url(#p-late)" }) : null,
    isOpen(row) ? s("path", { class: "goes-on", d: `M${right} ${y}l6 ${BAR / 2}l-6 ${BAR / 2}Z` }) : null,
    start < from ? s("path", { class: "cut", d: `M${x + 3} ${y + 3}l-3 ${BAR / 2 - 3}l3 ${BAR / 2 - 3}` }) : null,
    due !== null && due > end && end < to ? s("path", { class: "ahead", d: `M${right} ${y + BAR / 2}H${scale(due)}` }) : null,
    due !== null && due >= from && due < to ? s("path", { class: "due", d: `M${scale(due)} ${y - 3}v${BAR + 6}` }) : null,
    right - x >= LONG ? s("g", { transform: `translate(${right - x > 70 ? x + 10 : (x + right) / 2} ${y + BAR / 2})` }, fateLine(row, -8, 16)) : null,
    right - x > 70 ? s("text", { class: "bar-name", x: x + 20, y: y + BAR - 3 }, cut(ruleId(row.shown), right - x - 26)) : null,
    tooltip([row]));
}
const cut = (text, room) => (text.length * 6.6 <= room ? text : `${text.slice(0, Math.max(1, Math.floor(room / 6.6) - 1))}…`);

// Marks that would cover one another become one, with their number.
function clusters(rows, scale, y, from, to) {
  const groups = [];
  for (const row of [...rows].sort((one, other) => momentOf(one) - momentOf(other))) {
    const x = scale(momentOf(row));
    const last = groups[groups.length - 1];
    if (last && x - last.x < APART) last.rows.push(row);
    else groups.push({ x, rows: [row] });
  }
  return groups.map(({ x, rows: some }) => {
    const worst = some.reduce((one, other) => (weight(other) > weight(one) ? other : one));
    return s("g", { ...markAttributes(some), class: "spot" },
      some.length > 1 ? null : s("rect", { class: "reach", x: x - APART / 2, y: y - LANE / 2, width: APART, height: LANE }),
      some.length > 1 ? s("circle", { class: `halo ${worst.kind} ${mood(some)}`, cx: x, cy: y, r: 9.5 }) : null,
      some.length > 1 ? s("text", { class: `count ${mood(some)}`, x, y: y + 4 }, some.length > 99 ? "99+" : some.length) : sign(worst, x, y),
      some.some((row) => momentOf(row) >= to) ? s("path", { class: "beyond", d: `M${x + 11} ${y - 4}l4 4l-4 4` }) : null,
      some.some((row) => row.kind !== "obligation" && momentOf(row) < from) ? s("path", { class: "beyond", d: `M${x - 11} ${y - 4}l-4 4l4 4` }) : null,
      tooltip(some));
  });
}

// How several marks look that share a place: filled where one of them is bad, dashed where none stands any more.
function mood(rows) {
  if (rows.some((row) => row.kind === "breach" || row.status === "missed" || ["failed", "late"].includes(fate(row)) && row.kind === "obligation")) return "bad";
  return rows.every((row) => look(row) === "hollow") ? "over" : "";
}

const markAttributes = (rows) => ({
  "data-mark": true, role: "button", "aria-label": told(rows), "data-row": rows[0].index,
  onclick: () => openDrawer(rows.map((row) => row.index)),
});
function told(rows) {
  if (rows.length > 1) return `${say("several", { n: rows.length })}, ${clock(momentOf(rows[0])).slice(0, 10)}`;
  const [row] = rows;
  return `${labelOf(row)}, ${ruleId(row.shown)}, ${clock(momentOf(row))}${row.kind === "obligation" && row.due !== null ? `, ${say("due")} ${clock(row.due)}` : ""}`;
}
const tooltip = (rows) => s("title", {}, rows.slice(0, 6).map((row) => told([row])).join("\n") + (rows.length > 6 ? "\n…" : ""));

// --- the axis --------------------------------------------------------------------------------------------------------

function axis(from, to, scale, bottom) {
  const days = Math.round((to - from) / DAY);
  const room = (scale(to) - scale(from)) / days;
  const parts = [];
  if (room >= 3) {
    for (let day = 0; day < days; day += 1) {
      const known = DATA.days[dayOf(from + day * DAY)];
      if (known && !known[0]) parts.push(s("rect", { class: "free", x: scale(from + day * DAY), y: 24, width: room, height: bottom - 24 }));
    }
  }
  const marks = ticks(from, to, room);
  const months = marks.filter(([, , strong]) => strong).map(([time]) => scale(time));
  let free = -Infinity; // where the last name of a month ends
  for (const [time, text, strong] of marks) {
    const next = months.find((x) => x > scale(time));
    const named = text && (!strong || (scale(time) >= free && !(time === from && next - scale(time) < 50)));
    if (strong && named) free = scale(time) + 50;
    parts.push(s("path", { class: strong ? "tick strong" : "tick", d: `M${scale(time)} ${strong ? 14 : 20}V${bottom}` }),
      named ? s("text", { class: "tick-name", x: scale(time) + 3, y: strong ? 11 : 22 }, text) : null);
  }
  if (CLOCK >= from && CLOCK < to) parts.push(s("path", { class: "now", d: `M${scale(CLOCK)} 20V${bottom}` }));
  return s("g", { class: "axis", "aria-hidden": "true" }, parts);
}

function ticks(from, to, room) {
  const found = [];
  const hours = room > 240 ? 3 : room > 110 ? 6 : 0;
  for (let time = from; time < to; time += DAY) {
    const day = dayOf(time);
    const first = day.endsWith("-01");
    if (first || time === from) found.push([time, day.slice(0, 7), true]);
    const number = Number(day.slice(8));
    if (room > 22 || (room > 4.5 && (number - 1) % 7 === 0 && number < 29)) found.push([time, String(number), false]);
    for (let hour = hours; hours && hour < 24; hour += hours) found.push([time + hour * 3600, `${hour}:00`, false]);
  }
  return found;
}
