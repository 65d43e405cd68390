// A painted text: unpacks what the chosen unit does, and paints the rows near the screen with it.
"use strict";

const byId = (id) => document.getElementById(id);
const facts = JSON.parse(byId("facts").content.textContent);
const text = byId("text");
const rows = [...text.children];
const starts = rows.map((row) => Number(row.dataset.start));
const near = new Set(); // rows on the screen, or close to it
const view = { unit: facts.chosen, turn: 0, levels: null, low: 0, high: 0, stretch: 1 };
let symbols, surprise, guesses, probabilities;

// ---- numbers -------------------------------------------------------------------------------------------------

async function unpacked(id) {
  const letters = atob(byId(id).content.textContent);
  const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

const partOf = (unit) => unit.slice(0, unit.lastIndexOf(":"));
const numberOf = (unit) => Number(unit.slice(unit.lastIndexOf(":") + 1));
const unitsOf = (part) =>
  Array.from({ length: facts.parts[part] }, (_, number) => `${part}:${number}`).filter(byId);
const valueAt = (n) => view.low + (view.levels[n] / 255) * (view.high - view.low);
const rowOf = (n) => {
  let [low, high] = [0, rows.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= n) low = middle;
    else high = middle;
  }
  return low;
};
const endOf = (row) => starts[row + 1] ?? symbols.length;

// ---- the text ------------------------------------------------------------------------------------------------

function made(name, className, content) {
  const element = document.createElement(name);
  element.className = className;
  element.append(content);
  return element;
}

const visibleSign = (sign) => ({ "\t": "\u2192", " ": "\u2423" })[sign] ?? sign;

function guessed(n, rank) {
  const at = n * facts.guesses + rank;
  const came = n + 1 < symbols.length && guesses[at] === symbols[n + 1];
  const shade = Math.round(probabilities[at] / 25.5);
  return made("b", `p${shade}${came ? " came" : ""}`, visibleSign(facts.signs[guesses[at]]));
}

function symbolAt(n) {
  const sign = facts.signs[symbols[n]];
  if (!byId("show-guesses").checked) return made("i", "", sign);
  const tab = sign === "\t";
  const column = made("span", tab ? "guessed tab" : "guessed", made("i", "", tab ? visibleSign(sign) : sign));
  for (let rank = 0; rank < facts.guesses; rank++) column.append(guessed(n, rank));
  return column;
}

function look(n) {
  const level = Math.round(127.5 + (view.levels[n] - 127.5) * view.stretch);
  return `v${level} s${Math.min(6, (surprise[n] + 8) >> 4)}`;
}

function paint(row) {
  const layout = byId("show-guesses").checked ? "guesses" : "text";
  const painted = `${view.unit} ${view.stretch}`;
  if (row.dataset.layout === layout && row.dataset.painted === painted) return;
  const place = rows.indexOf(row);
  if (row.dataset.layout !== layout) {
    const wanted = Array.from({ length: endOf(place) - starts[place] }, (_, k) => symbolAt(starts[place] + k));
    row.replaceChildren(...wanted);
    row.dataset.layout = layout;
  }
  [...row.getElementsByTagName("i")].forEach((sign, k) => (sign.className = look(starts[place] + k)));
  row.dataset.painted = painted;
}

function relaid() {
  const first = rows.find((row) => row.getBoundingClientRect().bottom > 0);
  near.forEach(paint);
  if (first !== rows[0]) first?.scrollIntoView();
}

// ---- the unit ------------------------------------------------------------------------------------------------

async function choose(unit) {
  if (!byId(unit)) {
    byId("overview-says").textContent =
      `${unit} is too much for this page. Its own: rnnlab paint ${facts.run} --cell ${unit}`;
    return;
  }
  const turn = ++view.turn;
  const levels = new Uint8Array(await unpacked(unit));
  if (turn !== view.turn) return; // another one was chosen meanwhile
  const { low, high } = byId(unit).dataset;
  const other = partOf(unit) !== view.part;
  Object.assign(view, { unit, levels, low: Number(low), high: Number(high), part: partOf(unit) });
  history.replaceState(null, "", `#${unit}`);
  stretched();
  if (other) await drawOverview();
  showChoice();
}

function stretched() {
  const farthest = view.levels.reduce((most, level) => Math.max(most, Math.abs(level - 127.5)), 0.5);
  view.stretch = byId("own-range").checked ? 127.5 / farthest : 1;
  const middle = (view.low + view.high) / 2;
  const half = (view.high - view.low) / 2 / view.stretch;
  byId("low").textContent = (middle - half).toPrecision(3);
  byId("high").textContent = (middle + half).toPrecision(3);
  near.forEach(paint);
}

function options(select, values, chosen) {
  select.replaceChildren(...values.map((value) => new Option(value, value, false, value === chosen)));
}

function showChoice() {
  const [layer, name] = view.part.split(":");
  const parts = Object.keys(facts.parts).map((part) => part.split(":"));
  const units = unitsOf(view.part);
  options(byId("layer"), [...new Set(parts.map(([layer]) => layer))], layer);
  options(byId("part"), parts.filter(([own]) => own === layer).map(([, name]) => name), name);
  byId("unit").max = units.length - 1;
  byId("unit").value = units.indexOf(view.unit);
  byId("unit-number").textContent = numberOf(view.unit);
  byId("address").textContent = view.unit;
  const size = facts.parts[view.part];
  byId("column").style.left = `${(numberOf(view.unit) / size) * 100}%`;
  byId("column").style.width = `${100 / size}%`;
}

function chooseIn(part) {
  const same = `${part}:${numberOf(view.unit)}`;
  return choose(byId(same) ? same : unitsOf(part)[0] ?? same);
}

function step(by) {
  const units = unitsOf(view.part);
  return choose(units[(units.indexOf(view.unit) + by + units.length) % units.length]);
}

// ---- the overview --------------------------------------------------------------------------------------------

function palette() {
  const probe = document.body.appendChild(made("i", "", ""));
  const colours = Array.from({ length: 256 }, (_, level) => {
    probe.className = `v${level}`;
    return getComputedStyle(probe).backgroundColor.match(/\d+/g).map(Number);
  });
  probe.remove();
  return colours;
}

async function drawOverview() {
  const part = view.part;
  const means = new Uint8Array(await unpacked(`overview-${part}`));
  if (part !== view.part) return;
  const canvas = byId("overview");
  const [size, colours] = [facts.parts[part], palette()];
  const image = new ImageData(size, facts.bins);
  means.forEach((level, at) => image.data.set([...colours[level], 255], 4 * at));
  Object.assign(canvas, { width: size, height: facts.bins });
  canvas.classList.toggle("crowded", size > canvas.clientWidth);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function pointedAt(event) {
  const box = byId("overview").getBoundingClientRect();
  const within = (share, most) => Math.min(most - 1, Math.max(0, Math.floor(share * most)));
  const number = within((event.clientX - box.left) / box.width, facts.parts[view.part]);
  return { unit: `${view.part}:${number}`, n: within((event.clientY - box.top) / box.height, symbols.length) };
}

function showPlace() {
  const seen = [...near].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });
  const places = seen.map((row) => rows.indexOf(row));
  const first = starts[Math.min(...places)] ?? 0;
  const last = places.length ? endOf(Math.max(...places)) : 0;
  byId("here").style.top = `${(first / symbols.length) * 100}%`;
  byId("here").style.height = `${((last - first) / symbols.length) * 100}%`;
}

// ---- under the pointer ---------------------------------------------------------------------------------------

function tell(event) {
  const row = event.target.closest(".row");
  const sign = (event.target.closest(".guessed") ?? event.target).closest(".guessed, i");
  if (!row || !sign) return;
  const n = starts[rows.indexOf(row)] + [...row.children].indexOf(sign);
  const value = `${view.unit} is ${valueAt(n).toFixed(3)}`;
  const bits = n ? `${(surprise[n] / 8).toFixed(1)} bits of surprise` : "the first one";
  const heading = made("p", "", made("code", "sign", visibleSign(facts.signs[symbols[n]])));
  heading.append(` symbol ${n.toLocaleString("en")}: ${value}, ${bits}`);
  byId("pointed-at").replaceChildren(heading, made("p", "soft", n ? "What the model expected here:" : ""));
  for (let at = (n - 1) * facts.guesses; n && at < n * facts.guesses; at++) {
    const share = probabilities[at] / 255;
    const line = made("div", `expected${guesses[at] === symbols[n] ? " came" : ""}`, "");
    const bar = made("span", "bar", "");
    bar.style.width = `${share * 60}%`;
    line.append(made("code", "", visibleSign(facts.signs[guesses[at]])), bar, `${(share * 100).toFixed(0)} %`);
    byId("pointed-at").append(line);
  }
}

// ---- all together --------------------------------------------------------------------------------------------

function listen() {
  byId("layer").onchange = (event) => {
    const name = view.part.split(":")[1];
    const own = Object.keys(facts.parts).filter((part) => part.startsWith(`${event.target.value}:`));
    chooseIn(own.find((part) => part.endsWith(`:${name}`)) ?? own[0]);
  };
  byId("part").onchange = (event) => chooseIn(`${byId("layer").value}:${event.target.value}`);
  byId("unit").oninput = (event) => choose(unitsOf(view.part)[Number(event.target.value)]);
  byId("own-range").onchange = stretched;
  byId("show-guesses").onchange = relaid;
  byId("overview").onclick = (event) => {
    const { unit, n } = pointedAt(event);
    rows[rowOf(n)].scrollIntoView({ block: "center" });
    choose(unit);
  };
  byId("overview").onpointermove = (event) => {
    const { unit, n } = pointedAt(event);
    byId("overview-says").textContent = `${unit} at symbol ${n.toLocaleString("en")}`;
  };
  text.onpointerover = tell;
  document.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, [type=range]")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
    if (event.key === "g") byId("show-guesses").click();
    if (event.key === "s") byId("show-surprise").click();
  };
  document.onscroll = () => requestAnimationFrame(showPlace);
  window.onbeforeprint = () => rows.forEach(paint);
  matchMedia("(prefers-color-scheme: dark)").onchange = drawOverview;
}

async function begin() {
  document.body.classList.add("live-page");
  const named = ["symbols", "surprise", "guesses", "probabilities"];
  const [first, second, third, fourth] = await Promise.all(named.map(unpacked));
  [symbols, surprise] = [new Uint16Array(first), new Uint8Array(second)];
  [guesses, probabilities] = [new Uint16Array(third), new Uint8Array(fourth)];
  const asked = decodeURIComponent(location.hash.slice(1));
  await choose(partOf(asked) in facts.parts && byId(asked) ? asked : facts.chosen);
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const row = entry.target;
      if (entry.isIntersecting) {
        near.add(row);
        paint(row);
      } else near.delete(row);
    }
    showPlace();
  }, { rootMargin: "600px" });
  rows.forEach((row) => observer.observe(row));
  listen();
}

begin();
