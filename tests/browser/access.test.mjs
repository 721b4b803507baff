// Signing in, and what the daemon serves to anybody: the files of the page.
import http from "node:http";

import { ConsolePage, check, equal } from "./console_page.mjs";

/** A GET that keeps the encoded body as it came. */
function get(url, headers = {}) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      })
      .on("error", reject);
  });
}

/** Every file of the page, from the page itself: what index.html names, and
 * what those files load later. */
async function pageFiles(origin) {
  const found = new Set(["/"]);
  for (const path of found) {
    const { body } = await get(origin + path);
    const names = body
      .toString()
      .matchAll(/["'(/.]((?:assets\/|favicon|manifest)[\w.-]+)/g);
    for (const [, name] of names) found.add(`/${name}`);
    for (const [, name] of body.toString().matchAll(/"\.\/([\w-]+\.js)"/g))
      found.add(`/assets/${name}`);
  }
  return [...found];
}

export default {
  "the token disappears from the address bar": async ({ open }) => {
    const console = await open();
    check(!console.page.url().includes("token"), "no token in the address");
    await console.page.reload(); // and is not needed there again
    await console.connected();
  },

  "a wrong token leads to the sign-in form": async ({ context, daemon }) => {
    const console = new ConsolePage(await context.newPage(), daemon);
    await console.page.goto(`${daemon.origin}/#token=wrong`);
    await console.at("sign-in-problem").waitFor();
    check(!console.page.url().includes("token"), "no token in the address");
    await console.at("token-field").fill("wrong again");
    await console.at("sign-in-submit").click();
    await console
      .at("sign-in-problem")
      .filter({ hasText: "does not accept" })
      .waitFor();
    await console.at("token-field").fill(daemon.token);
    await console.at("sign-in-submit").click();
    await console.connected();
    await console.create();
  },

  "without a token there is the sign-in form, and it takes an address": async ({
    context,
    daemon,
  }) => {
    const console = new ConsolePage(await context.newPage(), daemon);
    await console.page.goto(daemon.origin);
    await console.at("sign-in").waitFor();
    await console.at("token-field").fill(daemon.consoleUrl);
    await console.press("Enter");
    await console.connected();
  },

  "signing out forgets the token": async ({ open }) => {
    const console = await open();
    await console.at("settings").click();
    await console.at("sign-out").click();
    await console.at("sign-in").waitFor();
    await console.page.reload();
    await console.at("sign-in").waitFor();
    const kept = await console.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    );
    check(!kept.includes(console.daemon.token), "no token in the storage");
  },

  "the whole page is under 600 kB compressed, its start under 150": async ({
    daemon,
  }) => {
    let total = 0;
    let start = 0;
    const files = await pageFiles(daemon.origin);
    const index = (await get(`${daemon.origin}/`)).body.toString();
    check(files.length >= 5, `several files, not ${files}`);
    for (const path of files) {
      const encoding = { "Accept-Encoding": "br" };
      const { status, headers, body } = await get(
        daemon.origin + path,
        encoding,
      );
      equal(status, 200, path);
      if (/\.(js|css)$/.test(path))
        equal(headers["content-encoding"], "br", `encoding of ${path}`);
      total += body.length;
      if (path === "/" || index.includes(path)) start += body.length;
    }
    check(total < 600_000, `under 600 kB, not ${total}`);
    check(start < 150_000, `under 150 kB at first, not ${start}`);
  },

  "the page comes with its policy, and its files are cacheable": async ({
    daemon,
  }) => {
    const index = await get(`${daemon.origin}/`);
    const policy = index.headers["content-security-policy"] ?? "";
    check(policy.includes("default-src 'self'"), "a content security policy");
    check(!/script-src[^;]*unsafe/.test(policy), "no unsafe scripts");
    const script = /\/assets\/[\w.-]+\.js/.exec(index.body.toString())[0];
    const first = await get(daemon.origin + script);
    check(/immutable/.test(first.headers["cache-control"]), "kept for ever");
    const { etag } = first.headers;
    const again = await get(daemon.origin + script, { "If-None-Match": etag });
    equal(again.status, 304, "status for a known tag");
  },
};
