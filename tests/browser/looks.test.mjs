// Settings: font size and themes, and that they are remembered.
import { check, equal } from "./console_page.mjs";

const background = () => window.__outrigger.terminal().background;

export default {
  "the font size changes and is remembered": async ({ open }) => {
    const console = await open();
    await console.create();
    const before = await console.terminal();
    await console.printSizes();
    await console.press("Control+Equal");
    await console.press("Control+Equal");
    await console.press("Control+Equal");
    await console.press("Control+Minus");
    equal((await console.terminal()).fontSize, before.fontSize + 2, "size");
    await console.resizedBelow(before.cols);
    await console.press("Control+C");

    await console.page.reload();
    await console.until(() => window.__outrigger?.terminal()?.live);
    equal((await console.terminal()).fontSize, before.fontSize + 2, "kept");
    await console.focusTerminal();
    await console.press("Control+0");
    equal((await console.terminal()).fontSize, before.fontSize, "normal again");
  },

  "the theme follows the system until one is chosen": async ({ open }) => {
    const console = await open();
    const { page } = console;
    await console.create();
    const dark = await page.evaluate(background);
    await page.emulateMedia({ colorScheme: "light" });
    await console.until(
      (before) => window.__outrigger.terminal().background !== before,
      dark,
    );

    await console.at("settings").click();
    await console.at("theme-dark").check({ force: true });
    equal(await page.evaluate(background), dark, "chosen dark");
    await page.reload();
    await console.until(() => window.__outrigger?.terminal()?.live);
    equal(await page.evaluate(background), dark, "dark after reload");
    equal(
      await page.evaluate(() => document.documentElement.dataset.theme),
      "dark",
      "theme of the page",
    );
  },

  "settings are changed by their dialog": async ({ open }) => {
    const console = await open();
    await console.create();
    const { fontSize } = await console.terminal();
    await console.at("settings").click();
    await console.at("font-larger").click();
    equal(
      await console.at("font-size").textContent(),
      `${fontSize + 1}`,
      "shown",
    );
    equal((await console.terminal()).fontSize, fontSize + 1, "used");
    await console.press("Escape");
    await console.at("settings-dialog").waitFor({ state: "detached" });
  },

  "a narrow window shows everything it must": async ({ open }) => {
    const console = await open();
    await console.page.setViewportSize({ width: 400, height: 700 });
    await console.create();
    for (const name of ["new", "search", "settings", "help", "link"])
      check(await console.at(name).isVisible(), `${name} in sight`);
    const width = await console.page.evaluate(() => document.body.scrollWidth);
    check(width <= 400, `nothing beyond 400 pixels, not ${width}`);
    await console.run("echo narrow-${PPID:+fits}", /^narrow-fits$/);
  },
};
