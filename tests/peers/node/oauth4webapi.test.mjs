// oauth4webapi, a client that checks everything that it is sent.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as oauth from 'oauth4webapi';

import { Person, Server } from './harness.mjs';

// The issuer of `dev` is http on loopback, which the library refuses unless told.
const LOOPBACK = { [oauth.allowInsecureRequests]: true };

let server, as, person;

before(async () => {
  server = await Server.start();
  person = new Person(server.account());
  const issuer = new URL(server.issuer);
  const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...LOOPBACK });
  as = await oauth.processDiscoveryResponse(issuer, discovered);
});

after(() => server?.stop());

const METHODS = {
  client_secret_basic: ({ secret }) => oauth.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => oauth.ClientSecretPost(secret),
  none: () => oauth.None(),
};

const web = () => server.client({ grants: ['authorization_code', 'refresh_token', 'client_credentials'] });

async function dance({ client, auth, state = oauth.generateRandomState(), more = {}, how }) {
  const verifier = oauth.generateRandomCodeVerifier();
  const url = new URL(as.authorization_endpoint);
  const asked = {
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: 'profile',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const callback = await person.authorize(url, how);
  const metadata = { client_id: client.id };
  const parameters = oauth.validateAuthResponse(as, metadata, callback, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    as, metadata, auth, parameters, client.redirectUri, verifier, LOOPBACK);
  const token = await oauth.processAuthorizationCodeResponse(as, metadata, answer);
  return { metadata, parameters, token, verifier };
}

const refresh = async ({ metadata, auth, token }) =>
  oauth.processRefreshTokenResponse(
    as, metadata, await oauth.refreshTokenGrantRequest(as, metadata, auth, token.refresh_token, LOOPBACK));

const introspect = async ({ metadata, auth, handle }) =>
  oauth.processIntrospectionResponse(
    as, metadata, await oauth.introspectionRequest(as, metadata, auth, handle, LOOPBACK));

const wire = (code) => (error) => error instanceof oauth.ResponseBodyError && error.error === code;

describe('metadata', () => {
  test('says what the library looks for', () => {
    assert.equal(as.authorization_response_iss_parameter_supported, true);
    assert.deepEqual(as.code_challenge_methods_supported, ['S256']);
  });
});

for (const [name, method] of Object.entries(METHODS)) {
  describe(`with ${name}`, () => {
    const isPublic = name === 'none';
    const make = () => (isPublic ? server.client({ grants: ['authorization_code', 'refresh_token'], isPublic }) : web());

    test('code with PKCE gives a token that opens the API, and refreshes', async () => {
      const client = make();
      const auth = method(client);
      const { metadata, token } = await dance({ client, auth });
      const me = await oauth.protectedResourceRequest(
        token.access_token, 'GET', new URL(server.at('/api/me')), undefined, undefined, LOOPBACK);
      assert.equal(me.status, 200);
      assert.ok((await me.json()).sub);
      const second = await refresh({ metadata, auth, token });
      assert.notEqual(second.refresh_token, token.refresh_token);
    });
  });
}

describe('an authorization response', () => {
  test('carries the issuer, which the library compares', async () => {
    const client = web();
    const { parameters } = await dance({ client, auth: METHODS.client_secret_basic(client) });
    assert.equal(parameters.get('iss'), server.issuer);
  });

  test('of somebody who denies is access_denied', async () => {
    const client = web();
    await assert.rejects(
      dance({ client, auth: METHODS.client_secret_basic(client), how: { decision: 'deny' } }),
      (error) => error instanceof oauth.AuthorizationResponseError && error.error === 'access_denied');
  });

  test('for a scope that the client may not have is invalid_scope', async () => {
    const client = web();
    await assert.rejects(
      dance({ client, auth: METHODS.client_secret_basic(client), more: { scope: 'profile moon' } }),
      (error) => error instanceof oauth.AuthorizationResponseError && error.error === 'invalid_scope');
  });
});

describe('tokens', () => {
  test('are RFC 9068 JWTs to the letter', async () => {
    const client = web();
    const { token } = await dance({ client, auth: METHODS.client_secret_basic(client) });
    const request = new Request(server.at('/api/me'), { headers: { authorization: `Bearer ${token.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, server.issuer, LOOPBACK);
    assert.equal(claims.client_id, client.id);
  });

  test('come of client credentials, without a refresh token', async () => {
    const client = web();
    const metadata = { client_id: client.id };
    const answer = await oauth.clientCredentialsGrantRequest(
      as, metadata, METHODS.client_secret_basic(client), { scope: 'profile' }, LOOPBACK);
    const token = await oauth.processClientCredentialsResponse(as, metadata, answer);
    assert.equal(token.refresh_token, undefined);
    assert.equal(token.token_type, 'bearer');
  });

  test('are introspected, revoked, and then dead', async () => {
    const client = web();
    const auth = METHODS.client_secret_basic(client);
    const { metadata, token } = await dance({ client, auth });
    const alive = await introspect({ metadata, auth, handle: token.access_token });
    assert.equal(alive.active, true);
    assert.equal(alive.client_id, client.id);
    const answer = await oauth.revocationRequest(as, metadata, auth, token.refresh_token, LOOPBACK);
    assert.equal(await oauth.processRevocationResponse(answer), undefined);
    assert.equal((await introspect({ metadata, auth, handle: token.access_token })).active, false);
    await assert.rejects(refresh({ metadata, auth, token }), wire('invalid_grant'));
  });

  test('are not given twice for one code', async () => {
    const client = web();
    const auth = METHODS.client_secret_basic(client);
    const { metadata, parameters, verifier } = await dance({ client, auth });
    const again = await oauth.authorizationCodeGrantRequest(
      as, metadata, auth, parameters, client.redirectUri, verifier, LOOPBACK);
    await assert.rejects(oauth.processAuthorizationCodeResponse(as, metadata, again), wire('invalid_grant'));
  });

  test('are refused to a wrong secret', async () => {
    const client = web();
    const metadata = { client_id: client.id };
    const answer = await oauth.clientCredentialsGrantRequest(
      as, metadata, oauth.ClientSecretBasic('a guess'), {}, LOOPBACK);
    await assert.rejects(
      oauth.processClientCredentialsResponse(as, metadata, answer),
      (error) => error instanceof oauth.WWWAuthenticateChallengeError || wire('invalid_client')(error));
  });
});
