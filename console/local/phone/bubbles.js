// One bubble of the thread, whatever it holds.

import { avatar, formatted, icon, make } from "./dom.js";
import { clock, size, word } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

// What one line says about a message: in the list, in a quote.
export function summary(message) {
  if (message.body) return message.body;
  if (message.location) return word("location");
  const media = message.media?.[0];
  return media ? word(media.kind) : "";
}

function ticks(message) {
  if (!message.mine) return null;
  const name = { pending: "clock", lost: "warning" }[message.status] ?? "ticks";
  const mark = icon(name);
  if (message.status === "read") mark.classList.add("read");
  return mark;
}

function place(location) {
  const map = document.createElementNS(SVG, "svg");
  map.setAttribute("viewBox", "0 0 240 120");
  map.setAttribute("aria-hidden", "true");
  map.classList.add("map");
  const lines = [
    ["M0 84C60 60 90 110 150 78S220 40 240 52V120H0Z", "#bcdcb4", "none"],
    ["M-5 30L245 62M40 -5L78 125M150 -5L132 125M206 -5L214 125", "none", "#fff"],
    ["M-5 98C70 70 150 104 245 70", "none", "#f7d98b"],
  ];
  for (const [d, fill, stroke] of lines) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("fill", fill);
    path.setAttribute("stroke", stroke);
    path.setAttribute("stroke-width", "7");
    map.append(path);
  }
  const pin = document.createElementNS(SVG, "path");
  pin.setAttribute("d", "M120 78s20-18 20-33a20 20 0 00-40 0c0 15 20 33 20 33zM120 52a7 7 0 110-14 7 7 0 010 14z");
  pin.setAttribute("fill", "#c8372d");
  pin.setAttribute("fill-rule", "evenodd");
  map.append(pin);
  const coordinates = `${location.latitude}, ${location.longitude}`;
  return make(
    "div",
    { class: "place" },
    map,
    make("strong", {}, location.label || word("location")),
    make("span", { class: "faint" }, location.address || coordinates),
  );
}

let playing = null;

function player(media) {
  const audio = make("audio", { src: media.url, preload: "metadata" });
  const button = make("button", { type: "button", class: "play", "aria-label": word("play") }, icon("play"));
  const bar = make("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": word("audio") });
  const time = make("span", { class: "faint" }, "0:00");
  const show = (seconds) => {
    const whole = Number.isFinite(seconds) ? Math.round(seconds) : 0;
    time.textContent = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };
  const face = (name) => {
    button.replaceChildren(icon(name));
    button.setAttribute("aria-label", word(name));
  };
  audio.addEventListener("loadedmetadata", () => show(audio.duration));
  audio.addEventListener("timeupdate", () => {
    if (Number.isFinite(audio.duration)) bar.value = (audio.currentTime / audio.duration) * 1000;
    show(audio.currentTime);
  });
  audio.addEventListener("play", () => {
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    face("pause");
  });
  audio.addEventListener("pause", () => face("play"));
  audio.addEventListener("ended", () => {
    bar.value = 0;
    show(audio.duration);
  });
  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  bar.addEventListener("input", () => {
    if (Number.isFinite(audio.duration)) audio.currentTime = (bar.value / 1000) * audio.duration;
  });
  return make("div", { class: "voice" }, button, bar, time, audio);
}

function fileCard(media) {
  const kind = media.kind === "contacts" ? "contacts" : "document";
  const ending = (media.name ?? "").split(".").pop().toUpperCase().slice(0, 5);
  return make(
    "a",
    { class: "file", href: media.url, download: media.name ?? "file", target: "_blank", rel: "noopener" },
    make("span", { class: "badge" }, icon(kind)),
    make(
      "span",
      { class: "grow" },
      make("strong", {}, media.name || word(kind)),
      make("span", { class: "faint" }, [ending, size(media.size)].filter(Boolean).join(" · ")),
    ),
    icon("open"),
  );
}

function shown(media, actions) {
  if (media.kind === "image") {
    const image = make("img", { src: media.url, alt: media.name ?? word("image"), loading: "lazy" });
    return make("button", { type: "button", class: "picture", onclick: () => actions.view(media) }, image);
  }
  if (media.kind === "sticker") return make("img", { class: "sticker", src: media.url, alt: word("sticker") });
  if (media.kind === "video") return make("video", { src: media.url, controls: true, preload: "metadata" });
  if (media.kind === "audio") return player(media);
  return fileCard(media);
}

function quote(quoted, business) {
  if (!quoted) return null;
  return make(
    "div",
    { class: "quote" },
    make("strong", {}, quoted.mine ? word("you") : business),
    make("span", {}, quoted.body || "…"),
  );
}

function choices(message, actions) {
  const rows = message.buttons.map((button) =>
    make("button", { type: "button", onclick: () => actions.press(message, button) }, button.text),
  );
  if (message.list) {
    const open = () => actions.openList(message);
    rows.push(make("button", { type: "button", onclick: open }, message.list.button || word("choose_row")));
  }
  return rows.length ? make("div", { class: "choices" }, ...rows) : null;
}

export function bubble(message, business, actions) {
  const onlySticker = message.media.length === 1 && message.media[0].kind === "sticker" && !message.body;
  const documentName = message.media[0]?.name;
  const caption = message.body && message.body !== documentName ? message.body : "";
  const menu = make(
    "button",
    { type: "button", class: "menu", "aria-label": word("more"), onclick: (event) => actions.menu(message, event) },
    icon("more"),
  );
  const emoji = caption && /^(\p{Extended_Pictographic}|\u200d|\ufe0f|\s){1,8}$/u.test(caption);
  const body = make(
    "div",
    { class: `bubble${onlySticker ? " bare" : ""}${emoji ? " emoji" : ""}` },
    message.forwarded
      ? make("span", { class: "forwarded" }, icon("forward"), word("forwarded"))
      : null,
    quote(message.quoted, business),
    ...message.media.map((media) => shown(media, actions)),
    message.location ? place(message.location) : null,
    caption ? make("span", { class: "text", dir: "auto" }, formatted(caption)) : null,
    make("span", { class: "meta" }, clock(message.at), ticks(message)),
    menu,
  );
  const again =
    message.mine && message.status === "lost"
      ? make("button", { type: "button", class: "again", onclick: () => actions.again(message) }, word("lost"))
      : null;
  return make(
    "div",
    { class: `line ${message.mine ? "mine" : "theirs"}`, "data-sid": message.sid, "data-status": message.status },
    body,
    choices(message, actions),
    again,
  );
}

// One row of the list of customers.
export function person(customer, current, onChoose) {
  const title = customer.name || customer.number || customer.address;
  const last = customer.last;
  const row = make(
    "button",
    {
      type: "button",
      class: "person",
      "aria-current": customer.address === current ? "true" : null,
      "data-address": customer.address,
      onclick: () => onChoose(customer.address),
    },
    avatar(title, customer.address),
    make(
      "span",
      { class: "grow" },
      make(
        "span",
        { class: "top" },
        make("strong", { dir: "auto" }, title),
        last ? make("time", {}, clock(last.at)) : null,
      ),
      make(
        "span",
        { class: "under" },
        make("span", { class: "last", dir: "auto" }, last ? summary(last) : (customer.number ?? word("no_number"))),
        customer.channel === "sms" ? make("span", { class: "tag" }, "SMS") : null,
        customer.unread
          ? make("span", { class: "count", "aria-label": `${customer.unread} ${word("unread")}` }, String(customer.unread))
          : null,
      ),
    ),
  );
  return make("li", {}, row);
}
