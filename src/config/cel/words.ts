import { METHODS } from 'node:http';
import ipaddr from 'ipaddr.js';
import { suggest } from '../nearest.ts';
import type { ProblemId, Wrong } from '../problems.ts';

/** The words that a text can be. One that it can never be is a mistake, not a comparison that is always false. */
export interface Words {
  /** What is wrong with a word that it is compared with; null where it can be that. */
  wrong(word: string): Wrong | null;
}

/** One of a list of words. */
export const oneOf = (words: readonly string[], id: ProblemId, what: string): Words => ({
  wrong: (word) =>
    words.includes(word)
      ? null
      : { wrong: id, message: `"${word}" is no ${what}`, hint: words.length > 0 ? suggest(word, words) : undefined },
});

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);
const USUAL_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export const METHOD_WORDS: Words = {
  wrong: (word) => {
    if (word.toUpperCase() === 'HEAD') {
      return { wrong: 'unknown-method', message: 'HEAD is judged as GET', hint: 'write "GET"' };
    }
    if (KNOWN_METHODS.has(word)) return null;
    return { wrong: 'unknown-method', message: `"${word}" is not a method`, hint: suggest(word, USUAL_METHODS) };
  },
};

export const SCHEME_WORDS = oneOf(['https', 'http'], 'bad-condition', 'scheme');

/** Hosts are told in lower case and without the default port. */
export const HOST_WORDS: Words = {
  wrong: (word) => {
    const plain = word
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/\/.*$/, '');
    if (plain === word) return null;
    return { wrong: 'bad-condition', message: `no host is "${word}"`, hint: `did you mean "${plain}"?` };
  },
};

/** Addresses are told in their shortest form (RFC 5952). */
export const ADDRESS_WORDS: Words = {
  wrong: (word) => {
    const hint = 'name it under networks, and write network.NAME';
    const known = ipaddr.IPv4.isValidFourPartDecimal(word) || ipaddr.IPv6.isValid(word);
    if (!known) return { wrong: 'bad-condition', message: `no address is "${word}"`, hint };
    const plain = ipaddr.process(word).toString();
    if (plain === word) return null;
    return { wrong: 'bad-condition', message: `no address is told as "${word}"`, hint: `did you mean "${plain}"?` };
  },
};
