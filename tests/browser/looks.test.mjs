// Every page, in light and dark, on a desk and on a phone: axe-core finds nothing, nothing runs out of the window, and
// there is a picture to look at.

import { after, before, describe, test } from 'node:test';

import { LOOKS, Server, authorizeUrl, callback, decide, inspect, launch, logIn, visitor } from './harness.mjs';

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
  'admin-clients': '/admin/clients',
  'admin-accounts': '/admin/accounts',
  'admin-sessions': '/admin/sessions',
  'admin-keys': '/admin/keys',
  'admin-refusals': '/admin/refusals',
  'admin-events': '/admin/events',
};

/** The first administrator comes by the one-time link, which is a page too. */
async function setUp() {
  const { url } = server.cli(['setup-link']);
  const { page, context } = await visitor(browser, server);
  await page.goto(url);
  await inspect(page, 'setup', 'light');
  await logIn(page, administrator);
  await context.close();
}

/** Leaves something to see in the lists. */
async function connect(page) {
  const registered = server.client({
    grants: ['authorization_code', 'refresh_token'],
    redirectUri: app.uri,
    name: 'Holiday album with a rather long name',
  });
  await page.goto((await authorizeUrl(server, registered)).url);
  return registered;
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
      await context.close();
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
