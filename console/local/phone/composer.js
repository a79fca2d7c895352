// Writing: text, files, samples, a place on the map, and voice.

import { find, icon, make } from "./dom.js";
import { size, word } from "./words.js";

const PLACES = [
  ["Monumen Nasional, Jakarta", "-6.175392", "106.827153"],
  ["Jl. Dago Asri II No. 8, Bandung", "-6.880213", "107.614441"],
  ["Klinik Dharma, Surabaya", "-7.266790", "112.768360"],
  ["Pasar Gede, Surakarta", "-7.569050", "110.831830"],
];
const VOICE_TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/webm"];
const UPLOAD_LIMIT = 100 * 1024 * 1024;

export class Composer {
  // onSend(fields) posts; onProblem(text) tells; samples() names what can be sent at once.
  constructor({ onSend, onProblem, samples }) {
    this.onSend = onSend;
    this.onProblem = onProblem;
    this.samples = samples;
    this.quoted = null;
    this.recorder = null;
    this.text = find("text");
    this.wire();
  }

  wire() {
    this.text.addEventListener("input", () => this.fit());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.sendText();
      }
    });
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendText();
    });
    find("attach").addEventListener("click", () => this.toggleSheet());
    find("record").addEventListener("click", () => this.record());
    find("drop-recording").addEventListener("click", () => this.stopRecording(false));
    find("send-recording").addEventListener("click", () => this.stopRecording(true));
    find("stop-replying").addEventListener("click", () => this.reply(null));
    find("placing-cancel").addEventListener("click", () => find("placing").close());
    find("placing").addEventListener("submit", () => this.sendPlace());
    find("places").addEventListener("change", (event) => this.choosePlace(Number(event.target.value)));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.closeSheet();
      this.reply(null);
    });
    document.addEventListener("click", (event) => {
      if (!find("sheet").contains(event.target) && !find("attach").contains(event.target)) this.closeSheet();
    });
    const thread = find("thread");
    thread.addEventListener("dragover", (event) => event.preventDefault());
    thread.addEventListener("drop", (event) => {
      event.preventDefault();
      this.sendFiles([...event.dataTransfer.files]);
    });
    this.text.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) {
        event.preventDefault();
        this.sendFiles(files);
      }
    });
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 120)}px`;
    const empty = this.text.value.trim() === "";
    find("send").hidden = empty;
    find("record").hidden = !empty;
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  reply(message, text = "") {
    this.quoted = message?.sid ?? null;
    find("replying").hidden = !message;
    find("replying-text").textContent = text;
    if (message) this.focus();
  }

  async post(fields) {
    const quoted = this.quoted;
    this.reply(null);
    try {
      await this.onSend({ ...fields, quoted });
    } catch (problem) {
      this.onProblem(`${word("failed")} ${word(problem.message)}`);
      return false;
    }
    return true;
  }

  async sendText() {
    const body = this.text.value.trim();
    if (!body) return;
    this.text.value = "";
    this.fit();
    this.focus();
    if (!(await this.post({ body })) && this.text.value === "") {
      this.text.value = body;
      this.fit();
    }
  }

  sendFiles(files, extra = {}) {
    const large = files.find((file) => file.size > UPLOAD_LIMIT);
    if (large) return this.onProblem(`${large.name}: ${size(large.size)}`);
    if (files.length) {
      const body = this.text.value.trim();
      this.text.value = "";
      this.fit();
      this.post({ file: files, body, ...extra });
    }
    return undefined;
  }

  pick(accept, multiple) {
    const input = make("input", { type: "file", accept, multiple });
    input.addEventListener("change", () => this.sendFiles([...input.files]));
    input.click();
  }

  closeSheet() {
    find("sheet").hidden = true;
  }

  // Shows rows of {icon, label, run} above the composer.
  openSheet(rows, heading = null, chips = []) {
    const sheet = find("sheet");
    const run = (action) => () => {
      this.closeSheet();
      action();
    };
    const parts = rows.map((row) =>
      make(
        "button",
        { type: "button", class: "tile", role: "menuitem", onclick: run(row.run) },
        make("span", { class: `disc ${row.icon}` }, icon(row.icon)),
        row.label,
      ),
    );
    const small = chips.map((chip) =>
      make(
        "button",
        { type: "button", class: "chip", role: "menuitem", "data-sample": chip.name, onclick: run(chip.run) },
        icon(chip.icon),
        chip.name,
      ),
    );
    sheet.replaceChildren(
      make("div", { class: "tiles" }, ...parts),
      ...(heading ? [make("h3", {}, heading)] : []),
      ...(small.length ? [make("div", { class: "chips" }, ...small)] : []),
    );
    sheet.hidden = false;
  }

  toggleSheet() {
    if (!find("sheet").hidden) return this.closeSheet();
    const icons = { image: "photo", video: "photo", audio: "audio", sticker: "sticker", contacts: "contacts" };
    const rows = [
      { icon: "photo", label: word("photo"), run: () => this.pick("image/*,video/*", true) },
      { icon: "document", label: word("document"), run: () => this.pick("", false) },
      { icon: "audio", label: word("audio"), run: () => this.pick("audio/*", false) },
      { icon: "location", label: word("location"), run: () => this.openPlaces() },
      { icon: "sticker", label: word("sticker"), run: () => this.post({ sample: "stiker.webp" }) },
      { icon: "contacts", label: word("contact"), run: () => this.post({ sample: "kurir.vcf" }) },
    ];
    const chips = this.samples().map((sample) => ({
      name: sample.name,
      icon: icons[sample.kind] ?? "document",
      run: () => this.post({ sample: sample.name }),
    }));
    return this.openSheet(rows, word("samples"), chips);
  }

  openPlaces() {
    const options = PLACES.map(([name], index) => make("option", { value: index }, name));
    find("places").replaceChildren(...options, make("option", { value: -1 }, word("other_place")));
    this.choosePlace(0);
    find("placing").showModal();
  }

  choosePlace(index) {
    const [label, latitude, longitude] = PLACES[index] ?? ["", "", ""];
    find("label").value = label;
    find("latitude").value = latitude;
    find("longitude").value = longitude;
  }

  sendPlace() {
    this.post({
      latitude: find("latitude").value.replace(",", "."),
      longitude: find("longitude").value.replace(",", "."),
      label: find("label").value,
    });
  }

  async record() {
    const type = VOICE_TYPES.find((one) => window.MediaRecorder?.isTypeSupported(one));
    let stream = null;
    try {
      if (!type) throw new Error("no recorder");
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      this.onProblem(word("no_mic"));
      this.toggleSheet();
      return;
    }
    const chunks = [];
    const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24000 });
    recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      if (this.keep && chunks.length) {
        const base = type.split(";")[0];
        const name = `voice.${base === "audio/ogg" ? "ogg" : "webm"}`;
        this.sendFiles([new File(chunks, name, { type: base })]);
      }
    });
    recorder.start();
    this.recorder = recorder;
    this.showRecording(Date.now());
  }

  showRecording(begun) {
    find("recording").hidden = false;
    find("composer").hidden = true;
    const tick = () => {
      const seconds = Math.floor((Date.now() - begun) / 1000);
      find("recorded").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    tick();
    this.timer = setInterval(tick, 250);
  }

  stopRecording(keep) {
    clearInterval(this.timer);
    find("recording").hidden = true;
    find("composer").hidden = false;
    this.keep = keep;
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.recorder = null;
  }
}
