// The access token: arrives in the URL fragment (which browsers never send
// anywhere), is taken out of the address bar at once and kept by the browser
// for this origin. Used by main and the sign-in form; sent only by api and
// connection, only to the page's own origin.
import { recall, remember } from "./storage";

const key = "token";

/** The token of `#token=…`, removed from the address bar; null if none. */
export function takeTokenFromAddress(): string | null {
  const fields = new URLSearchParams(location.hash.slice(1));
  const token = fields.get("token")?.trim();
  if (token === undefined) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return token || null;
}

export function savedToken(): string | null {
  return recall(key, "session") ?? recall(key);
}

/** `lasting`: also for later visits, not just for this browser tab. */
export function saveToken(token: string, lasting: boolean): void {
  remember(key, token, "session");
  remember(key, lasting ? token : null);
}

export function forgetToken(): void {
  remember(key, null, "session");
  remember(key, null);
}

/** What people paste: the token itself or the whole console address. */
export function tokenFromText(text: string): string {
  const trimmed = text.trim();
  const match = /[#?&]token=([^&\s]+)/.exec(trimmed);
  return match?.[1] ? decodeURIComponent(match[1]) : trimmed;
}
