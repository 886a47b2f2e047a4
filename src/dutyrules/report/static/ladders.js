// Positions on the ladders: steps that rise to the right, and for each person how often on which.

function drawLadders() {
  byId("ladders").hidden = !DATA.ladders.length;
  byId("steps").replaceChildren(...DATA.ladders.map(drawLadder));
}

function drawLadder(ladder) {
  const rows = new Set(filtered().map((row) => row.index));
  const people = new Map();
  for (const [person, step, outcomes] of ladder.climbs) {
    const shown = outcomes.filter((index) => rows.has(index));
    if (!shown.length) continue;
    if (!people.has(person)) people.set(person, new Map());
    people.get(person).set(step, shown);
  }
  const title = h("h3", {}, ladder.name[state.language]);
  if (!people.size) return h("div", {}, title, h("p", { class: "nothing" }, say("nobody_on_ladder")));
  const highest = (steps) => Math.max(...steps.keys());
  const climbers = [...people].sort(([one, mine], [other, theirs]) => highest(theirs) - highest(mine) || compare(personName(one), personName(other)));
  const { list, more } = first("ladder", climbers, 15);
  return h("div", {}, title, wide(h("table", { class: "ladder" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("person")), ladder.steps.map((step, level) => h("th", { scope: "col" }, stair(level, ladder.steps.length), step[state.language])), h("th", { scope: "col" }, say("ladder_now")))),
    h("tbody", {}, list.map(([person, steps]) => h("tr", {}, h("th", { scope: "row" }, personName(person)),
      ladder.steps.map((step, level) => h("td", {}, steps.has(level) ? circle(steps.get(level), level === highest(steps), step[state.language]) : null)),
      h("td", {}, ladder.steps[highest(steps)][state.language]))))), ladder.name[state.language]), more);
}

const stair = (level, levels) => s("svg", { class: "stair", viewBox: "0 0 60 26", "aria-hidden": "true" },
  s("rect", { x: 0, y: 24 - (22 * (level + 1)) / levels, width: 60, height: (22 * (level + 1)) / levels + 2 }));

function circle(indexes, now, step) {
  const told = `${step}: ${indexes.length} × (${indexes.map((index) => clock(ROWS[index].time).slice(0, 10)).join(", ")})`;
  return h("button", { type: "button", class: "circle", title: told, "aria-label": told, onclick: () => openDrawer(indexes) },
    s("svg", { viewBox: "0 0 26 26", "aria-hidden": "true" }, s("circle", { class: now ? "highest" : "", cx: 13, cy: 13, r: 11 }), s("text", { class: now ? "highest" : "", x: 13, y: 17.5 }, indexes.length)),
    h("span", { class: "soft" }, clock(ROWS[indexes[indexes.length - 1]].time).slice(5, 10)));
}
