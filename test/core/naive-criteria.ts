import type { NaiveCondition, NaiveCriteria, NaiveMethods, NaiveRequest, Truth } from './naive-policy.ts';

/** Criteria, naively: whether a rule or floor is about a request. */

function segmentFits(pattern: string, segment: string): boolean {
  if (pattern === '') return segment === '';
  if (pattern[0] !== '*') return pattern[0] === segment[0] && segmentFits(pattern.slice(1), segment.slice(1));
  return segmentFits(pattern.slice(1), segment) || (segment !== '' && segmentFits(pattern, segment.slice(1)));
}

function piecesFit(pieces: readonly string[], path: readonly string[]): boolean {
  const [piece, ...rest] = pieces;
  const [segment, ...others] = path;
  if (piece === undefined) return segment === undefined;
  if (piece === '**') return piecesFit(rest, path) || (segment !== undefined && piecesFit(pieces, others));
  return segment !== undefined && segmentFits(piece, segment) && piecesFit(rest, others);
}

export const pathFits = (pattern: string, path: readonly string[]): boolean =>
  piecesFit(
    pattern.split('/').filter((piece) => piece !== ''),
    path,
  );

export function methodFits(methods: NaiveMethods | null, method: string): boolean {
  if (methods === null) return true;
  const named = methods.names.includes(method === 'HEAD' ? 'GET' : method);
  return methods.all === 'of' ? named : !named;
}

/** The values of a parameter as one kind of reader sees them. */
type Reader = (query: string, name: string) => readonly string[];

/** Of one query different readers take different texts for the same name. */
const SAME_NAME: readonly ((key: string, name: string) => boolean)[] = [
  (key, name) => key === name,
  (key, name) => key.toUpperCase() === name.toUpperCase(),
  (key, name) => key.replaceAll(/[[\]._ ]/g, '') === name.replaceAll(/[[\]._ ]/g, ''),
  (key, name) => key.replace(/[[.:].*/, '') === name,
  (key, name) => key.toUpperCase().replaceAll(/[[\]._ ]/g, '') === name.toUpperCase().replaceAll(/[[\]._ ]/g, ''),
  (key, name) => key.toUpperCase().replace(/[[.:].*/, '') === name.toUpperCase(),
  (key, name) => decodeURIComponent(key) === name,
];

const READERS: readonly Reader[] = ['&', /[&;]/].flatMap((separator) =>
  SAME_NAME.map(
    (same): Reader =>
      (query, name) =>
        query
          .split(separator)
          .map((pair) => pair.replaceAll('+', ' ').split(/=(.*)/s).map(decodeURIComponent))
          .flatMap(([key = '', value = '']) => (key !== '' && same(key, name) ? [value] : [])),
  ),
);

/** Yes or no where all readers agree that it is there once or not at all. */
function parameterFits(query: string, name: string, values: readonly string[]): Truth {
  let seen: readonly (readonly string[])[];
  try {
    seen = READERS.map((reader) => reader(query, name));
  } catch {
    return query === '' ? 'false' : 'failed';
  }
  const [first = []] = seen;
  if (seen.every((one) => one.length === 0)) return 'false';
  if (seen.some((one) => one.length !== 1 || one[0] !== first[0])) return 'failed';
  const value = first[0] ?? '';
  if (values.includes(value)) return 'true';
  const asOthersRead = decodeURIComponent(value).toUpperCase().trim();
  return values.some((one) => one.toUpperCase() === asOthersRead) ? 'failed' : 'false';
}

export function comesTo(condition: NaiveCondition, request: NaiveRequest, path: readonly string[]): Truth {
  const plain = request.proofs === null ? condition.forNobody : condition.forPerson;
  if (!condition.turnsUnderA || path[0] !== 'a') return plain;
  return plain === 'true' ? 'false' : plain === 'false' ? 'true' : plain;
}

/** How the criteria of a rule or floor come out, all of them looked at. */
export function fits(
  item: NaiveCriteria & { readonly says?: string },
  request: NaiveRequest,
  path: readonly string[],
): Truth {
  const truths: readonly Truth[] = [
    item.paths.some((pattern) => pathFits(pattern, path)) ? 'true' : 'false',
    methodFits(item.methods, request.method) ? 'true' : 'false',
    ...item.query.map(([name, values]) => parameterFits(request.query, name, values)),
    ...item.param.map(([name, values]): Truth => {
      const inQuery = parameterFits(request.query, name, values);
      if (!request.hasBody) return inQuery;
      // A body may have it (again): enough to be asked for something, not to be let in without.
      return inQuery === 'true' && item.says?.startsWith('public') !== true ? 'true' : 'failed';
    }),
    item.when === null ? 'true' : comesTo(item.when, request, path),
  ];
  for (const truth of ['false', 'person', 'failed'] as const) if (truths.includes(truth)) return truth;
  return 'true';
}
