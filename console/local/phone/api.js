// The page's only way to the server: the calls, and the events that come back.

async function ask(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${response.status}`);
  return answer;
}

const asJson = (fields) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(fields),
});

export const loadState = () => ask("api/state");
export const loadThread = (address) => ask(`api/thread?address=${encodeURIComponent(address)}`);
export const addCustomer = (fields) => ask("api/customers", asJson(fields));
export const markRead = (address) => ask("api/read", asJson({ address }));
export const deliverAgain = (sid) => ask(`api/deliver/${sid}`, { method: "POST" });

// fields: strings, or File / [File, …] under "file", or sample names under "sample".
export function send(address, fields) {
  const form = new FormData();
  form.append("address", address);
  for (const [key, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one instanceof Blob) form.append(key, one, one.name ?? "voice");
      else if (one !== null && one !== undefined && one !== "") form.append(key, one);
    }
  }
  return ask("api/send", { method: "POST", body: form });
}

// Calls back with each event and with the state of the line; the browser reconnects by itself.
export function listen(onEvent, onLine) {
  const source = new EventSource("events");
  source.onopen = () => onLine(true);
  source.onerror = () => onLine(false);
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
}
