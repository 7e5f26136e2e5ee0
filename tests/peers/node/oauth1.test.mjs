// `oauth`, which the older apps of Node.js sign with, and `oauth-1.0a`, which leaves the sending to others.

import assert from 'node:assert/strict';
import { constants, createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { OAuth } from 'oauth';
import Signer from 'oauth-1.0a';

import { Person, Server } from './harness.mjs';

const servers = {};
const people = {};

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

before(async () => {
  servers.dev = await Server.start();
  servers.TLS = await Server.startProduction();
  for (const [where, server] of Object.entries(servers)) people[where] = new Person(server.account());
});

after(async () => {
  for (const server of Object.values(servers)) await server.stop();
});

const make = (server, method, more) =>
  server.consumer({ methods: [method], rsaKey: method.startsWith('RSA') ? rsa.publicKey : undefined, ...more });

/** What the person reads, to carry it to the app by hand. */
function verifierOn(page) {
  const [, inside] = page.match(/class="verifier".*?<code[^>]*>(.*?)<\/code>/s) ?? assert.fail(page);
  return inside.replaceAll(/<[^>]*>/g, '');
}

const verifierOf = (back) => back.searchParams.get('oauth_verifier');

/** The library that calls back, with promises. */
function session(server, { key, secret }, method, callback) {
  const [ask, trade] = ['request_token', 'access_token'].map((leg) => server.at(`/oauth1/${leg}`));
  const consumer = new OAuth(ask, trade, key, method.startsWith('RSA') ? rsa.privateKey : secret, '1.0', callback, method);
  const both = (name) => (...given) => new Promise((resolve, reject) => {
    consumer[name](...given, (error, token, tokenSecret, more) =>
      error ? reject(Object.assign(new Error(error.data), error)) : resolve({ token, secret: tokenSecret, more }));
  });
  return {
    begin: both('getOAuthRequestToken'),
    trade: both('getOAuthAccessToken'),
    get: promisify((url, { token, secret: own }, done) => consumer.get(url, token, own, done)),
  };
}

const page = (server, token) => server.at(`/oauth1/authorize?oauth_token=${encodeURIComponent(token)}`);

describe('oauth', () => {
  for (const where of ['dev', 'TLS']) {
    for (const method of ['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'PLAINTEXT']) {
      test(`three legs by ${method} (${where})`, async () => {
        const [server, person] = [servers[where], people[where]];
        const consumer = make(server, method);
        const app = session(server, consumer, method, consumer.callback);
        const temporary = await app.begin();
        assert.equal(temporary.more.oauth_callback_confirmed, 'true');
        const back = await person.authorize(page(server, temporary.token));
        assert.equal(back.searchParams.get('oauth_token'), temporary.token);
        const token = await app.trade(temporary.token, temporary.secret, verifierOf(back));
        assert.equal(token.more.oauth_authorized_realms, 'profile');
        const me = JSON.parse(await app.get(server.at('/api/me?q=a%20b%2Bc'), token));
        assert.equal(me.username, person.account.username);
        assert.equal(me.client_id, consumer.key);
      });
    }
  }

  test('out of band, the person carries the verifier', async () => {
    const { dev: server } = servers;
    const app = session(server, make(server, 'HMAC-SHA1', { oob: true }), 'HMAC-SHA1');
    const temporary = await app.begin();
    const verifier = verifierOn(await people.dev.page(page(server, temporary.token)));
    const token = await app.trade(temporary.token, temporary.secret, verifier);
    assert.ok(JSON.parse(await app.get(server.at('/api/me'), token)).sub);
  });

  test('a denial comes back without a verifier, and nothing is to be had for it', async () => {
    const { dev: server } = servers;
    const consumer = make(server, 'HMAC-SHA256');
    const app = session(server, consumer, 'HMAC-SHA256', consumer.callback);
    const temporary = await app.begin();
    const back = await people.dev.authorize(page(server, temporary.token), { decision: 'deny' });
    assert.deepEqual([...back.searchParams], [['oauth_token', temporary.token], ['oauth_problem', 'permission_denied']]);
    await assert.rejects(app.trade(temporary.token, temporary.secret, 'a guess'), { statusCode: 401 });
  });

  test('a wrong secret is refused', async () => {
    const { dev: server } = servers;
    const consumer = make(server, 'HMAC-SHA1');
    const app = session(server, { ...consumer, secret: 'a guess' }, 'HMAC-SHA1', consumer.callback);
    await assert.rejects(app.begin(), { statusCode: 401, message: /oauth_problem=signature_invalid/ });
  });
});

const hmac = (hash) => (base, key) => createHmac(hash, key).update(base).digest('base64');
const signed = (hash) => (base) =>
  createSign(hash).update(base).sign({ key: rsa.privateKey, padding: constants.RSA_PKCS1_PADDING }, 'base64');

const SIGNS = {
  'HMAC-SHA1': hmac('sha1'),
  'HMAC-SHA256': hmac('sha256'),
  'HMAC-SHA512': hmac('sha512'),
  'RSA-SHA1': signed('RSA-SHA1'),
  'RSA-SHA256': signed('RSA-SHA256'),
  'RSA-SHA512': signed('RSA-SHA512'),
  PLAINTEXT: undefined,
};

/** One signed request by the library that does not send: in the header, or in a form. */
function send(signer, { method = 'POST', url, data = {} }, token, place = 'header') {
  const own = { ...data, ...signer.authorize({ method, url, data }, token) };
  const how = place === 'body' ? { body: new URLSearchParams(own) } : { headers: { ...signer.toHeader(own) } };
  return fetch(url, { method, ...how });
}

const credentials = async (answer) => {
  const body = await answer.text();
  assert.equal(answer.status, 200, body);
  const told = new URLSearchParams(body);
  return { key: told.get('oauth_token'), secret: told.get('oauth_token_secret') };
};

describe('oauth-1.0a', () => {
  const signerOf = ({ key, secret = '' }, method) =>
    new Signer({ consumer: { key, secret }, signature_method: method, hash_function: SIGNS[method] });

  for (const [method, place] of Object.keys(SIGNS).flatMap((method) => [[method, 'header'], [method, 'body']])) {
    test(`three legs by ${method}, signed in the ${place}`, async () => {
      const { dev: server } = servers;
      const consumer = make(server, method);
      const signer = signerOf(consumer, method);
      const begin = { url: server.at('/oauth1/request_token'), data: { oauth_callback: consumer.callback } };
      const temporary = await credentials(await send(signer, begin, undefined, place));
      const back = await people.dev.authorize(page(server, temporary.key));
      const trade = { url: server.at('/oauth1/access_token'), data: { oauth_verifier: verifierOf(back) } };
      const token = await credentials(await send(signer, trade, temporary, place));
      const request = { method: 'GET', url: server.at('/api/me?name=%C3%A9%20%2B%26&list=b&list=a') };
      const answer = await send(signer, request, token);
      assert.equal(answer.status, 200);
      assert.equal((await answer.json()).username, people.dev.account.username);
      assert.equal((await send(signer, request)).status, 401, 'nobody signs alone who may not');
    });
  }
});
