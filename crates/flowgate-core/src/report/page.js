"use strict";
// Texts come from a flow file: they are set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const view = document.getElementById("view");
const panel = document.getElementById("details");
const nodes = [...document.querySelectorAll(".node")];
const ways = [...document.querySelectorAll(".way")];
const whole = view.viewBox.baseVal;
const full = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
let box = { ...full };

function show() { view.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`); }
function zoom(factor, at) {
  const w = Math.min(Math.max(box.w * factor, 200), full.w * 4);
  const h = box.h * (w / box.w);
  const p = at || { x: box.x + box.w / 2, y: box.y + box.h / 2 };
  box = { x: p.x - (p.x - box.x) * (w / box.w), y: p.y - (p.y - box.y) * (h / box.h), w, h };
  show();
}
function point(event) {
  const m = view.getScreenCTM();
  return { x: (event.clientX - m.e) / m.a, y: (event.clientY - m.f) / m.d };
}
view.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, point(event)); }, { passive: false });
let drag = null;
view.addEventListener("pointerdown", (event) => { drag = { p: point(event), moved: false }; });
view.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const p = point(event);
  if (!drag.moved && Math.hypot(p.x - drag.p.x, p.y - drag.p.y) * (view.getScreenCTM().a) < 4) return;
  if (!drag.moved) { drag.moved = true; view.setPointerCapture(event.pointerId); view.classList.add("drag"); }
  box.x -= p.x - drag.p.x; box.y -= p.y - drag.p.y; show();
});
view.addEventListener("pointerup", () => { view.classList.remove("drag"); setTimeout(() => { drag = null; }); });
document.getElementById("in").addEventListener("click", () => zoom(1 / 1.4));
document.getElementById("out").addEventListener("click", () => zoom(1.4));
document.getElementById("fit").addEventListener("click", () => { box = { ...full }; show(); });

function make(tag, text) { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; return e; }
function table(head, rows) {
  const t = make("table"), first = make("tr");
  head.forEach((h) => first.append(make("th", h)));
  t.append(first);
  for (const row of rows) {
    const tr = make("tr");
    row.forEach((cell) => { const td = make("td"); td.append(make("code", cell === null ? "–" : cell)); tr.append(td); });
    t.append(tr);
  }
  return t;
}
function list(title, numbers, end) {
  if (numbers.length === 0) return;
  panel.append(make("h3", title));
  const ul = make("ul");
  for (const number of numbers) {
    const way = data.ways[number], other = way[end], li = make("li"), a = make("a", data.nodes[other].name);
    a.addEventListener("click", () => choose(other, true));
    li.append(make("span", `${way.label}${way.look === "same" ? "" : ` (${way.look})`} – `), a);
    ul.append(li);
    if (way.fields.length) ul.append(table(["Field", "Before", "After"], way.fields));
  }
  panel.append(ul);
}
function choose(number, move) {
  const node = data.nodes[number];
  nodes.forEach((n) => n.classList.toggle("chosen", n === nodes[number]));
  panel.replaceChildren(make("h2", node.name), make("div", `${node.kind ? `${node.kind} · ` : ""}${node.id}${node.look === "same" ? "" : ` · ${node.look}`}`));
  if (node.fields.length) panel.append(table(["Field", "Before", "After"], node.fields));
  const of = (end) => data.ways.map((w, i) => [w, i]).filter(([w]) => w[end] === number).map(([, i]) => i);
  list("Leads to", of("from"), "to");
  list("Comes from", of("to"), "from");
  if (node.content.length) { panel.append(make("h3", "As it is")); panel.append(table(["Field", "Value"], node.content)); }
  if (move) { box.x = node.x - box.w / 2; box.y = node.y - box.h / 2; show(); nodes[number].focus({ preventScroll: true }); }
}
nodes.forEach((n, number) => {
  n.addEventListener("click", () => { if (!drag || !drag.moved) choose(number); });
  n.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(number); });
});

const search = document.getElementById("search"), found = document.getElementById("found"), only = document.getElementById("only");
let hits = [];
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean), changes = only && only.getAttribute("aria-pressed") === "true";
  const fits = (n) => words.every((w) => `${n.name} ${n.id} ${n.kind || ""} ${n.content.flat().join(" ")}`.toLowerCase().includes(w));
  hits = data.nodes.map((n, i) => (fits(n) && (!changes || n.look !== "same") ? i : -1)).filter((i) => i >= 0);
  const kept = new Set(hits), all = kept.size === nodes.length;
  nodes.forEach((n, i) => n.classList.toggle("dim", !kept.has(i)));
  ways.forEach((w, i) => w.classList.toggle("dim", !all && !(kept.has(data.ways[i].from) && kept.has(data.ways[i].to)) && !(changes && data.ways[i].look !== "same")));
  found.textContent = words.length ? `${hits.length} found` : "";
}
search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => { if (event.key === "Enter" && hits.length) choose(hits[0], true); });
if (only) only.addEventListener("click", () => { only.setAttribute("aria-pressed", String(only.getAttribute("aria-pressed") !== "true")); filter(); });
document.addEventListener("keydown", (event) => { if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); } });
