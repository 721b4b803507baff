// Typing, output, sizes, copying: one terminal and the program in it.
import { check, equal } from "./console_page.mjs";

export default {
  "a typed command shows its output": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("echo $((6 * 7))-it-is", /^42-it-is$/);
  },

  "text beyond ASCII goes both ways unharmed": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("echo 'grüße €漢字😀' | tr a-z A-Z", /^GRüßE €漢字😀$/);
  },

  "a new terminal starts in the size of the page": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.settled();
    const { cols, rows } = await console.terminal();
    check(cols > 80 && rows > 24, `more than 80x24, not ${cols}x${rows}`);
    await console.run("stty size", new RegExp(`^${rows} ${cols}$`));
  },

  "a resized window resizes the program's terminal": async ({ open }) => {
    const console = await open();
    await console.create();
    const before = await console.terminal();
    await console.printSizes();
    await console.page.setViewportSize({ width: 700, height: 420 });
    await console.resizedBelow(before.cols);
    const { rows } = await console.terminal();
    check(rows < before.rows, "fewer rows than before");
  },

  "a flood is drawn to its last line and acknowledged": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("seq 1 200000; echo flood-${PPID:+over}", /^flood-over$/);
    await console.settled();
    const lines = (await console.text()).split("\n").map(Number);
    const last = lines.indexOf(200000);
    check(last > 10_000, "200000 far down in the scrollback");
    for (let back = 1; back < 10_000; back++)
      equal(lines[last - back], 200000 - back, "numbers of the flood");
    equal((await console.terminal()).skipped, 0, "bytes skipped");
  },

  "Ctrl+C ends a flood": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("yes", /^y\ny\ny$/);
    await console.until(() => window.__outrigger.terminal().acked > 1_000_000);
    await console.press("Control+c");
    await console.sees(/\^C[^]*[$#] ?$/);
    await console.run("echo still-${PPID:+here}", /^still-here$/);
  },

  "a selection is copied and pasted": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run("clear; echo copy''able", /^copyable$/);
    const box = await console.page.locator(".xterm-screen").boundingBox();
    await console.page.mouse.dblclick(box.x + 20, box.y + 8); // a word in line 1
    await console.press("Control+Shift+C");
    await console.until(
      async () => (await navigator.clipboard.readText()) === "copyable",
    );
    await console.focusTerminal();
    await console.type("echo pasted-");
    await console.press("Control+Shift+V");
    await console.press("Enter");
    await console.sees(/^pasted-copyable$/);
  },

  "a large paste arrives whole": async ({ open }) => {
    const console = await open();
    await console.create();
    // Without echo: the kernel drops echoes that nobody reads fast enough.
    await console.run(
      "stty -echo; echo rea''dy; cat > pasted; stty echo; echo st''ored",
      /^ready$/,
    );
    const lines = 6000; // about 300 kB, several times what is kept unread
    await console.page.evaluate((count) => {
      const text = Array.from(
        { length: count },
        (_, at) => `${at} ${"some text to paste ".repeat(2)}`,
      );
      return navigator.clipboard.writeText(`${text.join("\n")}\n`);
    }, lines);
    await console.focusTerminal();
    await console.press("Control+Shift+V");
    await console.press("Control+d");
    await console.sees(/^stored$/);
    const last = `${lines} lines, ${lines - 1} last`;
    await console.run(
      "echo $(wc -l < pasted) lines, $(tail -n 1 pasted | cut -d' ' -f1) last",
      new RegExp(`^${last}$`),
    );
  },

  "search finds, counts and walks through matches": async ({ open }) => {
    const console = await open();
    await console.create();
    await console.run(
      "clear; for n in 1 2 3; do echo need''le $n; done",
      /^needle 3$/,
    );
    await console.press("Control+Shift+F");
    await console.at("search-field").fill("needle");
    const count = console.at("search-count");
    const shows = (text) =>
      console.page
        .getByTestId("search-count")
        .filter({ hasText: text })
        .waitFor();
    await shows("3 of 3");
    await console.press("Enter");
    await shows("1 of 3");
    await console.at("search-next").click();
    await shows("2 of 3");
    await console.at("search-previous").click();
    await shows("1 of 3");
    await console.at("search-field").fill("no-such-text");
    await shows("no match");
    await console.at("search-field").focus();
    await console.press("Escape");
    await count.waitFor({ state: "detached" });
    await console.type("echo typed-${PPID:+again}\n");
    await console.sees(/^typed-again$/);
  },
};
