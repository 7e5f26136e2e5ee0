// Every page, in light and dark, on a desk and on a phone: axe-core finds nothing, nothing runs out of the window, and
// there is a picture to look at.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { LOOKS, Server, authorizeUrl, callback, decide, inspect, launch, logIn, press, visitor } from './harness.mjs';

let server, browser, app, administrator, developer;

before(async () => {
  server = await Server.start();
  browser = await launch();
  app = await callback();
  developer = server.account();
  administrator = { username: 'operator', password: 'a long enough first password' };
  await setUp();
});

after(async () => {
  await browser?.close();
  await app?.close();
  await server?.stop();
});

const OPEN = { home: '/', login: '/login', signup: '/signup', error: '/oauth2/authorize' };
const OWN = {
  account: '/account',
  'account-password': '/account/password',
  'account-sessions': '/account/sessions',
  'account-apps': '/account/apps',
  apps: '/apps',
  'app-new': '/apps/new',
  logout: '/logout',
};
const OPERATOR = {
  admin: '/admin',
  'admin-search': '/admin/clients?q=nobody',
  'admin-clients': '/admin/clients',
  'admin-accounts': '/admin/accounts',
  'admin-sessions': '/admin/sessions',
  'admin-keys': '/admin/keys',
  'admin-refusals': '/admin/refusals',
  'admin-oauth1-none': '/admin/oauth1',
  'admin-events': '/admin/events',
};

/** The first administrator comes by the one-time link, which is a page too. */
async function setUp() {
  const { url } = server.cli(['setup-link']);
  for (const look of Object.keys(LOOKS)) {
    const { page, context } = await visitor(browser, server, { look });
    await page.goto(url);
    await inspect(page, 'setup', look);
    if (look === Object.keys(LOOKS).at(-1)) await logIn(page, administrator);
    await context.close();
  }
}

/** Begins what leaves something to see in the lists. */
async function connect(page, more = {}) {
  const scope = server.metadata.scopes_supported.join(' ');
  const registered = server.client({
    grants: ['authorization_code', 'refresh_token'],
    redirectUri: app.uri,
    scope,
    name: 'Holiday album with a rather long name',
  });
  await page.goto((await authorizeUrl(server, registered, { scope, ...more })).url);
}

/** Fills the form that registers an app. */
async function fillApp(page, redirectUri) {
  await page.goto('/apps/new');
  await page.locator('input[name="name"]').fill('Night reader');
  await page.locator('input[name="site"]').fill('https://reader.example');
  await page.locator('textarea[name="redirect_uris"]').fill(redirectUri);
  await press(page, '/apps/new');
}

for (const look of Object.keys(LOOKS)) {
  describe(look, () => {
    test('pages that anybody sees', async () => {
      const { page, context } = await visitor(browser, server, { look });
      for (const [name, path] of Object.entries(OPEN)) {
        await page.goto(path);
        await inspect(page, name, look);
      }
      await page.goto('/login');
      await logIn(page, { username: 'nobody at all', password: 'not it at all' });
      await inspect(page, 'login-refused', look);
      await page.goto('/signup');
      await page.locator('input[name="username"]').fill(developer.username);
      await page.locator('input[name="password"]').fill('password');
      await press(page, '/signup');
      await inspect(page, 'signup-refused', look);
      await context.close();
    });

    test('pages of a person and a developer', async () => {
      const { page, context } = await visitor(browser, server, { look });
      await connect(page);
      await inspect(page, 'login-for-app', look);
      await logIn(page, developer);
      await inspect(page, 'consent', look);
      await decide(page, 'allow');
      await page.waitForURL(`${app.uri}**`);
      for (const [name, path] of Object.entries(OWN)) {
        await page.goto(path);
        await inspect(page, name, look);
      }
      await page.goto('/account/apps');
      await page.locator('details summary').first().click();
      await inspect(page, 'account-apps-revoke', look);

      await page.goto('/logout');
      await press(page, '/logout');
      await inspect(page, 'logged-out', look);
      await context.close();
    });

    test('pages of an app', async () => {
      const { page, context } = await visitor(browser, server, { look });
      await page.goto('/login');
      await logIn(page, developer);
      await fillApp(page, 'javascript:alert(1)');
      await inspect(page, 'app-new-refused', look);
      await fillApp(page, 'https://reader.example/callback');
      await inspect(page, 'app-secret', look);
      await page.locator('main a.button').last().click();
      await page.waitForLoadState();
      const at = page.url();
      assert.match(at, /\/apps\/[^/]+$/);
      await inspect(page, 'app', look);
      await page.goto(`${at}/edit`);
      await inspect(page, 'app-edit', look);
      await page.goto(at);
      await press(page, '/secret');
      await inspect(page, 'app-secret-replaced', look);
      await page.goto(at);
      await inspect(page, 'app-two-secrets', look);
      await page.goto('/apps');
      await inspect(page, 'apps-some', look);
      await context.close();
    });

    test('the page that posts an answer to an app, where scripts are off', async () => {
      const { page, context } = await visitor(browser, server, { look, javaScriptEnabled: false });
      await connect(page, { response_mode: 'form_post' });
      await logIn(page, developer);
      await decide(page, 'allow');
      const html = (await page.content()).replaceAll(/<\/?noscript>|<script.*?<\/script>/gs, '');
      await context.close();

      // axe-core is a script itself: it looks at what a browser without scripts shows in one that has them.
      const seen = await visitor(browser, server, { look });
      await seen.page.route('**/without-scripts', (route) => route.fulfill({ contentType: 'text/html', body: html }));
      await seen.page.goto('/without-scripts');
      await inspect(seen.page, 'form-post', look);
      await seen.context.close();
    });

    test('pages of the operator', async () => {
      const { page, context } = await visitor(browser, server, { look });
      await page.goto('/login');
      await logIn(page, administrator);
      for (const [name, path] of Object.entries(OPERATOR)) {
        await page.goto(path);
        await inspect(page, name, look);
      }
      await context.close();
    });
  });
}
