// Shown while there is no token the daemon accepts: a field to paste one.
import { useState } from "preact/hooks";

import { tokenFromText } from "../token";

interface SignInProps {
  problem: string | null; // why the last try failed
  busy: boolean;
  onToken: (token: string, lasting: boolean) => void;
}

export function SignIn({ problem, busy, onToken }: SignInProps) {
  const [text, setText] = useState("");
  const [lasting, setLasting] = useState(true);
  const submit = (event: Event) => {
    event.preventDefault();
    const token = tokenFromText(text);
    if (token) onToken(token, lasting);
  };
  return (
    <main class="sign-in" data-testid="sign-in">
      <form onSubmit={submit}>
        <img src="/favicon.svg" width="44" height="44" alt="" />
        <h1>outrigger</h1>
        <p>
          Paste the access token of this workspace. The daemon prints the whole
          address when it starts, and keeps the token in the file{" "}
          <code>token</code> of its state directory.
        </p>
        {problem && (
          <p class="problem" role="alert" data-testid="sign-in-problem">
            {problem}
          </p>
        )}
        <label class="field">
          <span>Token, or the console address</span>
          <input
            type="password"
            value={text}
            autofocus
            autocomplete="off"
            spellcheck={false}
            data-testid="token-field"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={lasting}
            onChange={(event) => setLasting(event.currentTarget.checked)}
          />
          <span>Remember in this browser</span>
        </label>
        <button
          type="submit"
          class="primary big"
          disabled={busy || !text.trim()}
          data-testid="sign-in-submit"
        >
          {busy ? "Checking…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
