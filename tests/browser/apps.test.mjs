// A developer registers an app, and a person who connected it takes it back; all in a real browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Server, authorizeUrl, basic, callback, decide, launch, logIn, press, redeem, visitor } from './harness.mjs';

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

/** Registers an app on the page; its client as the developer sees it this once. */
async function register(page, name) {
  await page.goto('/apps/new');
  await page.locator('input[name="name"]').fill(name);
  await page.locator('input[name="site"]').fill('https://app.example');
  await page.locator('textarea[name="redirect_uris"]').fill(app.uri);
  await page.locator('input[name="type"][value="confidential"]').check();
  for (const grant of ['authorization_code', 'refresh_token', 'client_credentials']) {
    await page.locator(`input[name="grant"][value="${grant}"]`).check();
  }
  await page.locator('input[name="scope"][value="profile"]').check();
  await press(page, '/apps/new');
  return shown(page);
}

/** What the page with the secret shows: the id, and the secret, each in an element of its own. */
async function shown(page) {
  const [id, secret] = await page.locator('main dl code').allInnerTexts();
  assert.match(secret, /^vk_/);
  return { id, secret, redirectUri: app.uri };
}

const clientCredentials = async (client) =>
  (await fetch(server.metadata.token_endpoint, {
    method: 'POST',
    headers: { authorization: basic(client) },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })).status;

test('an app is registered, shows its secret once, gets another, and is deleted', async () => {
  const { page, context, complaints } = await visitor(browser, server);
  await page.goto('/apps');
  await logIn(page, server.account());
  const first = await register(page, 'Night reader');
  assert.equal(await clientCredentials(first), 200);

  await page.goto(`/apps/${first.id}`);
  assert.ok(!(await page.content()).includes(first.secret), 'the secret is shown once');

  await press(page, `/apps/${first.id}/secret`);
  const second = await shown(page);
  assert.notEqual(second.secret, first.secret);
  assert.equal(await clientCredentials(second), 200);
  assert.equal(await clientCredentials(first), 200, 'the old secret lives until it is retired');

  await page.goto(`/apps/${first.id}`);
  await press(page, `/apps/${first.id}/secret/retire`);
  assert.equal(await clientCredentials(first), 401);
  assert.equal(await clientCredentials(second), 200);

  await page.goto(`/apps/${first.id}/edit`);
  await page.locator('input[name="name"]').fill('Day reader');
  await press(page, `/apps/${first.id}/edit`);
  await page.goto('/apps');
  assert.match(await page.locator('main').innerText(), /Day reader/);

  await page.goto(`/apps/${first.id}`);
  await press(page, `/apps/${first.id}/delete`);
  assert.equal(await clientCredentials(second), 401);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an app is nobody else\'s to see', async () => {
  const owner = await visitor(browser, server);
  await owner.page.goto('/apps');
  await logIn(owner.page, server.account());
  const { id } = await register(owner.page, 'Mine');
  await owner.context.close();

  const other = await visitor(browser, server);
  await other.page.goto('/apps');
  await logIn(other.page, server.account());
  assert.equal((await other.page.goto(`/apps/${id}`)).status(), 404);
  assert.equal((await other.page.goto(`/apps/${id}/edit`)).status(), 404);
  await other.context.close();
});

test('a bad redirect URI is refused beside its field, and what was typed stays', async () => {
  const { page, context } = await visitor(browser, server);
  await page.goto('/apps');
  await logIn(page, server.account());
  await page.goto('/apps/new');
  await page.locator('input[name="name"]').fill('Tricky');
  await page.locator('textarea[name="redirect_uris"]').fill('javascript:alert(1)');
  await press(page, '/apps/new');
  const field = page.locator('textarea[name="redirect_uris"]');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('input[name="name"]').inputValue(), 'Tricky');
  await context.close();
});

test('what was connected is listed, and revoking it ends its tokens at once', async () => {
  const { page, context } = await visitor(browser, server);
  const registered = server.client({
    grants: ['authorization_code', 'refresh_token'],
    redirectUri: app.uri,
    name: 'Photo printer',
  });
  const { url, verifier } = await authorizeUrl(server, registered);
  await page.goto(url);
  await logIn(page, server.account());
  await decide(page, 'allow');
  await page.waitForURL(`${app.uri}**`);
  const { body } = await redeem(server, registered, app.calls.at(-1).get('code'), verifier);

  await page.goto('/account/apps');
  const entry = page.locator(`form[action="/account/apps/revoke"] input[value="${registered.id}"]`);
  assert.equal(await entry.count(), 1);
  assert.match(await page.locator('main').innerText(), /Photo printer/);
  await press(page, '/account/apps/revoke');
  assert.equal(await entry.count(), 0);

  const refreshed = await fetch(server.metadata.token_endpoint, {
    method: 'POST',
    headers: { authorization: basic(registered) },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: body.refresh_token }),
  });
  assert.equal((await refreshed.json()).error, 'invalid_grant');
  const told = await fetch(server.metadata.introspection_endpoint, {
    method: 'POST',
    headers: { authorization: basic(registered) },
    body: new URLSearchParams({ token: body.access_token }),
  });
  assert.deepEqual(await told.json(), { active: false });
  await context.close();
});
