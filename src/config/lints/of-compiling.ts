import { acceptAt, type Lint, NOT_ACCEPTED } from './lint.ts';

/** Lints that are found while the files are compiled, where what they are about is read. */

export const levelUnprovable: Lint = {
  id: 'level-unprovable',
  severity: 'error',
  summary: 'A level is demanded that the provider of the app cannot prove.',
  why: `Nobody could ever meet the demand: everybody would be sent to the provider, come back with less and be sent again. Either the provider's entry
in gateway.yaml lacks what proves that level, or the app has the wrong provider.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: admin, path: /admin/**, require: passkey}`,
    gateway: `apps:
  wiki: {provider: partner}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: admin, path: /admin/**, require: passkey}`,
    gateway: `providers:
  partner: {levels: {passkey: {acr: "urn:partner:key"}}}
apps:
  wiki: {provider: partner}`,
  },
  meant: NOT_ACCEPTED,
  find: null,
};

export const plainSecret: Lint = {
  id: 'plain-secret',
  severity: 'warning',
  summary: 'A secret stands in the file itself.',
  why: `Whoever reads the file, a copy of it or its history has the secret. A reference names where it is instead: an environment variable, or a file
that only the gateway may read.`,
  wrong: {
    gateway: `providers:
  corp: {client_secret: not-a-good-place-for-it}`,
  },
  right: {
    gateway: `providers:
  corp: {client_secret: "\${file:/run/secrets/corp}"}`,
  },
  meant: acceptAt('provider', 'plain-secret'),
  find: null,
};

export const trustsEveryone: Lint = {
  id: 'trusts-everyone',
  severity: 'warning',
  summary: 'Everybody is believed about whom they forward for.',
  why: `\`trusted_proxies\` names those whose \`X-Forwarded-For\` is believed. With every address in it, whoever connects chooses the address that
conditions, the log and the upstream see.`,
  wrong: { gateway: 'trusted_proxies: [0.0.0.0/0]' },
  right: { gateway: 'trusted_proxies: [10.0.0.0/28]' },
  meant: NOT_ACCEPTED,
  find: null,
};

export const unknownAmr: Lint = {
  id: 'unknown-amr',
  severity: 'warning',
  summary: 'A level is proven by an authentication method that RFC 8176 does not know.',
  why: `Providers may write words of their own into \`amr\`, and some do. A misspelt one proves nothing, so that nobody ever reaches the
level; one that an administrator of the provider can make up may prove more than it should.`,
  wrong: {
    gateway: `providers:
  partner: {levels: {mfa: {amr_any: [hvk]}}}`,
  },
  right: {
    gateway: `providers:
  partner: {levels: {mfa: {amr_any: [hwk]}}}`,
  },
  meant: acceptAt('provider', 'unknown-amr'),
  find: null,
};

export const sharedOrigin: Lint = {
  id: 'shared-origin',
  severity: 'warning',
  summary: 'Two apps share an origin, where levels are no boundary between them.',
  why: `To a browser, one origin is one application: a script of one app can read and click in the other as whoever is signed in there, whatever
level the other asks for. The origin is as strong as its weakest app. Each on a host of its own keeps them apart.`,
  wrong: {
    policies: `apps:
  wiki: {}
  shop: {require: mfa}`,
    gateway: `apps:
  wiki: {origins: ["https://apps.example.com"]}
  shop: {origins: ["https://apps.example.com"], path: /shop}`,
  },
  right: {
    policies: `apps:
  wiki: {}
  shop: {require: mfa}`,
    gateway: `apps:
  wiki: {origins: ["https://wiki.example.com"]}
  shop: {origins: ["https://shop.example.com"]}`,
  },
  meant: acceptAt('app in gateway.yaml', 'shared-origin'),
  find: null,
};

export const acceptUnused: Lint = {
  id: 'accept-unused',
  severity: 'warning',
  summary: 'A lint is accepted where there is no such finding.',
  why: `An \`accept\` that is left over would hide the next finding of that kind, about which nobody has thought. It goes when its reason goes. An
error cannot be accepted at all.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: transfer, path: /transfers/**, methods: write, require: mfa, accept: method-gap, note: POST alone is routed}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: transfer, path: /transfers/**, methods: write, require: mfa}`,
  },
  meant: NOT_ACCEPTED,
  find: null,
};
