/**
 * A sealed text that one cookie does not hold, in two. It is halved after it was sealed: halves of two different seals
 * do not make a third. There is one place to cut, so that there is one spelling.
 */

/** The halves, of which the first has the odd character. */
export function halvesOf(sealed: string): readonly [string, string] {
  const middle = Math.ceil(sealed.length / 2);
  return [sealed.slice(0, middle), sealed.slice(middle)];
}

/** Whether two texts can be the halves of one. */
export const areHalves = (first: string, second: string): boolean =>
  first.length === second.length || first.length === second.length + 1;
