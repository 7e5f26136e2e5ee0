// The release binary on a free port with its data in a folder of its own; its command line; and a person whose
// browser knows forms, cookies and redirects, and nothing else.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BINARY = process.env.VALETKEY_BIN ?? 'target/release/valetkey';
const PATIENCE = 30_000;

// What whoever runs the tests has set for a server of their own is not for these.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VALETKEY_')));

const freePort = () =>
  new Promise((resolve, reject) => {
    const listener = createServer();
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });

export class Server {
  static async start() {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), 'valetkey-'));
    server.data = join(server.folder, 'data');
    server.port = await freePort();
    const log = openSync(join(server.folder, 'log'), 'w');
    const words = ['dev', '--port', String(server.port), '--data', server.data];
    server.process = spawn(BINARY, words, { stdio: ['ignore', log, log], env });
    server.ended = new Promise((resolve) => server.process.on('exit', resolve));
    await server.ready();
    server.metadata = await (await fetch(server.at('/.well-known/oauth-authorization-server'))).json();
    server.issuer = server.metadata.issuer;
    return server;
  }

  at(path) {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async ready() {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(50)) {
      if (this.process.exitCode !== null) throw new Error(`the server ended at its start:\n${this.said()}`);
      const answer = await fetch(this.at('/readyz')).catch(() => undefined);
      if (answer?.ok) return;
    }
    throw new Error(`the server is not ready after ${PATIENCE} ms:\n${this.said()}`);
  }

  said() {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One command of the command line; its JSON. */
  cli(words, given) {
    const command = [...words, '--data', this.data, '--json'];
    const done = spawnSync(BINARY, command, { input: given, encoding: 'utf8', env });
    if (done.status !== 0) throw new Error(`${words.join(' ')} ended with ${done.status}:\n${done.stdout}${done.stderr}`);
    return JSON.parse(done.stdout);
  }

  /** Registers a client. */
  client({ grants, redirectUri = 'https://client.example/callback', scope = 'profile', isPublic = false, name }) {
    const words = ['client', 'create', '--name', name ?? `App ${randomBytes(3).toString('hex')}`, '--scope', scope];
    if (grants.includes('authorization_code')) words.push('--redirect-uri', redirectUri);
    for (const grant of grants) words.push('--grant', grant);
    if (isPublic) words.push('--public');
    const made = this.cli(words);
    return { id: made.client_id, secret: made.client_secret, redirectUri };
  }

  /** Makes an account. */
  account() {
    const username = `user-${randomBytes(4).toString('hex')}`;
    const password = randomBytes(18).toString('base64url');
    this.cli(['user', 'create', '--username', username, '--password-stdin'], `${password}\n`);
    return { username, password };
  }
}

export class Person {
  #cookies = new Map();

  constructor(account) {
    this.account = account;
  }

  /** Follows an authorization request to its end: the redirect that leaves the server. */
  async authorize(start, { decision = 'allow', scopes } = {}) {
    const home = new URL(start).origin;
    let url = new URL(start);
    let answer = await this.#fetch(url);
    for (let left = 12; left > 0; left -= 1) {
      const location = answer.headers.get('location');
      if (location) {
        url = new URL(location, url);
        if (url.origin !== home) return url;
        answer = await this.#fetch(url);
        continue;
      }
      const page = await answer.text();
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}:\n${page}`);
      const form = forms(page).find(({ names }) => names.has('password') || names.has('decision'));
      if (!form) throw new Error(`neither a login nor a consent page: ${url}\n${page}`);
      if (form.names.has('password')) {
        form.values.delete('username');
        form.values.append('username', this.account.username);
        form.values.append('password', this.account.password);
      } else {
        form.values.append('decision', decision);
        if (scopes) {
          form.values.delete('scope');
          for (const scope of scopes) form.values.append('scope', scope);
        }
      }
      url = new URL(form.action || url, url);
      answer = await this.#fetch(url, { method: 'POST', body: form.values });
    }
    throw new Error(`no end of pages: ${url}`);
  }

  async #fetch(url, { method = 'GET', body } = {}) {
    const headers = new Headers();
    if (this.#cookies.size > 0) headers.set('cookie', [...this.#cookies].map((pair) => pair.join('=')).join('; '));
    if (method === 'POST') headers.set('origin', url.origin);
    const answer = await fetch(url, { method, headers, body, redirect: 'manual' });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0(;|$)/i.test(cookie)) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }
}

/** The forms of a page, with what they would send. */
function forms(page) {
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag, inside]) => {
    const form = { action: attribute(tag, 'action'), values: new URLSearchParams(), names: new Set() };
    for (const [, kind, field] of inside.matchAll(/<(input|button)\b([^>]*)>/gs)) {
      const name = attribute(field, 'name');
      if (!name) continue;
      form.names.add(name);
      const type = attribute(field, 'type');
      const isBox = type === 'checkbox' || type === 'radio';
      const isSent = kind === 'input' && type !== 'submit' && type !== 'password';
      if (isSent && (!isBox || /\schecked\b/.test(field))) form.values.append(name, attribute(field, 'value') ?? '');
    }
    return form;
  });
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`(?:^|\\s)${name}="([^"]*)"`));
  return found?.[1].replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
