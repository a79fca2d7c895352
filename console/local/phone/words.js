// What the page says, in Indonesian and English.

const WORDS = {
  id: {
    title: "Telepon pelanggan",
    subtitle: "Tulislah sebagai salah satu dari mereka.",
    add: "Pelanggan baru",
    nobody: "Belum ada pelanggan. Buat satu dan kirim pesan.",
    choose: "Pilih pelanggan untuk membuka obrolannya.",
    back: "Kembali",
    cancel: "Batal",
    close: "Tutup",
    save: "Simpan",
    send: "Kirim",
    name: "Nama",
    number: "Nomor telepon",
    number_hint: "Kosongkan untuk orang yang hanya punya nama pengguna WhatsApp.",
    channel: "Lewat",
    type: "Ketik pesan",
    type_sms: "Ketik SMS",
    attach: "Lampirkan",
    record: "Rekam suara",
    recording: "Merekam…",
    online: "online",
    typing: "mengetik…",
    as: "sebagai",
    replying: "Membalas",
    reply: "Balas",
    forward: "Kirim sebagai terusan",
    forwarded: "Diteruskan",
    you: "Anda",
    photo: "Foto & video",
    photo_one: "Foto",
    video: "Video",
    audio: "Pesan suara",
    document: "Dokumen",
    sticker: "Stiker",
    contacts: "Kontak",
    contact: "Kontak",
    location: "Lokasi",
    samples: "Contoh siap kirim",
    place: "Tempat",
    latitude: "Lintang",
    longitude: "Bujur",
    label: "Nama tempat",
    other_place: "Tempat lain…",
    today: "Hari ini",
    yesterday: "Kemarin",
    lost: "Tidak sampai. Kirim lagi",
    lost_line: "Terputus. Menyambung lagi…",
    no_mic: "Mikrofon tidak tersedia di sini. Pilih berkas atau kirim contoh suara.",
    failed: "Gagal mengirim.",
    play: "Putar",
    pause: "Jeda",
    more: "Pilihan",
    choose_row: "Pilih satu",
    open: "Buka",
    empty_chat: "Kirim pesan pertama ke toko ini.",
    image: "Foto",
    unread: "belum dibaca",
    no_number: "tanpa nomor",
    bad_number: "Nomor perlu kode negara, misalnya +6281234567890.",
    sms_needs_number: "SMS perlu nomor telepon.",
    needs_name: "Orang tanpa nomor perlu nama.",
    unknown_customer: "Pelanggan ini tidak dikenal.",
    unknown_message: "Pesan ini tidak ada lagi.",
    unknown_sample: "Contoh itu tidak ada.",
    too_large: "Berkas paling besar 100 MB.",
    nothing_to_send: "Tidak ada yang dikirim.",
  },
  en: {
    title: "Customers' phone",
    subtitle: "Write as one of them.",
    add: "New customer",
    nobody: "No customer yet. Make one and send a message.",
    choose: "Choose a customer to open the chat.",
    back: "Back",
    cancel: "Cancel",
    close: "Close",
    save: "Save",
    send: "Send",
    name: "Name",
    number: "Phone number",
    number_hint: "Leave empty for someone who has only a WhatsApp username.",
    channel: "By",
    type: "Message",
    type_sms: "Text message",
    attach: "Attach",
    record: "Record voice",
    recording: "Recording…",
    online: "online",
    typing: "typing…",
    as: "as",
    replying: "Replying",
    reply: "Reply",
    forward: "Send as forwarded",
    forwarded: "Forwarded",
    you: "You",
    photo: "Photo & video",
    photo_one: "Photo",
    video: "Video",
    audio: "Voice message",
    document: "Document",
    sticker: "Sticker",
    contacts: "Contact",
    contact: "Contact",
    location: "Location",
    samples: "Samples to send",
    place: "Place",
    latitude: "Latitude",
    longitude: "Longitude",
    label: "Name of the place",
    other_place: "Another place…",
    today: "Today",
    yesterday: "Yesterday",
    lost: "Did not arrive. Send again",
    lost_line: "Disconnected. Connecting again…",
    no_mic: "No microphone here. Choose a file or send the sample voice note.",
    failed: "Could not send.",
    play: "Play",
    pause: "Pause",
    more: "Options",
    choose_row: "Choose one",
    open: "Open",
    empty_chat: "Send this shop its first message.",
    image: "Photo",
    unread: "unread",
    no_number: "no number",
    bad_number: "The number needs its country code, like +6281234567890.",
    sms_needs_number: "SMS needs a phone number.",
    needs_name: "Someone without a number needs a name.",
    unknown_customer: "Nobody knows this customer.",
    unknown_message: "This message is gone.",
    unknown_sample: "There is no such sample.",
    too_large: "A file may have at most 100 MB.",
    nothing_to_send: "There is nothing to send.",
  },
};

let language = "id";
try {
  language = localStorage.getItem("language") === "en" ? "en" : "id";
} catch {
  // Storage may be switched off: the page then starts in Indonesian.
}

export const word = (key) => WORDS[language][key] ?? key;
export const locale = () => (language === "en" ? "en-GB" : "id-ID");
export const otherLanguage = () => (language === "en" ? "Indonesia" : "English");

export function switchLanguage() {
  language = language === "en" ? "id" : "en";
  try {
    localStorage.setItem("language", language);
  } catch {
    // As above.
  }
  translatePage();
}

// Fills every element that names a word in its data attributes.
export function translatePage(root = document) {
  document.documentElement.lang = language;
  document.title = word("title");
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of root.querySelectorAll("[data-title]")) {
    element.title = word(element.dataset.title);
    element.setAttribute("aria-label", word(element.dataset.title));
  }
  for (const element of root.querySelectorAll("[data-placeholder]")) {
    element.placeholder = word(element.dataset.placeholder);
    element.setAttribute("aria-label", word(element.dataset.placeholder));
  }
}

export const clock = (at) =>
  new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(at);

// The heading of a day: today, yesterday, or the date.
export function day(at) {
  const then = new Date(at);
  const now = new Date();
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(now) - midnight(then)) / 86400000);
  if (days === 0) return word("today");
  if (days === 1) return word("yesterday");
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: "numeric" })
    .format(then);
}

export function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(bytes / 1048576)} MB`;
}
