import { placeText, safe, titled } from './columns.ts';
import type { TokenExplanation, TokenLevel } from './token.ts';

/** The levels first, with the lines that decided; then what was seen, and what is missing for the others. */
export function tokenText({ provider, proven, places, sentence, seen, levels, remarks }: TokenExplanation): string {
  const head = [proven.length === 0 ? 'nothing' : proven.join('  '), `  ${sentence}`];
  const by = places.length === 0 ? [] : [`  by ${places.map(placeText).join(', ')}`];
  const blocks = [
    [...head, ...by, ...remarks.map((remark) => `  ${remark}`)],
    titled(
      'What levels can rest on',
      seen.map(({ claim, value }) => [claim, value]),
    ),
    titled(
      `Levels of ${provider}, strongest first`,
      levels.map((level) => [level.outcome, placeText(level.place), level.level, criteriaText(level)]),
    ),
  ];
  const shown = blocks.filter((block) => block.length > 0).map((block) => block.map(safe));
  return `${shown.map((block) => block.join('\n')).join('\n\n')}\n`;
}

const criteriaText = ({ criteria }: TokenLevel): string =>
  criteria.map(({ key, text, met }) => `${key} ${text}: ${met ? 'yes' : 'no'}`).join('; ');
