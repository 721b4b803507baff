// The vendor's own TypeScript SDK against the daemon: one whole session.
//
//   node sdk_client.mjs BASE_URL TOKEN
//
// Exits 0 when everything was as the SDK expects; otherwise says what was not.
import assert from "node:assert/strict";
import { Runtime } from "oblien/runtime";
import WebSocket from "ws";

// Browsers and newer Node.js have it built in.
globalThis.WebSocket ??= WebSocket;

const [baseUrl, token] = process.argv.slice(2);
const runtime = new Runtime({ baseUrl, token });
setTimeout(() => {
  console.error("the session did not end in time");
  process.exit(1);
}, 60_000).unref();

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("this should have been refused");
}

assert.equal(await runtime.health(), true);
assert.equal((await runtime.info()).os, "linux");
const targets = await runtime.targets();
assert.ok(targets.targets.some((one) => one.id === targets.default_target));
assert.equal(await runtime.forTarget("default").health(), true);

// Errors arrive as errors: the SDK looks at the body, not at the status.
const missing = await refusal(runtime.terminal.close("200"));
assert.equal(missing.status, 404);
assert.equal(missing.name, "NotFoundError");
assert.match(missing.message, /not found/);
const wrong = await refusal(
  new Runtime({ baseUrl, token: "wrong" }).terminal.list(),
);
assert.equal(wrong.status, 401);
assert.equal(wrong.name, "AuthenticationError");
const invalid = await refusal(
  runtime.terminal.create({ shell: "/no/such/shell" }),
);
assert.equal(invalid.status, 400);
assert.equal(invalid.name, "ValidationError");

// A finished terminal, and a live one, before the socket connects.
const finished = await runtime.terminal.create({
  cmd: ["sh", "-c", "echo was here; exit 3"],
});
const shell = await runtime.terminal.create({
  shell: "/bin/sh",
  cols: 101,
  rows: 31,
  scrollbackSize: 131072,
});
assert.equal(shell.success, true);
assert.deepEqual(shell.command, ["/bin/sh"]);
let listed = [];
while (listed.find((one) => one.id === finished.id)?.alive !== false)
  listed = await runtime.terminal.list();
assert.equal(listed.find((one) => one.id === finished.id).exit_code, 3);
assert.equal(listed.find((one) => one.id === shell.id).cols, 101);

const output = new Map();
const exits = new Map();
const waiting = new Set();
const messages = [];
const socket = runtime.ws({ reconnectDelay: 50 });
const changed = () => waiting.forEach((check) => check());
function until(condition) {
  return new Promise((resolve) => {
    const check = () => {
      if (!condition()) return;
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
  });
}
let opened = 0;
let closes = 0;
socket
  .onOpen(() => (opened++, changed()))
  .onClose(() => (closes++, changed()))
  .onMessage((message) => messages.push(message))
  .onTerminalExit((id, code) => (exits.set(id, code), changed()))
  .onTerminalOutput((id, data) => {
    const text = Buffer.from(data).toString("latin1");
    output.set(id, (output.get(id) ?? "") + text);
    changed();
  });
const sees = (id, text) => until(() => (output.get(id) ?? "").includes(text));
socket.connect();
await until(() => opened === 1);
await until(() => exits.get(finished.id) === 3);

socket.writeTerminalInput(shell.id, "stty size; echo typed-by-$((40 + 2))\n");
await sees(shell.id, "31 101");
await sees(shell.id, "typed-by-42");
socket.resizeTerminal(shell.id, 90, 28);
socket.writeTerminalInput(shell.id, "stty size\n");
await sees(shell.id, "28 90");

const scrollback = await runtime.terminal.scrollback(shell.id);
assert.equal(
  Buffer.from(scrollback.scrollback, "base64").length,
  scrollback.size,
);
const tail = await runtime.terminal.scrollback(shell.id, { bytes: 5 });
assert.equal(tail.size, 5);

// Two sockets at once: neither evicts the other.
const second = runtime.ws({ reconnect: false });
let secondOpened = false;
second.onOpen(() => ((secondOpened = true), changed()));
second.connect();
await until(() => secondOpened);
second.writeTerminalInput(shell.id, "echo from-$((1 + 1))\n");
await sees(shell.id, "from-2");
assert.equal(closes, 0);
second.close();

socket.writeTerminalInput(shell.id, "exit 7\n");
await until(() => exits.get(shell.id) === 7);
for (const { id } of await runtime.terminal.list()) {
  const closed = await runtime.terminal.close(id);
  assert.equal(closed.success, true);
  assert.equal(closed.terminal_id, id);
}
assert.deepEqual(await runtime.terminal.list(), []);
for (const message of messages)
  assert.deepEqual(Object.keys(message).sort(), [
    "channel",
    "code",
    "id",
    "type",
  ]);
socket.close();
await until(() => closes === 1);
console.log("ok");
process.exit(0);
