// The console page as a test sees it: what is on it, what a person does with
// it. Every wait is for a condition, never for a time.

/** Long enough for a loaded machine; reached only by a failing test. */
const patience = 30_000;

export class ConsolePage {
  constructor(page, daemon) {
    this.page = page;
    this.daemon = daemon;
    page.setDefaultTimeout(patience);
  }

  /** A new window, signed in by the address the daemon printed. */
  static async open(context, daemon) {
    const opened = new ConsolePage(await context.newPage(), daemon);
    await opened.page.goto(daemon.consoleUrl);
    await opened.connected();
    return opened;
  }

  at(testid) {
    return this.page.getByTestId(testid);
  }

  async connected() {
    await this.page.waitForSelector('[data-testid=link][data-state="open"]');
  }

  /** Waits until `check`, run in the page with `value`, is true. */
  until(check, value) {
    return this.page.waitForFunction(check, value, { timeout: patience });
  }

  // -- terminals -----------------------------------------------------------------

  terminals() {
    return this.page.evaluate(() => window.__outrigger.terminals());
  }

  terminal(id) {
    return this.page.evaluate(
      (which) => window.__outrigger.terminal(which),
      id,
    );
  }

  /** All of a terminal's text; the active one's without an id. */
  text(id) {
    return this.page.evaluate((which) => window.__outrigger.text(which), id);
  }

  /** By the + button; waits for its prompt. Returns its id. */
  async create() {
    const before = await this.terminals();
    await this.at("new").click();
    return this.created(before.map((terminal) => terminal.id));
  }

  /** Waits until a terminal other than those of `before` is shown, at its
   * prompt. Returns its id. */
  async created(before = []) {
    await this.until((known) => {
      const { active, terminal, text } = window.__outrigger;
      return (
        terminal()?.live &&
        !known.includes(active()) &&
        /[$#] ?$/.test(text())
      );
    }, before);
    return this.page.evaluate(() => window.__outrigger.active());
  }

  /** Types into the focused element, like a person. */
  async type(text) {
    await this.page.keyboard.type(text);
  }

  async press(keys) {
    await this.page.keyboard.press(keys);
  }

  async focusTerminal() {
    await this.page
      .locator(".panel:not([hidden]) .xterm-helper-textarea")
      .focus();
  }

  /** Types a command line and waits for its output to match. */
  async run(command, pattern) {
    await this.focusTerminal();
    await this.type(`${command}\n`);
    await this.sees(pattern);
  }

  async sees(pattern, id) {
    await this.until(
      ([source, which]) =>
        new RegExp(source, "m").test(window.__outrigger.text(which)),
      [pattern.source, id],
    );
  }

  /** The program prints its terminal's size again and again, until Ctrl+C. */
  async printSizes() {
    await this.run("while stty size; do sleep 0.1; done", /^\d+ \d+$/);
  }

  /** Waits until the page shows fewer than `width` columns and the program of
   * printSizes() knows it. */
  async resizedBelow(width) {
    await this.until((limit) => {
      const { terminal, text } = window.__outrigger;
      const { cols, rows } = terminal();
      return cols < limit && text().trimEnd().endsWith(`\n${rows} ${cols}`);
    }, width);
  }

  /** Everything the daemon has printed is drawn and acknowledged. */
  async settled(id) {
    await this.until((which) => {
      const { live, next, rendered, acked } =
        window.__outrigger.terminal(which);
      return live && rendered === next && acked === next;
    }, id);
  }

  async tabTitles() {
    return this.at("tab-title").allTextContents();
  }
}

/** Fails with both values unless they are equal. */
export function equal(actual, expected, what) {
  const [left, right] = [actual, expected].map((each) => JSON.stringify(each));
  if (left !== right)
    throw new Error(`${what}:\n  actual   ${left}\n  expected ${right}`);
}

/** Waits for something outside the page: polls until `condition` holds. */
export async function eventually(condition, what) {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function check(condition, what) {
  if (!condition) throw new Error(`expected: ${what}`);
}
