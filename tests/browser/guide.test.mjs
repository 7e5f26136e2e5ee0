// The walk of the well-known guide, with our own example for its app: a developer registers an app for OAuth 1, starts
// it, and a person logs in there, says no, and takes back what was given.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Server, decide, inspect, launch, logIn, press, visitor } from './harness.mjs';

const BINARY = process.env.OAUTH1_CLIENT_BIN ?? 'target/debug/oauth1-client';
const APP = 'http://127.0.0.1:8000';
const PATIENCE = 20_000;

let server, browser;

before(async () => {
  server = await Server.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Runs the example with those credentials while `walk` walks. */
async function withApp({ key, secret, method }, walk) {
  const env = { PATH: process.env.PATH, ISSUER: server.issuer, CONSUMER_KEY: key, CONSUMER_SECRET: secret };
  if (method) env.METHOD = method;
  const app = spawn(BINARY, [], { stdio: ['ignore', 'ignore', 'inherit'], env });
  const ended = new Promise((resolve) => app.on('exit', resolve));
  try {
    for (const end = Date.now() + PATIENCE; ; await pause(50)) {
      assert.equal(app.exitCode, null, 'the app runs');
      if ((await fetch(APP).catch(() => undefined))?.ok) break;
      assert.ok(Date.now() < end, 'the app answers');
    }
    await walk();
  } finally {
    app.kill();
    await ended;
  }
}

/** Registers an app for OAuth 1 on the page, and reads what it shows this once. */
async function register(page, name) {
  await page.goto('/apps/new');
  await page.locator('input[name="name"]').fill(name);
  await page.locator('textarea[name="redirect_uris"]').fill(`${APP}/callback`);
  await page.locator('#oauth1').check();
  await press(page, '/apps/new');
  await inspect(page, 'guide-credentials', 'light');
  const terms = page.locator('section:has(h2:text-is("OAuth 1")) dl').last();
  const [key, secret] = await terms.locator('code').allInnerTexts();
  assert.ok(key && secret, await page.locator('main').innerText());
  return { key, secret };
}

const shown = (page) => page.locator('main').innerText();

async function goToApp(page) {
  await page.goto(APP);
  await page.locator('form[action="/login"] button').click();
  await page.waitForLoadState();
}

test('from the registration to the name in the app, and to the day that it is taken back', async () => {
  const developer = await visitor(browser, server);
  await developer.page.goto('/apps');
  await logIn(developer.page, server.account());
  const made = await register(developer.page, 'Guide reader');
  await developer.page.goto(`/apps/${made.key}`);
  assert.ok(!(await developer.page.content()).includes(made.secret), 'the secret is shown once');
  await developer.context.close();

  await withApp(made, async () => {
    const { page, context, complaints } = await visitor(browser, server);
    const account = server.account();
    await page.goto(APP);
    assert.match(await shown(page), /Nobody is logged in/);
    await goToApp(page);
    await logIn(page, account);
    assert.match(await shown(page), /Guide reader/);
    await inspect(page, 'guide-consent', 'light');
    await decide(page, 'allow');
    await page.waitForURL(`${APP}/`);
    assert.match(await shown(page), new RegExp(`You are ${account.username}`));
    await page.reload();
    assert.match(await shown(page), new RegExp(`You are ${account.username}`), 'every call is signed anew');

    await page.goto(server.at('/account/apps'));
    assert.match(await shown(page), /Guide reader/);
    await press(page, '/account/apps/revoke');
    assert.match(await shown(page), /Guide reader no longer has access/);
    await page.goto(APP);
    assert.match(await shown(page), /401 Unauthorized and says token_revoked/);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});

test('who says no is asked again the next time, and the app is told', async () => {
  const made = server.consumer({ callback: `${APP}/callback`, name: 'Guide reader' });
  await withApp(made, async () => {
    const { page, context } = await visitor(browser, server);
    await goToApp(page);
    await logIn(page, server.account());
    await decide(page, 'deny');
    assert.match(await shown(page), /the server says permission_denied/);
    await page.goto(APP);
    assert.match(await shown(page), /Nobody is logged in/);
    await goToApp(page);
    await decide(page, 'allow');
    await page.waitForURL(`${APP}/`);
    assert.match(await shown(page), /You are/);
    await context.close();
  });
});

test('the route for trying out makes a client with which the app runs, without a password', async () => {
  const { page, context } = await visitor(browser, server);
  await page.goto('/client');
  assert.equal(new URL(page.url()).pathname, '/', 'who is not logged in is sent home');
  await page.locator('button[name="demo"][value="demo"]').click();
  await page.waitForLoadState();
  assert.match(await shown(page), /demo/);
  const answer = await page.goto('/client');
  assert.match(answer.headers()['content-type'], /^application\/json/);
  const { client_key: key, client_secret: secret } = await answer.json();
  for (const method of ['HMAC-SHA1', 'HMAC-SHA512']) {
    await withApp({ key, secret, method }, async () => {
      await goToApp(page);
      if (new URL(page.url()).origin !== APP) await decide(page, 'allow');
      await page.waitForURL(`${APP}/`);
      assert.match(await shown(page), /You are Demo user/);
    });
  }
  await context.close();
});

test('credentials that do not fit are said to be wrong, before anybody is asked', async () => {
  const { key } = server.consumer({ callback: `${APP}/callback` });
  const elsewhere = server.consumer({ callback: `${APP}/elsewhere` });
  for (const [made, told] of [
    [{ key, secret: 'a guess' }, 'signature_invalid'],
    [{ key: 'nobody', secret: 'a guess' }, 'consumer_key_unknown'],
    [elsewhere, 'parameter_rejected'],
  ]) {
    await withApp(made, async () => {
      const { page, context } = await visitor(browser, server);
      await goToApp(page);
      assert.ok(page.url().startsWith(APP));
      assert.match(await shown(page), new RegExp(`says ${told}`));
      await context.close();
    });
  }
});
