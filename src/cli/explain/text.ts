import type { Missing } from '../../config/scenario.ts';
import { oneLine, placeText, safe, titled } from './columns.ts';
import { explainScene } from './explain-scene.ts';
import type {
  AskedOfProvider,
  CriterionOutcome,
  ExplainedItem,
  ExplainedPerson,
  ExplainedReading,
  Explanation,
  Forwarded,
  ForwardedHeader,
} from './explanation.ts';
import type { Scene } from './scene.ts';
import { spanText } from './words.ts';

/** Explains a scene as text: what `stepgate explain` prints, and `stepgate test` of a test that fails. */
export const explainText = (scene: Scene): string => textOf(explainScene(scene), scene.missing);

/** An explanation for people: the decision first, then everything it rests on. */
export function textOf(explanation: Explanation, missing: Missing = 'absent'): string {
  const blocks = [
    headOf(explanation),
    requestOf(explanation),
    ...explanation.readings.flatMap((reading) => readingBlocks(reading, explanation)),
    demandsBlock(explanation),
    askedBlock(explanation.asked),
    forwardedBlock(explanation.forwarded),
    endOf(explanation, missing),
  ];
  const lines = blocks.filter((block) => block.length > 0).map((block) => block.map(safe).join('\n'));
  return `${lines.join('\n\n')}\n`;
}

/** The first line, in the words of the policy's own tests. */
export function wordsOf(e: Explanation): string {
  if (e.decision === 'allow') return e.public ? 'allow  public' : 'allow';
  const { decision, level, why, status, check } = e;
  const words = [decision, level, decision === 'refused' ? status : null, why, check === why ? null : check];
  return words.filter((word) => word !== null).join('  ');
}

function headOf(e: Explanation): readonly string[] {
  const by = e.by === null ? [] : [`  by ${[e.by, placeText(e.place)].filter((part) => part !== '').join('  ')}`];
  return [wordsOf(e), `  ${e.sentence}`, ...by];
}

function requestOf({ decision, request, person, visitor, remarks }: Explanation): readonly string[] {
  const { method, origin, target, app, owner, ip, at } = request;
  const from = [
    app === null ? null : `app ${app}${owner === null ? '' : ` of ${owner}`}`,
    ip === null ? null : `from ${ip}`,
    at === null ? null : `at ${at}`,
  ];
  const lines = [`${method} ${origin ?? ''}${target}`, `  ${from.filter((part) => part !== null).join(', ')}`];
  const isJudged = decision !== 'refused' && decision !== 'own';
  if (person !== null) lines.push(`  signed in at ${personText(person)}`);
  else if (visitor !== null) lines.push(`  nobody is signed in; who would sign in: ${personText(visitor)}`);
  else if (isJudged) lines.push('  nobody is signed in');
  return [...lines, ...remarks.map((remark) => `  ${remark}`)];
}

function personText({ provider, proofs, subject, email, name, groups, claims, signed_in }: ExplainedPerson): string {
  const ages = proofs.map(({ level, age }) => `${level} ${spanText(age)} ago`).join(', ');
  const facts = [
    subject,
    email,
    name,
    groups && `groups ${groups.join(', ') || 'none'}`,
    claims && `claims ${claims.map(({ claim, values }) => `${claim}=${values.join(' and ')}`).join(', ')}`,
    signed_in === null ? null : `since ${spanText(signed_in)}`,
  ];
  const known = facts.filter((fact) => fact !== null && fact !== '');
  return [`${provider}${ages === '' ? '' : `: ${ages}`}`, ...known].join('; ');
}

function readingBlocks(reading: ExplainedReading, { request, readings }: Explanation): readonly (readonly string[])[] {
  const as = readings.length > 1 ? `, read as ${reading.path}` : '';
  const only = reading.only.map(({ outcome, text, by, place }) => [
    outcomeText(outcome),
    placeText(place),
    by,
    oneLine(text),
  ]);
  return [
    titled(`Rules of ${request.app}, the first hit decides${as}`, reading.rules.map(itemCells)),
    titled(`Floors${as}`, reading.floors.map(itemCells)),
    titled(`Only${as}`, only),
  ];
}

function itemCells(item: ExplainedItem): readonly string[] {
  const fit = item.fit === 'not_reached' ? 'not reached' : item.fit;
  const counts = item.fit === 'hit' || item.fit === 'undetermined' || item.fit === 'person';
  const shown = item.mode === 'report' && counts ? `${fit}, only reported` : fit;
  return [shown, placeText(item.place), item.id.slice(item.id.indexOf('/') + 1), detailText(item)];
}

function detailText({ fit, criteria, says, note }: ExplainedItem): string {
  const telling = criteria.filter(({ criterion, outcome }) =>
    fit === 'hit' ? criterion === 'when' : fit === 'miss' ? outcome === false : outcome !== true,
  );
  const why = telling.map(({ criterion, text, outcome }) => {
    const said = `${criterion} ${oneLine(text)}`.trim();
    return outcome === false && criterion !== 'when' ? said : `${said}: ${outcomeText(outcome)}`;
  });
  const parts = fit === 'miss' ? why : [says, ...why];
  return `${parts.join('; ')}${note === null ? '' : `  # ${oneLine(note)}`}`;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  failed: 'cannot be told',
  person: 'depends on who it is',
  ambiguous: 'readers differ',
  body: 'may stand in the body',
};

const outcomeText = (outcome: CriterionOutcome): string => OUTCOMES[String(outcome)] ?? String(outcome);

const demandsBlock = ({ demands }: Explanation): readonly string[] =>
  titled(
    'Demands',
    demands.map((demand) => {
      const { level, comparison, max_age, since, one_time } = demand;
      const words = [
        level,
        comparison === 'minimum' ? null : `comparison ${comparison}`,
        max_age === null ? null : `max_age ${spanText(max_age)}`,
        since === null ? null : `since ${since}`,
        one_time ? 'one_time' : null,
      ];
      const said = words.filter((word) => word !== null).join(', ');
      const why = demand.why === null ? '' : `${demand.why}: `;
      return [demand.met ? 'met' : 'missing', placeText(demand.place), demand.by, said, `${why}${demand.sentence}`];
    }),
  );

const WHERE: Readonly<Record<AskedOfProvider['ways'][number]['where'], string>> = {
  always: '',
  takes_claims: '  where its discovery says that it takes claims:',
  takes_no_claims: '  where it does not:',
};

function askedBlock(asked: AskedOfProvider | null): readonly string[] {
  if (asked === null) return [];
  const lines = [`Asked of ${asked.provider}${asked.issuer === null ? '' : `, ${asked.issuer}`}, for ${asked.level}`];
  for (const { where, parameters } of asked.ways) {
    if (WHERE[where] !== '') lines.push(WHERE[where]);
    for (const { name, value } of parameters) lines.push(`    ${name}=${value}`);
  }
  return lines;
}

const UNKNOWN: Readonly<Record<NonNullable<ForwardedHeader['unknown']>, string>> = {
  not_given: '(not given)',
  provider: '(as the provider said)',
  signed: '(the same, signed)',
};

function forwardedBlock(forwarded: Forwarded | null): readonly string[] {
  if (forwarded === null) return [];
  const { upstream, headers } = forwarded;
  const cells = headers.map(({ name, value, unknown }) => [`${name}:`, value ?? UNKNOWN[unknown ?? 'not_given']]);
  if (cells.length === 0) return [`Forwarded to ${upstream}`, '  nothing about any person'];
  return titled(`Forwarded to ${upstream}`, cells);
}

const NOT_GIVEN: Readonly<Record<Missing, string>> = {
  absent: 'Assumed absent, since nothing was said of them',
  fails: 'Not given, so nothing that reads it can be told',
};

function endOf({ nearest, enforced, absent }: Explanation, missing: Missing): readonly string[] {
  const lines: string[] = [];
  if (nearest !== null) lines.push(`Nearest allow: ${nearest.sentence}`);
  if (enforced !== null) lines.push(`If what is only reported were enforced: ${enforced}`);
  if (absent.length > 0) lines.push(`${NOT_GIVEN[missing]}: ${absent.join(', ')}`);
  return lines;
}
