/* global document, getComputedStyle, innerWidth, NodeFilter, window */

/** Boxes whose content may be wider than they are: they scroll, and a reader sees that they do. */
const SCROLLERS =
  "pre, [class*=language-], .diagram, .VPLocalNav, .VPSidebar, .VPNavScreen, .asciinema-player, .ap-player";
const TOLERANCE = 1.5;

const nameOf = (element) => {
  const classes = [...element.classList].slice(0, 2).join(".");
  return element.tagName.toLowerCase() + (classes === "" ? "" : `.${classes}`);
};
const shortened = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);

function isShown(element) {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  const { width, height } = element.getBoundingClientRect();
  // A box of one pixel holds text for screen readers.
  return width > 1 && height > 1;
}

/** The nearest box that text is laid out in. */
function boxOf(element) {
  let box = element;
  while (box.parentElement !== null && /^(inline|contents)$/.test(getComputedStyle(box).display))
    box = box.parentElement;
  return box;
}

const isBeyond = ({ left, right }, bounds) => right > bounds.right + TOLERANCE || left < bounds.left - TOLERANCE;

/** A box around text that hides a part of it, or undefined. */
function boxThatCuts(text, box) {
  for (let around = box; around !== null; around = around.parentElement) {
    const cuts = /hidden|clip/.test(getComputedStyle(around).overflowX);
    if (cuts && isBeyond(text, around.getBoundingClientRect())) return around;
  }
  return undefined;
}

/** Why a piece of text cannot be read to its end, or undefined. */
function faultOfText(node) {
  const parent = node.parentElement;
  if (parent.closest(`${SCROLLERS}, svg, script, style, noscript, .visually-hidden`) !== null || !isShown(parent))
    return undefined;
  const range = document.createRange();
  range.selectNodeContents(node);
  const place = range.getBoundingClientRect();
  if (place.width === 0) return undefined;
  const text = `${nameOf(parent)} "${shortened(node.textContent)}"`;
  if (isBeyond(place, { left: 0, right: innerWidth })) return `text outside the window: ${text}`;
  const box = boxOf(parent);
  if (isBeyond(place, box.getBoundingClientRect())) return `text wider than its box ${nameOf(box)}: ${text}`;
  const cutting = boxThatCuts(place, box);
  return cutting === undefined ? undefined : `text cut off by ${nameOf(cutting)}: ${text}`;
}

function faultsOfTexts() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.textContent.trim() === "") continue;
    const fault = faultOfText(node);
    if (fault !== undefined) found.push(fault);
  }
  return found;
}

/** How far a table, or what it holds, reaches over the box around it. */
const excessOf = (table) => {
  const around = table.parentElement.getBoundingClientRect();
  return Math.max(table.scrollWidth - table.clientWidth, table.getBoundingClientRect().right - around.right);
};

const faultsOfTables = () =>
  [...document.querySelectorAll("table")]
    .filter((table) => isShown(table) && excessOf(table) > TOLERANCE)
    .map((table) => `table wider than its box by ${Math.round(excessOf(table))} px: "${shortened(table.textContent)}"`);

const faultsOfPage = () => {
  const { scrollWidth } = document.documentElement;
  return scrollWidth > innerWidth ? [`page wider than the window by ${scrollWidth - innerWidth} px`] : [];
};

const faultsOfDiagrams = () => [
  ...(/Syntax error in (text|graph)/.test(document.body.textContent) ? ["a diagram says: Syntax error"] : []),
  ...[...document.querySelectorAll(".diagram")]
    .filter((diagram) => diagram.querySelector("svg") === null)
    .map((diagram) => `a diagram was not drawn: "${shortened(diagram.textContent)}"`),
];

const faultsOfImages = () =>
  [...document.images]
    .filter((image) => isShown(image) && (!image.complete || image.naturalWidth === 0))
    .map((image) => `an image was not shown: ${image.getAttribute("src")}`);

/** What is wrong with the page as it is shown now. */
window.docsFaults = () => [
  ...new Set([...faultsOfPage(), ...faultsOfTables(), ...faultsOfTexts(), ...faultsOfDiagrams(), ...faultsOfImages()]),
];

/** Whether the page's program runs and everything that it draws later is there. */
window.docsAreReady = () =>
  document.querySelector("#app")?.__vue_app__ !== undefined &&
  [...document.querySelectorAll(".diagram")].every((diagram) => diagram.dataset.state !== "waiting") &&
  [...document.images].every((image) => image.complete || image.loading === "lazy") &&
  document.fonts.status === "loaded";

/** Where the page's links lead, and the anchors that others can lead to. */
window.docsLinks = () => ({
  anchors: [...document.querySelectorAll("[id]")].map(({ id }) => id),
  links: [...document.querySelectorAll("a[href]")]
    .map((link) => new URL(link.href))
    .filter((link) => link.origin === window.location.origin)
    .map((link) => ({ path: link.pathname, anchor: decodeURIComponent(link.hash.slice(1)) })),
});
