// The calendar: a sheet for each month, each day with its number.

const CELL = 34;
const MONTHS = 15;
const MEASURES = ["breach", "sanction", "deadline", "referral", "obligation", "entitlement", "notice"];

function monthsBetween(first, last) {
  const months = [];
  for (let at = `${first.slice(0, 7)}-01`; at <= last; at = later(at, 31).slice(0, 7) + "-01") months.push(at.slice(0, 7));
  return months;
}

function drawCalendar() {
  const box = byId("months");
  if (!DATA.first) return box.replaceChildren(nothing());
  const months = monthsBetween(DATA.first, DATA.last);
  const pages = Math.ceil(months.length / MONTHS);
  state.years = Math.max(0, Math.min(pages - 1, state.years));
  const byDay = countByDay();
  const most = Math.max(1, ...[...byDay.values()].map((rows) => rows.length));
  box.replaceChildren(...months.slice(state.years * MONTHS, (state.years + 1) * MONTHS).map((month) => drawMonth(month, byDay, most)));
  byId("pager").replaceChildren(...(pages > 1 ? [
    button(`← ${say("earlier")}`, () => { state.years -= 1; keepFocus(drawCalendar); }, { "data-focus": "years-earlier", disabled: state.years === 0 }), " ",
    `${months[state.years * MONTHS]} – ${months[Math.min(months.length, (state.years + 1) * MONTHS) - 1]}`, " ",
    button(`${say("later")} →`, () => { state.years += 1; keepFocus(drawCalendar); }, { "data-focus": "years-later", disabled: state.years === pages - 1 })] : []));
  byId("scale").replaceChildren(h("span", {}, say("fewer")), s("svg", { viewBox: "0 0 90 16", "aria-hidden": "true", class: "scale" },
    [0, 1, 2, 3, 4].map((step) => s("rect", { class: `h${step}`, x: step * 18 + 1, y: 1, width: 16, height: 14, rx: 2 }))),
  h("span", {}, `${say("more_of")} (${most})`));
}

function countByDay() {
  const kinds = state.measure === "all" ? state.kinds : new Set([state.measure]);
  const found = new Map();
  for (const row of filtered({ dated: false, kinds })) {
    if (row.kind === "deadline" && state.measure === "deadline" && row.status !== "missed") continue;
    const day = dayOf(row.kind === "obligation" && row.due !== null ? row.due : momentOf(row));
    if (!found.has(day)) found.set(day, []);
    found.get(day).push(row.index);
  }
  return found;
}

function drawMonth(month, byDay, most) {
  const first = `${month}-01`;
  const lead = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const length = (startOf(later(first, 31).slice(0, 7) + "-01") - startOf(first)) / DAY;
  const weekOf = (number) => Math.floor((lead + number) / 7);
  const inside = (number) => { const day = later(first, number); return day >= DATA.first && day <= DATA.last; };
  const weeks = new Set(Array.from({ length }, (_, number) => number).filter(inside).map(weekOf));
  const top = Math.min(...weeks);
  const height = 22 + weeks.size * CELL;
  const days = Array.from({ length }, (_, number) => later(first, number));
  const picture = s("svg", { class: "month", viewBox: `0 0 ${CELL * 7} ${height}`, role: "group", "aria-label": month, "data-across": 7 },
    say("weekdays").split(" ").map((name, column) => s("text", { class: "weekday", x: column * CELL + CELL / 2, y: 13 }, name)),
    days.map((day, number) => (weeks.has(weekOf(number)) ? drawDay(day, (lead + number) % 7, weekOf(number) - top, byDay.get(day) || [], most) : null)));
  roving(picture);
  return h("figure", {}, h("figcaption", {}, month), picture);
}

function drawDay(day, column, week, rows, most) {
  const outside = day < DATA.first || day > DATA.last;
  const known = DATA.days[day];
  const rest = known && !known[0] && !outside;
  const level = rows.length ? Math.max(1, Math.ceil((4 * rows.length) / most)) : 0;
  const name = known ? known[1 + state.language] : "";
  const chosen = state.from && state.from <= day && day <= state.to;
  const measure = state.measure === "all" ? say("m_all") : term(state.measure);
  const told = `${day}${name ? `, ${name}` : ""}: ${rows.length} · ${measure}`;
  const [x, y] = [column * CELL + 1, 20 + week * CELL + 1];
  const cell = s("g", outside ? { class: "day outside" } : {
    class: `day${chosen ? " chosen" : ""}`, "data-mark": true, "data-day": day, "data-focus": `day-${day}`, role: "button", "aria-label": told, "aria-pressed": String(Boolean(chosen && state.from === state.to)),
    onclick: () => pickDay(day),
  },
  s("rect", { class: `h${level}`, x, y, width: CELL - 2, height: CELL - 2, rx: 3 }),
  rest ? s("rect", { class: "rest", x, y, width: CELL - 2, height: CELL - 2, rx: 3, fill: "url(#p-rest)" }) : null,
  s("text", { class: `date h${level}`, x: x + 4, y: y + 11 }, Number(day.slice(8))),
  name && !outside ? s("circle", { class: `holiday h${level}`, cx: x + CELL - 8, cy: y + 7, r: 2.5 }) : null,
  rows.length ? s("text", { class: `number h${level}`, x: x + CELL - 7, y: y + CELL - 8 }, rows.length) : null,
  s("title", {}, told));
  return cell;
}

function pickDay(day) {
  const same = state.from === day && state.to === day;
  state.from = same ? "" : day;
  state.to = same ? "" : day;
  refresh();
}
