import type { Environment } from '@marcbachmann/cel-js';
import type { Condition } from '../../core/condition.ts';
import type { Facts } from '../../core/facts.ts';
import type { Vocabulary } from './language.ts';

/** A condition asked for something of the person, and nobody is signed in. */
export class PersonNeeded extends Error {}

export function declare(
  environment: Environment,
  vocabulary: Vocabulary,
  named: ReadonlyMap<string, Condition>,
): Environment {
  environment
    .registerType('User', { ctor: UserView, fields: { groups: 'list<string>', email: 'string', provider: 'string' } })
    .registerType('Client', { ctor: ClientView, fields: { ip: 'string' } })
    .registerType('Network', {
      ctor: NetworkView,
      fields: Object.fromEntries([...vocabulary.networks.keys()].map((name) => [name, 'bool'])),
    })
    .registerVariable('user', 'User')
    .registerVariable('client', 'Client')
    .registerVariable('network', 'Network')
    .registerVariable('now', 'google.protobuf.Timestamp');
  for (const name of named.keys()) environment.registerVariable(name, 'bool');
  return environment;
}

class UserView {
  readonly #facts: Facts;
  constructor(facts: Facts) {
    this.#facts = facts;
  }
  get #session() {
    if (this.#facts.standing === null) throw new PersonNeeded();
    return this.#facts.standing.session;
  }
  get groups() {
    return this.#session.groups;
  }
  get email() {
    return this.#session.email ?? '';
  }
  get provider() {
    return this.#session.provider;
  }
}

class ClientView {
  readonly ip: string;
  constructor(facts: Facts) {
    this.ip = facts.request.clientIp;
  }
}

class NetworkView {
  constructor(facts: Facts, networks: Vocabulary['networks']) {
    for (const [name, lies] of networks) {
      Object.defineProperty(this, name, { get: () => lies(facts.request.clientIp), enumerable: true });
    }
  }
}

/** The facts of one request, as conditions name them. */
export class View {
  readonly user: UserView;
  readonly client: ClientView;
  readonly network: NetworkView;
  readonly now: Date;

  constructor(facts: Facts, vocabulary: Vocabulary, named: ReadonlyMap<string, Condition>) {
    this.user = new UserView(facts);
    this.client = new ClientView(facts);
    this.network = new NetworkView(facts, vocabulary.networks);
    this.now = new Date(facts.request.at * 1000);
    for (const [name, condition] of named) {
      Object.defineProperty(this, name, {
        get() {
          const outcome = condition.test(facts);
          if (outcome === 'person') throw new PersonNeeded();
          if (outcome === 'failed') throw new Error('failed');
          return outcome;
        },
      });
    }
  }
}
