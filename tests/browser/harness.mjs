// A headless Chromium, and what the tests of the pages share: logging in, axe-core, screenshots, a callback.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

export { Server } from '../peers/node/harness.mjs';

const SCREENSHOTS = process.env.VALETKEY_SCREENSHOTS ?? 'target/screenshots';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: QUIET });

/** How each page is looked at. */
export const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
  'phone-dark': { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
};

/** A browser of one's own: cookies, look, and a list of what the console complained about. */
export async function visitor(browser, server, { look = 'light', ...more } = {}) {
  const context = await browser.newContext({ ...LOOKS[look], baseURL: server.issuer, ...more });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

/** Fills the login form of the page that is open. */
export async function logIn(page, { username, password }) {
  const form = page.locator('form:has(input[name="password"])');
  await form.locator('input[name="username"]').fill(username);
  await form.locator('input[name="password"]').fill(password);
  await form.locator('button').first().click();
  await page.waitForLoadState();
}

/** Presses a button of the consent page. */
export async function decide(page, decision) {
  await page.locator(`button[name="decision"][value="${decision}"]`).click();
  await page.waitForLoadState();
}

/** Sends a form by the end of its action, `press(page, '/secret')`; opens what it is folded into, ticks its "sure". */
export async function press(page, action) {
  const form = page.locator(`form[action$="${action}"]`).first();
  const folded = page.locator('details:not([open])', { has: page.locator(`form[action$="${action}"]`) }).first();
  if ((await folded.count()) > 0) await folded.locator('summary').click();
  const sure = form.locator('input[type="checkbox"][name="confirm"]');
  if ((await sure.count()) > 0) await sure.check();
  await form.locator('button').first().click();
  await page.waitForLoadState();
}

/** Takes a picture, lets axe-core look, and sees that nothing runs out of the window. */
export async function inspect(page, name, look) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-${look}.png`), fullPage: true });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join('\n  ')}`);
  assert.deepEqual(told, [], `axe-core on ${name} (${look}):\n${told.join('\n')}`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${name} (${look}) is ${overflow} px wider than the window`);
}

/** The app at the other end: keeps the parameters that its callback was called with, in the query or in a body. */
export async function callback() {
  const calls = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    let body = '';
    for await (const part of request) body += part;
    if (url.pathname === '/callback') calls.push(request.method === 'POST' ? new URLSearchParams(body) : url.searchParams);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Back</title><h1>Back at the app</h1></html>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${server.address().port}/callback`;
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { uri, calls, close };
}

/** A PKCE pair whose challenge is fresh each time. */
export async function pkce() {
  const verifier = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: Buffer.from(digest).toString('base64url') };
}

/** The URL that begins a dance. */
export async function authorizeUrl(server, client, { scope = 'profile', ...more } = {}) {
  const { verifier, challenge } = await pkce();
  const url = new URL(server.metadata.authorization_endpoint);
  const asked = {
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope,
    state: 'as it was sent',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return { url: url.href, verifier };
}

/** Redeems a code as the app would. */
export async function redeem(server, client, code, verifier) {
  const answer = await fetch(server.metadata.token_endpoint, {
    method: 'POST',
    headers: client.secret ? { authorization: basic(client) } : {},
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: verifier,
      ...(client.secret ? {} : { client_id: client.id }),
    }),
  });
  return { status: answer.status, body: await answer.json() };
}

export const basic = ({ id, secret }) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
