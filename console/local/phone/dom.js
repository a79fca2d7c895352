// Small helpers to build the page; text always enters as text, never as HTML.

const ICONS = {
  plus: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  send: "M4 12L20 4l-5 16-4-6z",
  clip: "M19 11l-7.5 7.5a4.6 4.6 0 01-6.5-6.5L13 4a3.1 3.1 0 014.4 4.4l-8 8a1.6 1.6 0 01-2.3-2.3L14 7",
  mic: "M12 3a3 3 0 00-3 3v6a3 3 0 006 0V6a3 3 0 00-3-3zM5 11a7 7 0 0014 0M12 18v3",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  document: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  audio: "M4 10v4M8 7v10M12 4v16M16 8v8M20 11v2",
  location: "M12 21s7-6.2 7-11.5A7 7 0 005 9.5C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  sticker: "M5 4h14v9l-6 7H5zM13 20v-7h6M9 9h.01M14 9h.01",
  contacts: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21a8 8 0 0116 0",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  more: "M6 9l6 6 6-6",
  clock: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 2",
  tick: "M4 13l5 5L20 6",
  ticks: "M1 13l5 5L16 6M11 17l1 1L23 6",
  warning: "M12 8v5M12 17h.01M12 3L2 20h20z",
  forward: "M14 6l6 6-6 6M20 12H9a5 5 0 00-5 5v1",
  open: "M14 4h6v6M20 4l-9 9M10 5H5v14h14v-5",
  sample: "M12 3l2.5 5.5L20 9.5l-4 4 1 6-5-3-5 3 1-6-4-4 5.5-1z",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("glyph", name);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// make("button", {class: "x", onclick: f, type: "button"}, child, "text", …)
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const find = (id) => document.getElementById(id);

const TINTS = ["#b8654a", "#2f8f7f", "#5b6bb5", "#a8548c", "#7a7f35", "#3f83a8", "#9a6b2f", "#6b5aa0"];

export function initials(name) {
  const parts = name.replace(/^\+/, "").split(/\s+/).filter(Boolean);
  return (parts.length > 1 ? parts[0][0] + parts[1][0] : (parts[0] ?? "?").slice(0, 2)).toUpperCase();
}

export function tint(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return TINTS[sum % TINTS.length];
}

export function avatar(name, address) {
  const element = make("span", { class: "avatar", "aria-hidden": "true" }, initials(name));
  element.style.background = tint(address);
  return element;
}

const MARKUP = /(\*[^*\n]+\*|_[^_\n]+_|~[^~\n]+~|https?:\/\/[^\s<>"]+)/g;

// WhatsApp's own formatting: *bold*, _italic_, ~struck~, links.
export function formatted(text) {
  const fragment = document.createDocumentFragment();
  for (const part of text.split(MARKUP)) {
    if (/^https?:\/\//.test(part)) {
      fragment.append(make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part));
    } else if (part.length > 2 && "*_~".includes(part[0]) && part.at(-1) === part[0]) {
      const tag = { "*": "b", _: "i", "~": "s" }[part[0]];
      fragment.append(make(tag, {}, part.slice(1, -1)));
    } else if (part) {
      fragment.append(part);
    }
  }
  return fragment;
}
