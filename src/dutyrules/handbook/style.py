"""The style of the HTML handbook."""

from __future__ import annotations

from typing import Final

CSS: Final = """\
:root { --ink: #1c1c1a; --soft: #55554f; --rule: #d9d6cd; --tint: #f5f3ec; --link: #0b4a8f; --force: #8a1f11; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: #fff; color: var(--ink); line-height: 1.6;
  font: 16px/1.6 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
body:lang(zh) { font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.5rem; border-bottom: 2px solid var(--ink); padding-bottom: .2rem; margin: 2.2rem 0 .8rem; }
h3 { font-size: 1.2rem; margin: 2rem 0 .6rem; }
h4, h5, h6 { font-size: 1em; margin: 0; }
section > h4 { margin: 1.2rem 0 .4rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
code { font: .86em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; color: var(--soft);
  overflow-wrap: anywhere; }
a code { color: inherit; }
nav h2 { border: 0; font-size: 1.1rem; margin: 1rem 0 .3rem; }
nav ul { margin: 0; padding-left: 1.2rem; }
nav > ul { columns: 3 14rem; padding-left: 1rem; }
nav > ul > li { break-inside: avoid; }
article { border-top: 1px solid var(--rule); padding: .8rem 0 1rem; display: grid; gap: .2rem 1.6rem;
  grid-template-columns: minmax(12rem, 3fr) 7fr; }
article > h4, article > h5, article > h6 { grid-column: 1 / -1; font-weight: 600; }
article h4 code, article h5 code, article h6 code { color: var(--ink); font-size: 1em; }
.kind { font-size: .8em; font-weight: 500; border: 1px solid var(--soft); border-radius: 3px; padding: 0 .4em;
  margin-left: .3em; color: var(--soft); white-space: nowrap; }
.prohibition .kind, .sanction .kind { color: var(--force); border-color: var(--force); }
.permission .kind, .approval .kind, .eligibility .kind, .entitlement .kind { color: #1d5c2e; border-color: #1d5c2e; }
.says, .logic { min-width: 0; }
.logic { grid-column: 2; }
.says > b, .logic > b, .notes > b { display: block; font-size: .78em; font-weight: 500; color: var(--soft); }
.says p, .logic p { margin: .1rem 0 .3rem; }
.says p { font-family: Georgia, "Noto Serif", "DejaVu Serif", serif; }
.says:lang(zh) p { font-family: "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; }
.logic ul { margin: .2rem 0 .4rem; padding-left: 1.2rem; }
.notes { background: var(--tint); border-left: 3px solid var(--rule); padding: .4rem .8rem; margin-top: .4rem;
  font-size: .9em; }
.figure { font-weight: 700; background: #fdf0c4; padding: 0 .15em; border-radius: 2px; }
.force { color: var(--force); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .94em; }
th, td { border-bottom: 1px solid var(--rule); padding: .35rem .6rem; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--ink); white-space: nowrap; }
tbody th { font-weight: 500; min-width: 9rem; }
figure { margin: 1rem 0; }
svg.ladder { width: 100%; height: auto; font-size: 14px; }
svg text { text-anchor: middle; fill: var(--ink); }
svg text.note { font-size: 12px; fill: var(--soft); }
svg rect { fill: var(--tint); stroke: var(--ink); }
svg rect.asked { fill: #fff; stroke-dasharray: 5 4; }
svg path { fill: none; stroke: var(--soft); stroke-width: 1.5; }
svg path.sum { stroke: var(--force); stroke-dasharray: 2 3; }
svg marker path { fill: var(--soft); stroke: none; }
:target { outline: 2px solid var(--link); outline-offset: 4px; scroll-margin-top: 1rem; }
@media screen and (max-width: 46rem) {
  article { grid-template-columns: 1fr; }
  .logic { grid-column: 1; }
  nav > ul { columns: 1; }
}
@media print {
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.45; }
  article { padding: .4rem 0 .5rem; grid-template-columns: 3fr 8fr; gap: .1rem 1rem; }
  a { color: inherit; text-decoration: none; }
  article, tr, figure { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .figure { background: none; text-decoration: underline; }
  .notes { background: none; }
  thead { display: table-header-group; }
}
"""
