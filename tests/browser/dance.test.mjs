// A person in a real browser: logs in, consents, narrows, denies.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Server, authorizeUrl, callback, decide, inspect, launch, logIn, redeem, visitor } from './harness.mjs';

let server, browser, app;

before(async () => {
  server = await Server.start();
  browser = await launch();
  app = await callback();
});

after(async () => {
  await browser?.close();
  await app?.close();
  await server?.stop();
});

const client = (more = {}) =>
  server.client({ grants: ['authorization_code', 'refresh_token'], redirectUri: app.uri, ...more });

const last = () => app.calls.at(-1);

test('login and consent end at the app with a code that is worth a token', async () => {
  const registered = client();
  const { page, context, complaints } = await visitor(browser, server);
  const { url, verifier } = await authorizeUrl(server, registered);
  await page.goto(url);
  await inspect(page, 'login', 'light');
  await logIn(page, server.account());
  await inspect(page, 'consent', 'light');
  await decide(page, 'allow');
  await page.waitForURL(`${app.uri}**`);
  assert.equal(last().get('state'), 'as it was sent');
  assert.equal(last().get('iss'), server.issuer);
  const { status, body } = await redeem(server, registered, last().get('code'), verifier);
  assert.equal(status, 200);
  assert.equal(body.token_type, 'Bearer');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a denial ends at the app as access_denied', async () => {
  const { page, context } = await visitor(browser, server);
  await page.goto((await authorizeUrl(server, client())).url);
  await logIn(page, server.account());
  await decide(page, 'deny');
  await page.waitForURL(`${app.uri}**`);
  assert.equal(last().get('error'), 'access_denied');
  assert.equal(last().get('state'), 'as it was sent');
  await context.close();
});

test('who unticks a scope gives the rest', async () => {
  const [kept, dropped] = server.metadata.scopes_supported;
  assert.ok(dropped, 'the server has two scopes to choose from');
  const registered = client({ scope: `${kept} ${dropped}` });
  const { page, context } = await visitor(browser, server);
  const { url, verifier } = await authorizeUrl(server, registered, { scope: `${kept} ${dropped}` });
  await page.goto(url);
  await logIn(page, server.account());
  await page.locator(`input[type="checkbox"][name="scope"][value="${dropped}"]`).uncheck();
  await decide(page, 'allow');
  await page.waitForURL(`${app.uri}**`);
  const { body } = await redeem(server, registered, last().get('code'), verifier);
  assert.equal(body.scope, kept);
  await context.close();
});

test('a wrong password is refused in words that tell nothing, and the right one still works', async () => {
  const account = server.account();
  const { page, context } = await visitor(browser, server);
  await page.goto((await authorizeUrl(server, client())).url);
  await logIn(page, { ...account, password: 'not it at all' });
  const refused = await page.locator('[role="alert"]').first().innerText();
  await logIn(page, { username: 'nobody at all', password: 'not it at all' });
  assert.equal(await page.locator('[role="alert"]').first().innerText(), refused);
  await logIn(page, account);
  await page.locator('button[name="decision"]').first().waitFor();
  await context.close();
});

test('form_post brings the code to the app in a body, with and without scripts', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const registered = client();
    const { page, context } = await visitor(browser, server, { javaScriptEnabled });
    await page.goto((await authorizeUrl(server, registered, { response_mode: 'form_post' })).url);
    await logIn(page, server.account());
    await decide(page, 'allow');
    if (!javaScriptEnabled) await page.locator('main button').click();
    await page.waitForURL(app.uri);
    assert.ok(last().get('code'));
    assert.equal(last().get('iss'), server.issuer);
    await context.close();
  }
});

test('a redirect URI that is not registered ends on a page', async () => {
  const { page, context } = await visitor(browser, server);
  const { url } = await authorizeUrl(server, client(), { redirect_uri: `${app.uri}/elsewhere` });
  const answer = await page.goto(url);
  assert.equal(answer.status(), 400);
  await inspect(page, 'error', 'light');
  await context.close();
});

test('the login is remembered, the consent of a confidential web client too, until it is asked for again', async () => {
  const registered = client({ redirectUri: 'https://client.example/callback' });
  const { page, context } = await visitor(browser, server);
  const consented = page.waitForResponse((answer) => answer.url().endsWith('/consent') && answer.status() === 303);
  await page.goto((await authorizeUrl(server, registered)).url);
  await logIn(page, server.account());
  // Nothing answers at the client's host: what counts is where the browser is sent.
  await page.locator('button[name="decision"][value="allow"]').click({ noWaitAfter: true });
  await consented;

  const end = async (more) => {
    let url = (await authorizeUrl(server, registered, more)).url;
    for (let left = 5; left > 0 && url.startsWith(server.issuer); left -= 1) {
      const answer = await context.request.get(url, { maxRedirects: 0 });
      if (answer.status() === 200) return new URL(answer.url()).pathname;
      url = new URL(answer.headers().location, url).href;
    }
    return new URL(url).origin;
  };
  assert.equal(await end(), 'https://client.example');
  assert.equal(await end({ prompt: 'consent' }), '/consent');
  await context.close();
});
