// Questions to the admin listener. The token lives in this tab only.

const place = "pollux-admin-token";

/** The answer wants a token that is not there, or is wrong. */
export class Locked extends Error {
  message = "The admin token is not taken any more: load this page anew.";
}

export function hasToken() {
  return sessionStorage.getItem(place) !== null;
}

export function keepToken(token) {
  if (token === null) sessionStorage.removeItem(place);
  else sessionStorage.setItem(place, token);
}

function headers(more = {}) {
  const token = sessionStorage.getItem(place);
  if (token === null) return more;
  if (!/^[\x20-\x7e]*$/.test(token)) throw new Locked();  // No header can carry it.
  return { ...more, authorization: `Bearer ${token}` };
}

/** The listener answers, but not with what was asked for; the message says why. */
export class Refused extends Error {}

/** The answer's JSON; `null` where this program has no such route. */
export async function ask(path) {
  const response = await fetch(path, { headers: headers() });
  if (response.status === 401) throw new Locked();
  if (response.status === 404) return null;
  const told = await response.json();
  if (!response.ok) throw new Refused(told.error?.message ?? `${path}: ${response.status}`);
  return told;
}

/** Sends a body and gives the response, whatever it is. */
export async function send(path, body, more = {}, signal = undefined) {
  const request = new Request(path, {
    method: "POST", body: JSON.stringify(body), signal,
    headers: headers({ "content-type": "application/json", ...more }),
  });
  const response = await fetch(request).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("There is no answer: does the gateway run?");
  });
  if (response.status === 401 && !response.headers.has("x-request-id")) throw new Locked();
  return response;
}
