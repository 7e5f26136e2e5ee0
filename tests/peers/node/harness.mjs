// The release binary on a free port with its data in a folder of its own; its command line; and a person whose
// browser knows forms, cookies and redirects, and nothing else.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import selfsigned from 'selfsigned';

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
    const server = await new Server().#place();
    server.place = ['--data', join(server.folder, 'data')];
    server.origin = `http://127.0.0.1:${server.port}`;
    return server.#run(['dev', '--port', String(server.port), ...server.place]);
  }

  /** `valetkey serve`, in production over TLS with a certificate that this process trusts from now on. */
  static async startProduction() {
    const server = await new Server().#place();
    const attributes = [{ name: 'commonName', value: 'localhost' }];
    const names = { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] };
    const made = await selfsigned.generate(attributes, { keySize: 2048, algorithm: 'sha256', extensions: [names] });
    tls.setDefaultCACertificates([...tls.getCACertificates(), made.cert]);
    server.origin = `https://localhost:${server.port}`;
    const files = {
      'certificate.pem': made.cert,
      'key.pem': made.private,
      'master.key': randomBytes(32),
      'valetkey.toml': [
        `issuer = "${server.origin}"`,
        `listen = "127.0.0.1:${server.port}"`,
        'database = "sqlite://valetkey.sqlite"',
        'master_key_file = "master.key"',
        '[tls]',
        'certificate_file = "certificate.pem"',
        'key_file = "key.pem"',
      ].join('\n'),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(server.folder, name), content);
    server.place = ['--config', join(server.folder, 'valetkey.toml')];
    return server.#run(['serve', ...server.place]);
  }

  async #place() {
    this.folder = mkdtempSync(join(tmpdir(), 'valetkey-'));
    this.port = await freePort();
    return this;
  }

  async #run(words) {
    const log = openSync(join(this.folder, 'log'), 'w');
    this.process = spawn(BINARY, words, { stdio: ['ignore', log, log], env });
    closeSync(log);
    this.ended = new Promise((resolve) => this.process.on('exit', resolve));
    await this.ready();
    this.metadata = await (await fetch(this.at('/.well-known/oauth-authorization-server'))).json();
    this.issuer = this.metadata.issuer;
    return this;
  }

  at(path) {
    return `${this.origin}${path}`;
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
    const command = [...words, ...this.place, '--json'];
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

  /** Registers a client that speaks OAuth 1, by the server's signature methods if none is named. */
  consumer({ methods = [], callback = 'https://client.example/ready', rsaKey, oob = false, name }) {
    name ??= `Consumer ${randomBytes(3).toString('hex')}`;
    const words = ['client', 'create', '--name', name, '--scope', 'profile', '--oauth1', '--redirect-uri', callback];
    for (const method of methods) words.push('--oauth1-method', method);
    if (oob) words.push('--oob');
    if (rsaKey) {
      const file = join(this.folder, 'consumer.pem');
      writeFileSync(file, rsaKey);
      words.push('--oauth1-rsa-key', file);
    }
    const made = this.cli(words);
    return { key: made.client_id, secret: made.oauth1_secret, callback, name };
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
  async authorize(start, how) {
    const { url, page } = await this.#follow(start, how);
    if (page !== undefined) throw new Error(`neither a login nor a consent page: ${url}\n${page}`);
    return url;
  }

  /** Follows a request to the page that it ends on. */
  async page(start, how) {
    const { url, page } = await this.#follow(start, how);
    if (page === undefined) throw new Error(`left for ${url}`);
    return page;
  }

  async #follow(start, { decision = 'allow', scopes } = {}) {
    const home = new URL(start).origin;
    let url = new URL(start);
    let answer = await this.#fetch(url);
    for (let left = 12; left > 0; left -= 1) {
      const location = answer.headers.get('location');
      if (location) {
        url = new URL(location, url);
        if (url.origin !== home) return { url };
        answer = await this.#fetch(url);
        continue;
      }
      const page = await answer.text();
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}:\n${page}`);
      const form = forms(page).find(({ names }) => names.has('password') || names.has('decision'));
      if (!form) return { url, page };
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
