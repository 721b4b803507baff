// Losing the page, the connection and the daemon: nothing of the output is
// lost or shown twice.
import { check, equal } from "./console_page.mjs";

// Prints "line N" for ever, a little faster than a person reads.
const counter =
  "n=0; while :; do echo line $((n++)); read -t 0.002 <> <(:) || :; done";

/** The numbers of all "line N" lines on the screen and above. */
function numbers(text) {
  return [...text.matchAll(/^line (\d+)$/gm)].map((match) => Number(match[1]));
}

function contiguous(found, what) {
  for (let at = 1; at < found.length; at++)
    equal(found[at], found[at - 1] + 1, what);
}

const counted = (atLeast) => {
  const found = window.__outrigger.text().match(/^line \d+$/gm);
  return found && Number(found.at(-1).slice(5)) >= atLeast;
};

export default {
  "a reloaded page shows the same screen": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run(
      "printf 'a \\033[31mred\\033[0m line\\n'; seq 1 300",
      /^300$/,
    );
    await console.run(
      "echo before-${PPID:+reload}",
      /^before-reload\n.*[$#] ?$/,
    );
    await console.settled();
    const before = await console.text();
    await console.page.reload();
    await console.until(() => window.__outrigger?.terminal()?.live);
    await console.settled();
    equal(await console.text(), before, "text after reload");
    await console.run("echo after-${PPID:+reload}", /^after-reload$/);
  },

  "a reload answers no question a second time": async ({ open }) => {
    const console = await open();
    await console.create();
    // The answer to "what are you" (CSI c) is echoed by the terminal itself.
    await console.run("printf '\\033[c'; cat", /\^\[\[\?[\d;]+c/);
    await console.settled();
    const before = await console.text();
    await console.page.reload();
    await console.until(() => window.__outrigger?.terminal()?.live);
    await console.focusTerminal();
    await console.type("m4rk\n");
    await console.sees(/m4rk\nm4rk/);
    const after = await console.text();
    const answers = (text) => text.split("^[[?").length - 1;
    equal(answers(after), answers(before), "answers on the screen");
  },

  "after kill -9 of the daemon the page goes on by itself": async ({
    open,
    daemon,
  }) => {
    const console = await open();
    await console.create();
    await console.focusTerminal();
    await console.type(`${counter}\n`);
    await console.until(counted, 200);
    const { session } = await console.terminal();

    await daemon.kill();
    await console.at("link-banner").first().waitFor();
    const atKill = numbers(await console.text()).at(-1);
    await daemon.start();
    await console.connected();
    await console.until(counted, atKill + 300);

    await console.focusTerminal();
    await console.press("Control+c");
    await console.sees(/\^C[^]*[$#] ?$/);
    await console.run("echo typing-${PPID:+goes}-on", /^typing-goes-on$/);
    const found = numbers(await console.text());
    equal(found[0], 0, "first number");
    check(found.length > atKill + 300, "numbers from before and after");
    contiguous(found, "no number lost or repeated");
    const after = await console.terminal();
    equal(after.session, session, "the same session");
    equal(after.skipped, 0, "bytes skipped");
  },

  "a reload after kill -9 shows the whole history": async ({
    open,
    daemon,
  }) => {
    const console = await open();
    await console.create();
    await console.run("seq -f 'line %g' 0 500", /^line 500$/);
    await daemon.kill();
    await daemon.start();
    await console.page.reload();
    await console.until(() => window.__outrigger?.terminal()?.live);
    await console.sees(/^line 500$/);
    const found = numbers(await console.text());
    equal(found[0], 0, "first number");
    contiguous(found, "no number lost or repeated");
  },

  "an exit while the daemon was dead is reported": async ({ open, daemon }) => {
    const console = await open();
    await console.create();
    // Ends once the daemon is gone: the marker is removed after the kill.
    const marker = `${daemon.root}/wait-here`;
    const { writeFileSync, rmSync } = await import("node:fs");
    writeFileSync(marker, "");
    await console.run(
      `echo wait''ing; while [ -e ${marker} ]; do read -t 0.01 <> <(:); done; echo fin''ished; exit 5`,
      /^waiting$/,
    );
    await daemon.kill();
    await console.at("link-banner").first().waitFor();
    rmSync(marker);
    await daemon.start();
    await console.connected();
    await console.at("exit-notice").filter({ hasText: "code 5" }).waitFor();
    await console.sees(/^finished$/);
  },

  "a page that was offline catches up when it is back": async ({
    open,
    context,
  }) => {
    const console = await open();
    await console.create();
    await console.focusTerminal();
    await console.type(`${counter}\n`);
    await console.until(counted, 100);
    await context.setOffline(true);
    // An open WebSocket outlives this switch in Chromium; what counts is that
    // nothing is lost either way.
    await context.setOffline(false);
    await console.connected();
    const now = numbers(await console.text()).at(-1);
    await console.until(counted, now + 100);
    await console.press("Control+c");
    await console.sees(/\^C[^]*[$#] ?$/);
    contiguous(numbers(await console.text()), "no number lost or repeated");
  },

  "while the daemon is away the page says so and can retry": async ({
    open,
    daemon,
  }) => {
    const console = await open();
    await console.create();
    await daemon.kill();
    const banner = console.at("link-banner");
    await banner.filter({ hasText: "Next try in" }).waitFor();
    await daemon.start();
    // It may reconnect by itself just before the click: both are fine.
    await Promise.race([
      console
        .at("retry")
        .click()
        .catch(() => {}),
      console.connected(),
    ]);
    await console.connected();
    await console.run("echo back-${PPID:+again}", /^back-again$/);
  },
};
