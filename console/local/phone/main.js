// The phone: which customer is open, what the thread shows, what happens live.

import * as api from "./api.js";
import { bubble, person, summary } from "./bubbles.js";
import { Composer } from "./composer.js";
import { find, icon, initials, make } from "./dom.js";
import { day, otherLanguage, switchLanguage, translatePage, word } from "./words.js";

const TYPING_SECONDS = 25;

let state = { business: "", customers: [], samples: [], whatsapp: "", sms: "" };
let current = decodeURIComponent(location.hash.slice(1)) || null;
let messages = new Map();
let typingTimer = null;
let toastTimer = null;
let refreshTimer = null;

const composer = new Composer({
  onSend: (fields) => send(fields),
  onProblem: toast,
  samples: () => state.samples,
});

function toast(text) {
  const element = find("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (element.hidden = true), 5000);
}

const customer = () => state.customers.find((one) => one.address === current) ?? null;

function showPeople() {
  const rows = [...state.customers].sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0));
  find("list").replaceChildren(...rows.map((one) => person(one, current, open)));
  find("nobody").hidden = rows.length > 0;
}

function showBar() {
  const chosen = customer();
  find("business").textContent = state.business;
  find("business-avatar").textContent = initials(state.business);
  if (typingTimer === null) {
    const sms = chosen?.channel === "sms";
    find("presence").textContent = sms ? state.sms : word("online");
  }
  find("as").textContent = chosen ? `${word("as")} ${chosen.name || chosen.number || chosen.address}` : "";
  find("text").dataset.placeholder = chosen?.channel === "sms" ? "type_sms" : "type";
  document.body.classList.toggle("chatting", Boolean(chosen));
  document.body.classList.toggle("sms", chosen?.channel === "sms");
  for (const id of ["composer", "thread"]) find(id).classList.toggle("off", !chosen);
  find("choose").hidden = Boolean(chosen);
  translatePage();
}

const actions = {
  view(media) {
    find("viewed").src = media.url;
    find("viewed").alt = media.name ?? "";
    find("viewer").showModal();
  },
  menu(message, event) {
    event.stopPropagation();
    composer.openSheet([
      { icon: "back", label: word("reply"), run: () => composer.reply(message, summary(message)) },
      ...(message.body
        ? [{ icon: "forward", label: word("forward"), run: () => send({ body: message.body, forwarded: "true" }) }]
        : []),
    ]);
  },
  press(message, button) {
    send({ button_text: button.text, button_payload: button.payload, quoted: message.sid });
  },
  openList(message) {
    const rows = message.list.items.map((item) => ({
      icon: "tick",
      label: item.item ?? item.title,
      run: () =>
        send({
          row_id: item.id,
          row_title: item.item ?? item.title,
          row_description: item.description ?? "",
          quoted: message.sid,
        }),
    }));
    setTimeout(() => composer.openSheet(rows));
  },
  again: (message) => api.deliverAgain(message.sid).catch((problem) => toast(word(problem.message))),
};

async function send(fields) {
  const address = current;
  const answer = await api.send(address, fields);
  if (address !== current) return;
  for (const message of answer.messages) {
    // The live event may have been quicker, and then it knows more than this answer.
    if (!messages.has(message.sid)) upsert(message, true);
  }
  toEnd();
}

const atEnd = () => {
  const thread = find("thread");
  return thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
};

function toEnd() {
  const thread = find("thread");
  thread.scrollTop = thread.scrollHeight;
}

function showThread() {
  const thread = find("thread");
  const rows = [];
  let heading = null;
  for (const message of [...messages.values()].sort((a, b) => a.seq - b.seq)) {
    const date = day(message.at);
    if (date !== heading) rows.push(make("div", { class: "day" }, make("span", {}, date)));
    heading = date;
    rows.push(bubble(message, state.business, actions));
  }
  if (!rows.length && customer()) rows.push(make("p", { class: "hello" }, word("empty_chat")));
  thread.replaceChildren(...rows);
}

// A message came or changed: only its own bubble is drawn anew, so nothing jumps or stops playing.
function upsert(message, follow = false) {
  const known = messages.get(message.sid);
  if (known && JSON.stringify(known) === JSON.stringify(message)) return;
  const end = follow || atEnd();
  messages.set(message.sid, message);
  const old = find("thread").querySelector(`[data-sid="${CSS.escape(message.sid)}"]`);
  const newest = Math.max(...[...messages.values()].map((one) => one.seq)) === message.seq;
  const last = [...messages.values()].filter((one) => one.sid !== message.sid).sort((a, b) => b.seq - a.seq)[0];
  if (old) old.replaceWith(bubble(message, state.business, actions));
  else if (newest && last && day(last.at) === day(message.at)) {
    find("thread").append(bubble(message, state.business, actions));
  } else showThread();
  if (end) toEnd();
}

async function open(address) {
  current = address;
  history.replaceState(null, "", `#${encodeURIComponent(address)}`);
  stopTyping();
  composer.reply(null);
  composer.closeSheet();
  showPeople();
  showBar();
  await reload();
  if (matchMedia("(min-width: 900px)").matches) composer.focus();
}

async function reload() {
  if (!customer()) {
    messages = new Map();
    showThread();
    return;
  }
  const asked = current;
  const answer = await api.loadThread(asked);
  if (asked !== current) return;
  messages = new Map(answer.messages.map((message) => [message.sid, message]));
  showThread();
  toEnd();
  read();
}

function read() {
  if (document.visibilityState !== "visible" || customer()?.channel !== "whatsapp") return;
  const narrowList = !matchMedia("(min-width: 900px)").matches && !document.body.classList.contains("chatting");
  const unread = [...messages.values()].some((one) => !one.mine && one.status === "delivered");
  if (unread && !narrowList) api.markRead(current).catch(() => {});
}

async function refresh() {
  state = await api.loadState();
  showPeople();
  showBar();
}

function refreshSoon() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(() => refresh().catch(() => {}), 150);
}

function stopTyping() {
  clearTimeout(typingTimer);
  typingTimer = null;
  showBar();
}

function onEvent(event) {
  if (event.event === "hello" || event.event === "reload") {
    refresh()
      .then(reload)
      .catch((problem) => toast(word(problem.message)));
    return;
  }
  refreshSoon();
  if (event.customer !== current) return;
  if (event.event === "typing") {
    clearTimeout(typingTimer);
    typingTimer = setTimeout(stopTyping, TYPING_SECONDS * 1000);
    find("presence").textContent = word("typing");
  } else if (event.message) {
    if (!event.message.mine) stopTyping();
    upsert(event.message);
    read();
  }
}

function closeChat() {
  current = null;
  history.replaceState(null, "", location.pathname);
  showPeople();
  showBar();
  messages = new Map();
  showThread();
}

function showAdding() {
  find("new-name").value = "";
  find("new-number").value = "";
  find("adding-error").hidden = true;
  find("adding").showModal();
}

async function saveNew(event) {
  event.preventDefault();
  const channel = document.querySelector("input[name=channel]:checked").value;
  try {
    const made = await api.addCustomer({
      name: find("new-name").value,
      number: find("new-number").value,
      channel,
    });
    await refresh();
    await open(made.address);
    find("adding").close();
    composer.focus();
  } catch (problem) {
    find("adding-error").textContent = word(problem.message);
    find("adding-error").hidden = false;
  }
}

function start() {
  for (const element of document.querySelectorAll("[data-icon]")) element.append(icon(element.dataset.icon));
  translatePage();
  const nameLanguage = () => (find("language").textContent = otherLanguage());
  nameLanguage();
  find("language").addEventListener("click", () => {
    switchLanguage();
    nameLanguage();
    showPeople();
    showBar();
    showThread();
  });
  find("add").addEventListener("click", showAdding);
  find("adding").addEventListener("submit", saveNew);
  find("adding-cancel").addEventListener("click", () => find("adding").close());
  find("back").addEventListener("click", closeChat);
  find("viewer").addEventListener("click", () => find("viewer").close());
  document.addEventListener("visibilitychange", read);
  api.listen(onEvent, (up) => (find("lost").hidden = up));
}

start();
