// OAuth 1 on the pages: a code that is carried by hand, an app's own pages, and what the operator sees; in every look.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { LOOKS, Server, callback, decide, inspect, launch, logIn, press, visitor } from './harness.mjs';

let server, browser, app, administrator;

before(async () => {
  server = await Server.start();
  browser = await launch();
  app = await callback();
  administrator = { username: 'operator', password: 'a long enough first password' };
  const { page, context } = await visitor(browser, server);
  await page.goto(server.cli(['setup-link']).url);
  await logIn(page, administrator);
  await context.close();
});

after(async () => {
  await browser?.close();
  await app?.close();
  await server?.stop();
});

const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Posts a request that a client signs with HMAC-SHA256 (RFC 5849 §3); the answer with its form read. */
async function signed(path, client, more = {}, { token = '', secret = '', spoilt = false } = {}) {
  const url = server.at(path);
  const said = {
    oauth_consumer_key: client.id,
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_nonce: randomBytes(8).toString('hex'),
    ...(token && { oauth_token: token }),
    ...more,
  };
  const pairs = Object.entries(said).map(([name, value]) => [encode(name), encode(value)]);
  const sorted = pairs.map((pair) => pair.join('=')).sort().join('&');
  const key = `${encode(client.secret)}&${encode(secret)}${spoilt ? 'x' : ''}`;
  const signature = createHmac('sha256', key).update(['POST', encode(url), encode(sorted)].join('&')).digest('base64');
  const header = [...pairs, ['oauth_signature', encode(signature)]].map(([name, value]) => `${name}="${value}"`);
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `OAuth ${header.join(', ')}` } });
  return { answer, form: new URLSearchParams(await answer.text()) };
}

/** Registers a client that speaks OAuth 1 only. */
function register(name, ...more) {
  const words = ['client', 'create', '--name', name, '--scope', server.metadata.scopes_supported.join(' '), '--oauth1'];
  const made = server.cli([...words, '--redirect-uri', app.uri, '--oob', ...more]);
  return { id: made.client_id, secret: made.oauth1_secret };
}

async function begin(client, callback) {
  const { answer, form } = await signed('/oauth1/request_token', client, { oauth_callback: callback });
  assert.equal(answer.status, 200);
  return { token: form.get('oauth_token'), secret: form.get('oauth_token_secret') };
}

const authorize = ({ token }) => server.at(`/oauth1/authorize?oauth_token=${encode(token)}`);

test('a verifier in the callback is worth token credentials', async () => {
  const client = register('Paper printer');
  const { page, context, complaints } = await visitor(browser, server);
  const temporary = await begin(client, app.uri);
  await page.goto(authorize(temporary));
  await logIn(page, server.account());
  await decide(page, 'allow');
  await page.waitForURL(`${app.uri}**`);
  const told = app.calls.at(-1);
  assert.deepEqual([...told.keys()].sort(), ['oauth_token', 'oauth_verifier']);
  const { answer } = await signed('/oauth1/access_token', client, { oauth_verifier: told.get('oauth_verifier') }, temporary);
  assert.equal(answer.status, 200);
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const look of Object.keys(LOOKS)) {
  describe(look, () => {
    test('a code is carried by hand', async () => {
      const client = register(`Letter press in ${look}`);
      const { page, context, complaints } = await visitor(browser, server, { look });
      const temporary = await begin(client, 'oob');
      await page.goto(authorize(temporary));
      await logIn(page, server.account());
      await inspect(page, 'consent-by-hand', look);
      await decide(page, 'allow');
      await inspect(page, 'verifier', look);
      // What a person marks and copies is the code, without the gaps that the eye sees.
      const code = await page.evaluate(() => {
        getSelection().selectAllChildren(document.querySelector('main code'));
        return getSelection().toString();
      });
      assert.match(code, /^[A-Z2-9]{8}$/);
      const { answer, form } = await signed('/oauth1/access_token', client, { oauth_verifier: code }, temporary);
      assert.equal(answer.status, 200);
      assert.ok(form.get('oauth_token_secret'));
      await page.goto('/account/apps');
      await inspect(page, 'account-apps-oauth1', look);
      assert.deepEqual(complaints, []);
      await context.close();
    });

    test('an app signs', async () => {
      const { page, context, complaints } = await visitor(browser, server, { look });
      await page.goto('/apps/new');
      await logIn(page, server.account());
      await page.goto('/apps/new');
      assert.ok(await page.locator('#oauth1_sunset').isHidden(), 'what is only for OAuth 1 is folded away');
      await page.locator('#oauth1').check();
      await page.locator('input[name="name"]').fill(`Wax seal in ${look}`);
      await page.locator('textarea[name="redirect_uris"]').fill('https://seal.example/callback');
      await page.locator('input[name="oauth1_method"][value="PLAINTEXT"]').check();
      await page.locator('input[name="oauth1_method"][value="RSA-SHA256"]').check();
      await page.locator('#oauth1_sunset').fill('2099-06-30');
      await press(page, '/apps/new');
      await inspect(page, 'app-new-oauth1-refused', look);
      assert.equal(await page.locator('#oauth1_rsa_keys').getAttribute('aria-invalid'), 'true');
      await page.locator('input[name="oauth1_method"][value="RSA-SHA256"]').uncheck();
      await press(page, '/apps/new');
      await inspect(page, 'app-secret-oauth1', look);
      await page.locator('main a.button').last().click();
      await page.waitForLoadState();
      const at = page.url();
      await inspect(page, 'app-oauth1', look);
      await press(page, '/oauth1-secret');
      await inspect(page, 'app-secret-oauth1-replaced', look);
      await page.goto(at);
      await press(page, '/oauth1-secret/retire');
      await page.goto(`${at}/edit`);
      await inspect(page, 'app-edit-oauth1', look);
      assert.deepEqual(complaints.filter((complaint) => !complaint.includes('status of 422')), []);
      await context.close();
    });

    test('the operator sees who signs, and why a signature was refused', async () => {
      const client = register(`Ink well in ${look}`, '--oauth1-sunset', '2099-01-02');
      const { page, context, complaints } = await visitor(browser, server, { look });
      await page.goto('/login');
      await logIn(page, administrator);
      await begin(client, 'oob');
      const { answer } = await signed('/oauth1/request_token', client, { oauth_callback: 'oob' }, { spoilt: true });
      assert.equal(answer.status, 401);
      const shows = async (path, locator) => {
        for (const end = Date.now() + 30_000; Date.now() < end; await pause(250)) {
          await page.goto(path);
          if ((await page.locator(locator).count()) > 0) return;
        }
        assert.fail(`${path} never shows ${locator}`);
      };
      await shows(`/admin/refusals?request_id=${answer.headers.get('x-request-id')}`, 'details[open] pre');
      await inspect(page, 'admin-refusals-oauth1', look);
      await shows('/admin/oauth1', `li:has-text("Ink well in ${look}")`);
      await page.locator('main details summary').click();
      await inspect(page, 'admin-oauth1', look);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  });
}
