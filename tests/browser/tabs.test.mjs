// Tabs: creating, closing, naming, walking; what other clients do to them;
// how they end.
import { check, equal } from "./console_page.mjs";

export default {
  "without terminals there is one big button": async ({ open }) => {
    const console = await open();
    await console.at("empty-new").click();
    await console.created();
    equal(await console.at("empty").count(), 0, "empty states shown");
  },

  "tabs are created, shown in turn and closed": async ({ open, daemon }) => {
    const console = await open();
    const first = await console.create();
    await console.run("echo in-${PPID:+first}", /^in-first$/);
    const second = await console.create();
    check(first !== second, "two ids");
    await console.at("tab").nth(0).getByRole("tab").click();
    await console.until((id) => window.__outrigger.active() === id, first);
    await console.type("echo first-${PPID:+again}\n");
    await console.sees(/^first-again$/, first);
    check(!(await console.text(second)).includes("first"), "separate screens");

    await console.at("tab-close").nth(0).click();
    await console.at("confirm-close").click();
    await console.until(() => window.__outrigger.terminals().length === 1);
    equal((await daemon.terminals()).length, 1, "terminals of the daemon");
    equal((await console.terminals())[0].id, second, "the tab that is left");
  },

  "closing can be thought better of": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.at("tab-close").click();
    await console.at("confirm-dialog").waitFor();
    await console.press("Escape");
    await console.at("confirm-dialog").waitFor({ state: "detached" });
    await console.run("echo not-${PPID:+closed}", /^not-closed$/);
  },

  "a name given to a tab survives a reload": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.at("tab").getByRole("tab").dblclick();
    await console.at("tab-field").fill("build server");
    await console.press("Enter");
    equal(await console.tabTitles(), ["build server"], "titles");
    equal(
      await console.page.title(),
      "build server – outrigger",
      "window title",
    );
    await console.page.reload();
    await console.until(() => window.__outrigger?.terminal()?.live);
    equal(await console.tabTitles(), ["build server"], "titles after reload");
  },

  "the active tab is remembered": async ({ open }) => {
    const console = await open();
    for (let count = 0; count < 3; count++) await console.create();
    await console.at("tab").nth(1).getByRole("tab").click();
    const active = await console.page.evaluate(() =>
      window.__outrigger.active(),
    );
    await console.page.reload();
    await console.until(() => window.__outrigger?.terminals().length === 3);
    await console.until((id) => window.__outrigger.active() === id, active);
  },

  "a chosen program runs in a chosen directory": async ({ open, daemon }) => {
    const console = await open();
    await console.at("new-options").click();
    await console.at("new-command").fill("pwd; exec cat");
    await console.at("new-cwd").fill("/usr/lib");
    await console.at("new-create").click();
    await console.until(() => window.__outrigger.terminal()?.live);
    await console.sees(/^\/usr\/lib$/);
    equal(
      (await daemon.terminals())[0].command,
      ["sh", "-c", "pwd; exec cat"],
      "command",
    );
  },

  "terminals of other clients come and go": async ({ open, daemon }) => {
    const console = await open();
    const { id } = await daemon.call("POST", "/terminals", {
      cmd: ["sh", "-c", "echo from elsewhere; exec cat"],
    });
    await console.sees(/^from elsewhere$/, Number(id));
    await daemon.call("DELETE", `/terminals/${id}`);
    await console.at("empty").waitFor();
  },

  "two windows show the same terminal": async ({ open }) => {
    const left = await open();
    await left.create();
    const right = await open();
    await right.until(() => window.__outrigger.terminal()?.live);
    await right.page.bringToFront();
    await right.run("echo seen-${PPID:+twice}", /^seen-twice$/);
    await left.sees(/^seen-twice$/);
  },

  "an exit code is shown and the screen stays": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("echo last ''words; exit 7", /^last words$/);
    const notice = console.at("exit-notice");
    await notice.filter({ hasText: "exited with code 7" }).waitFor();
    check((await console.text()).includes("last words"), "its last output");

    await console.page.reload();
    await notice.filter({ hasText: "exited with code 7" }).waitFor();
    await console.sees(/^last words$/);
    await console.at("exit-close").click(); // without being asked
    await console.at("empty").waitFor();
  },

  "a signal that ended a program is named": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("kill -9 $$", /kill/);
    await console.at("exit-notice").filter({ hasText: "SIGKILL" }).waitFor();
  },

  "the keyboard alone creates, switches, renames and closes": async ({
    open,
  }) => {
    const console = await open();
    await console.press("Control+Shift+T");
    const first = await console.created();
    await console.press("Control+Shift+Enter");
    const second = await console.created([first]);
    await console.type("echo typed-${PPID:+blind}\n");
    await console.sees(/^typed-blind$/, second);

    const active = (id) =>
      console.until((wanted) => window.__outrigger.active() === wanted, id);
    await console.press("Control+PageUp");
    await active(first);
    await console.press("Control+PageDown");
    await active(second);
    await console.press("Control+Shift+BracketLeft");
    await active(first);
    await console.press("Control+Shift+BracketRight");
    await active(second);

    await console.press("F2");
    await console.at("tab-field").waitFor();
    await console.type("by hand");
    await console.press("Enter");
    equal((await console.tabTitles())[1], "by hand", "second title");

    await console.press("F1");
    await console.at("help-dialog").waitFor();
    await console.press("Escape");
    await console.at("help-dialog").waitFor({ state: "detached" });

    await console.press("Control+Shift+Home"); // to the tabs
    await console.press("ArrowLeft");
    await active(first);
    await console.press("Delete");
    await console.at("confirm-dialog").waitFor();
    await console.press("Enter");
    await active(second);
    await console.press("Control+Shift+W");
    await console.at("confirm-dialog").waitFor();
    await console.press("Enter");
    await console.at("empty").waitFor();
  },

  "tabs and panels have their roles": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.create();
    const { page } = console;
    equal(await page.getByRole("tablist").getByRole("tab").count(), 2, "tabs");
    equal(
      await page.getByRole("tab", { selected: true }).count(),
      1,
      "selected",
    );
    const panel = page.getByRole("tabpanel"); // the hidden one has no role
    equal(await panel.count(), 1, "visible panels");
    const label = await panel.getAttribute("aria-labelledby");
    const tab = page.locator(`#${label}`);
    equal(
      await tab.getAttribute("aria-selected"),
      "true",
      "its tab is selected",
    );
  },

  "the eleventh terminal is refused with a message": async ({
    open,
    daemon,
  }) => {
    const console = await open();
    for (let count = 0; count < 10; count++)
      await daemon.call("POST", "/terminals", { cmd: ["cat"] });
    await console.until(() => window.__outrigger.terminals().length === 10);
    await console.at("new").click();
    await console.at("toast").filter({ hasText: "No new terminal" }).waitFor();
    equal((await daemon.terminals()).length, 10, "terminals of the daemon");
  },
};
