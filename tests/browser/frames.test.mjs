// Frames that a healthy daemon rarely sends: gaps, reused ids, repeated
// bytes, errors. The page is the real one; /ws and /terminals are played by
// the test.
import { ConsolePage, check, equal, eventually } from "./console_page.mjs";

/** A page whose daemon is this script. */
class Stage {
  sent = []; // text frames of the page, parsed
  typed = ""; // bytes of its binary frames
  queries = []; // of each connection
  socket = null;

  constructor(listing) {
    this.listing = listing;
  }

  static async open(context, daemon, listing) {
    const stage = new Stage(listing);
    const page = await context.newPage();
    await page.route("**/terminals", (route) =>
      route.fulfill({ json: { success: true, terminals: stage.listing } }),
    );
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      stage.queries.push(new URL(socket.url()).searchParams);
      stage.socket = socket;
      socket.onMessage((data) => {
        if (typeof data === "string") stage.sent.push(JSON.parse(data));
        else stage.typed += Buffer.from(data).subarray(1).toString();
      });
    });
    stage.console = new ConsolePage(page, daemon);
    await page.goto(daemon.consoleUrl);
    await stage.console.connected();
    return stage;
  }

  text(type, fields) {
    const frame = { channel: "terminal", type, id: "1", ...fields };
    this.socket.send(JSON.stringify(frame));
  }

  attached(fields) {
    this.text("attached", {
      session: "first",
      offset: 0,
      tail: 0,
      head: 0,
      cols: 80,
      rows: 24,
      alive: true,
      ...fields,
    });
  }

  data(text) {
    this.socket.send(Buffer.from(`\x01${text}`));
  }

  acks() {
    return this.sent.filter(({ type }) => type === "ack");
  }
}

function line(fields) {
  return {
    id: "1",
    session: "first",
    command: ["/bin/sh"],
    cols: 80,
    rows: 24,
    alive: true,
    exit_code: null,
    ...fields,
  };
}

export default {
  "a gap is shown and the stream goes on": async ({ context, daemon }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached();
    stage.data("before ");
    stage.text("gap", { from: 7, to: 1241 });
    stage.data("after");
    await stage.console.sees(/before after/);
    await stage.console
      .at("gap-notice")
      .filter({ hasText: "1,234 bytes" })
      .waitFor();
    equal((await stage.console.terminal(1)).next, 1246, "offset");
  },

  "bytes that come again are shown once": async ({ context, daemon }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached();
    stage.data("one two ");
    await stage.console.sees(/one two/);
    stage.attached({ offset: 4, head: 13 });
    stage.data("two ");
    stage.data("three");
    await stage.console.sees(/three/);
    equal(await stage.console.text(1), "one two three", "text");
  },

  "a reconnect resumes at the offset reached": async ({ context, daemon }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached({ offset: 100, head: 100 });
    stage.data("hello");
    await stage.console.sees(/hello/);
    const { socket } = stage;
    await socket.close({ code: 1011 });
    await stage.console.until(() => window.__outrigger.link() !== "open");
    await stage.console.connected();
    equal(stage.queries[0].get("after"), null, "first connection");
    equal(stage.queries[1].get("after"), "1:105", "second connection");
    equal(stage.queries[1].get("ext"), "1", "extensions asked for");
  },

  "a reused id starts a new screen": async ({ context, daemon }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached();
    stage.data("old");
    await stage.console.sees(/old/);
    stage.listing = [line({ session: "second" })];
    stage.attached({ session: "second" });
    stage.data("new");
    await stage.console.sees(/new/);
    equal(await stage.console.text(1), "new", "text");
    equal((await stage.console.terminals()).length, 1, "terminals");
  },

  "an id reused while away is not resumed": async ({ context, daemon }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached();
    stage.data("old");
    await stage.console.sees(/old/);
    stage.listing = [line({ session: "second" })];
    await stage.socket.close({ code: 1011 });
    await stage.console.until(() => window.__outrigger.link() !== "open");
    await stage.console.connected();
    equal(stage.queries[1].get("after"), null, "resume list");
    stage.attached({ session: "second", offset: 2, tail: 2, head: 2 });
    stage.data("new");
    await stage.console.sees(/^new$/);
  },

  "what is drawn is acknowledged, from the start": async ({
    context,
    daemon,
  }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached({ offset: 10, head: 10 });
    const chunk = "x".repeat(8191) + "\n";
    for (let sent = 0; sent < 32; sent++) stage.data(chunk);
    await stage.console.settled(1);
    const end = 10 + 32 * 8192;
    await eventually(() => stage.acks().at(-1)?.offset === end, "last ack");
    const offsets = stage.acks().map(({ offset }) => offset);
    equal(offsets[0], 10, "first acknowledgement");
    for (let at = 1; at < offsets.length; at++) {
      check(offsets[at] > offsets[at - 1], "each one further");
      check(offsets[at] - offsets[at - 1] <= 64 * 1024, "none too late");
    }
  },

  "nothing is typed before the replay is drawn": async ({
    context,
    daemon,
  }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached({ head: 12 });
    stage.data("what?\x1b[c"); // a question, not neutralised
    await stage.console.sees(/what\?/);
    await stage.console.focusTerminal();
    await stage.console.type("early");
    stage.data("done");
    await stage.console.until(() => window.__outrigger.terminal(1).live);
    await stage.console.type("late");
    await eventually(() => stage.typed.endsWith("late"), "late bytes sent");
    equal(stage.typed, "late", "all bytes sent");
  },

  "a finished terminal is asked for and readable": async ({
    context,
    daemon,
  }) => {
    const ended = line({ alive: false, exit_code: 3 });
    const stage = await Stage.open(context, daemon, [ended]);
    stage.text("exit", { code: 3 });
    await stage.console
      .at("exit-notice")
      .filter({ hasText: "code 3" })
      .waitFor();
    await eventually(
      () => stage.sent.some(({ type, id }) => type === "attach" && id === "1"),
      "an attach frame",
    );
    stage.attached({ offset: 5, head: 9, alive: false });
    stage.data("last");
    await stage.console.sees(/^last$/);
  },

  "a refusal is shown": async ({ context, daemon }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached();
    stage.text("error", {
      code: "view_only",
      message: "this connection only watches",
    });
    await stage.console
      .at("toast")
      .filter({ hasText: "only watches" })
      .waitFor();
  },

  "a terminal the daemon lost stays on the screen": async ({
    context,
    daemon,
  }) => {
    const stage = await Stage.open(context, daemon, [line()]);
    stage.attached();
    stage.data("precious");
    await stage.console.sees(/precious/);
    stage.listing = [];
    await stage.socket.close({ code: 1011 });
    await stage.console
      .at("exit-notice")
      .filter({ hasText: "no longer has" })
      .waitFor();
    equal(await stage.console.text(), "precious", "text");
  },
};
