import { coversMethod, type MethodSet } from '../../core/policy.ts';

/** What changes things, of the methods that applications usually have. */
export const WRITES: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Methods as rules name them; null = every one. */
export type Methods = MethodSet | null;

export const hasMethod = (methods: Methods, method: string): boolean =>
  methods === null || coversMethod(methods, method);

/** Whether every method of `inner` is in `outer`. */
export function coversMethods(outer: Methods, inner: Methods): boolean {
  if (outer === null) return true;
  if (inner === null || inner.inverted) {
    return outer.inverted && [...outer.names].every((name) => !hasMethod(inner, name));
  }
  return [...inner.names].every((name) => coversMethod(outer, name));
}

/** Whether some method is in both. */
export function methodsOverlap(one: Methods, other: Methods): boolean {
  if (one === null || other === null) return true;
  if (one.inverted && other.inverted) return true;
  const [listed, rest] = one.inverted ? [other, one] : [one, other];
  return [...listed.names].some((name) => coversMethod(rest, name));
}
