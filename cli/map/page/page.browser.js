/* global document, ResizeObserver */

const data = JSON.parse(document.querySelector("#data").textContent);
const find = (selector) => document.querySelector(selector);
const rowElements = [...document.querySelectorAll("tbody tr")];
const graph = find("#graph");
const svg = find("#graph svg");
const columns = { client: find("#graph .clients"), api: find("#graph .apis") };
const controls = ["text", "tenant", "namespace", "origin"].map((name) => find(`#filter-${name}`));
/** The client or API whose access alone is shown, as `client 3`. */
let selected = "";

const SVG = "http://www.w3.org/2000/svg";
const MOST_LABELS = 20;
const LABEL_HEIGHT = 15;

function isShown(row) {
  const [text, tenant, namespace, origin] = controls.map(({ value }) => value);
  const words = text.toLowerCase().split(/\s+/);
  return (
    words.every((word) => row.text.includes(word)) &&
    (tenant === "" || row.tenant === tenant) &&
    (namespace === "" || row.namespaces.includes(namespace)) &&
    (origin === "" || row.origins.includes(origin)) &&
    (selected === "" || selected === `client ${row.client}` || selected === `api ${row.api}`)
  );
}

/** Shows what the filters leave, in the table and in the graph. */
function update() {
  const rows = data.rows.filter(isShown);
  const shown = new Set(rows);
  for (const element of rowElements) element.hidden = !shown.has(data.rows[Number(element.dataset.row)]);
  find("#summary").textContent =
    `${rows.length} of ${data.rows.length} rows` + (selected === "" ? "" : `, only ${titleOf(selected)}`);
  const isFiltered = selected !== "" || controls.some(({ value }) => value !== "");
  find("#show-all").hidden = !isFiltered;
  draw(rows, isFiltered);
}

function titleOf(key) {
  const [kind, index] = key.split(" ");
  return kind === "client" ? data.clients[index].title : data.apis[index].title;
}

/** Nodes of both columns, then the lines between them. APIs stand near their callers. */
function draw(rows, isFiltered) {
  const used = (kind, all) => {
    const ids = new Set(rows.map((row) => row[kind]));
    return [...all.keys()].filter((index) => !isFiltered || ids.has(index) || selected === `${kind} ${index}`);
  };
  const clients = used("client", data.clients);
  const place = new Map(clients.map((client, index) => [client, index]));
  const height = (api) => {
    const places = rows.filter((row) => row.api === api).map((row) => place.get(row.client));
    return places.length === 0 ? clients.length : places.reduce((sum, one) => sum + one, 0) / places.length;
  };
  const heights = new Map(used("api", data.apis).map((api) => [api, height(api)]));
  const apis = [...heights.keys()].sort((a, b) => heights.get(a) - heights.get(b));
  const hadFocus = graph.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  columns.client.replaceChildren(...clients.map((index) => nodeOf("client", index, data.clients[index])));
  columns.api.replaceChildren(...apis.map((index) => nodeOf("api", index, data.apis[index])));
  for (const column of Object.values(columns)) column.querySelector("button")?.setAttribute("tabindex", "0");
  if (hadFocus !== undefined) focusOn(buttonOf(hadFocus) ?? graph.querySelector("button"));
  drawLines(rows);
}

function nodeOf(kind, index, { title, detail }) {
  const [item, button, small, name] = ["li", "button", "small", "bdi"].map((tag) => document.createElement(tag));
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.key = `${kind} ${index}`;
  button.setAttribute("aria-pressed", String(selected === button.dataset.key));
  name.textContent = title;
  small.textContent = detail;
  button.append(name, ...(detail === "" ? [] : [small]));
  item.append(button);
  return item;
}

const buttonOf = (key) => [...graph.querySelectorAll("button")].find(({ dataset }) => dataset.key === key);

function drawLines(rows) {
  svg.replaceChildren();
  svg.setAttribute("height", "0");
  const { clientWidth: width, scrollHeight: height } = graph;
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  const buttons = new Map([...graph.querySelectorAll("button")].map((button) => [button.dataset.key, button]));
  const ends = rows.map((row) => lineOf(row, buttons));
  svg.append(...ends.map(({ path }) => path));
  const gap = ends.length === 0 ? 0 : ends[0].to.x - ends[0].from.x;
  if (rows.length <= MOST_LABELS && gap > 200 && width > 700) svg.append(...labelsOf(rows, ends, gap));
}

function lineOf(row, buttons) {
  const [client, api] = [buttons.get(`client ${row.client}`), buttons.get(`api ${row.api}`)];
  const from = pointOf(client, 1);
  const to = pointOf(api, 0);
  const middle = (from.x + to.x) / 2;
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", `M${from.x} ${from.y} C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`);
  const kinds = [row.origins.includes("ScopeGrant") ? "" : "tenant", row.isRestricted ? "restricted" : ""];
  path.setAttribute("class", ["line", ...kinds].join(" ").trim());
  path.dataset.client = `client ${row.client}`;
  path.dataset.api = `api ${row.api}`;
  return { path, from, to };
}

/** Middle of the left (0) or right (1) side, within the graph. */
function pointOf(button, side) {
  const [box, around] = [button.getBoundingClientRect(), graph.getBoundingClientRect()];
  const x = (side === 1 ? box.right : box.left) - around.left + graph.scrollLeft - graph.clientLeft;
  return {
    x: Math.round(x),
    y: Math.round((box.top + box.bottom) / 2 - around.top + graph.scrollTop - graph.clientTop),
  };
}

/** Scopes in the middle of the lines, moved down where two would overlap. */
function labelsOf(rows, ends, gap) {
  const places = ends.map(({ from, to }, index) => ({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + 4, index }));
  let last = -LABEL_HEIGHT;
  return places
    .sort((a, b) => a.y - b.y)
    .map(({ x, y, index }) => {
      last = Math.max(y, last + LABEL_HEIGHT);
      const text = document.createElementNS(SVG, "text");
      text.setAttribute("x", String(x));
      text.setAttribute("y", String(last));
      const most = Math.floor(gap / 9);
      const { scopes } = rows[index];
      text.textContent = scopes.length > most ? `${scopes.slice(0, most - 1)}…` : scopes;
      return text;
    });
}

/** Lines of the node under the pointer or with the focus stand out. */
function highlight(key) {
  graph.classList.toggle("has-near", key !== undefined);
  for (const path of svg.querySelectorAll("path"))
    path.classList.toggle("near", path.dataset.client === key || path.dataset.api === key);
}

function focusOn(button) {
  if (button === null || button === undefined) return;
  for (const other of button.closest("ul").querySelectorAll("button")) other.tabIndex = -1;
  button.tabIndex = 0;
  button.focus();
}

function moveFocus(event, button) {
  const items = [...button.closest("ul").querySelectorAll("button")];
  const at = items.indexOf(button);
  const isClient = button.closest("ul") === columns.client;
  const targets = {
    ArrowDown: items[at + 1],
    ArrowUp: items[at - 1],
    Home: items[0],
    End: items.at(-1),
    ArrowRight: isClient ? columns.api.querySelector("button") : undefined,
    ArrowLeft: isClient ? undefined : columns.client.querySelector("button"),
  };
  if (!(event.key in targets)) return;
  event.preventDefault();
  focusOn(targets[event.key]);
}

function showAll() {
  selected = "";
  for (const control of controls) control.value = "";
  update();
}

const nodeAt = (event) => event.target.closest?.("#graph button");
graph.addEventListener("click", (event) => {
  const key = nodeAt(event)?.dataset.key;
  if (key === undefined) return;
  selected = selected === key ? "" : key;
  update();
});
graph.addEventListener("keydown", (event) => {
  const button = nodeAt(event);
  if (button !== null && button !== undefined) moveFocus(event, button);
});
graph.addEventListener("focusin", (event) => highlight(nodeAt(event)?.dataset.key));
graph.addEventListener("focusout", () => highlight(undefined));
graph.addEventListener("pointerover", (event) => highlight(nodeAt(event)?.dataset.key));
graph.addEventListener("pointerleave", () => highlight(undefined));
for (const control of controls) control.addEventListener("input", update);
find("#show-all").addEventListener("click", () => {
  showAll();
  controls[0].focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") showAll();
});
find("form").addEventListener("submit", (event) => event.preventDefault());

for (const header of document.querySelectorAll("thead th"))
  header.querySelector("button").addEventListener("click", () => {
    const order = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of document.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    sortRows(header.cellIndex, order === "ascending" ? 1 : -1);
  });

function sortRows(column, direction) {
  const keyOf = ({ cells }) => cells[column].dataset.sort ?? cells[column].textContent;
  rowElements.sort((a, b) => direction * keyOf(a).localeCompare(keyOf(b), "en", { numeric: true }));
  find("tbody").append(...rowElements);
}

for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
new ResizeObserver(() => drawLines(data.rows.filter(isShown))).observe(graph);
update();
