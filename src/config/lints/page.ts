import type { Example, Lint } from './lint.ts';
import { LINTS } from './table.ts';

const HEAD = `# Lints

What \`stepgate check\` finds by looking at everything together, once nothing else is wrong. An error refuses the configuration. A
warning is shown, with the line it is about; with \`--strict\` it fails the check, which is for pipelines.

\`\`\`sh
npm run stepgate -- check --without-secrets --strict policies.yaml
npm run stepgate -- check --why shadowed
npm run stepgate -- check --without-secrets --format sarif policies.yaml
\`\`\`

A warning that was looked at and is meant is accepted where it stands: \`accept:\` with the id, or a list of them, and a \`note\` on the same
entry that says why. Rules and floors may accept, and applications and providers what is about themselves. It goes when its reason goes: an \`accept\`
that hides nothing is a warning itself, one without a note an error (\`accept-without-note\`).

## For pipelines

\`--format sarif\` prints a log of SARIF 2.1.0, \`--format github\` workflow commands that show each finding beside its line, \`--format json\` (or
\`--json\`) one document. The exit codes are the same: 0 fine, 1 problems found, 2 used wrongly.

| member of the JSON | is |
|---|---|
| \`ok\` | whether the exit code is 0 |
| \`problems\` | what refuses the configuration: a list of findings |
| \`notices\` | warnings: a list of findings |
| \`levels\` | the ladder as it is listed, each with \`name\`, \`label\`, \`validity\` in seconds and \`above\`, the names it stands directly above. Empty where there are problems |

A finding has \`id\`, \`message\`, \`hint\` (or null), \`file\`, \`line\` and \`column\` from 1, and \`source\`, the line itself without secrets.

## All of them

This page is written by \`npm run lints\` from \`src/config/lints\`; every example on it is one that the tests check.
`;

/** docs/lints.md: every lint, in the order of the table. */
export function lintsPage(): string {
  const rows = LINTS.map(({ id, severity, summary }) => `| [\`${id}\`](#${id}) | ${severity} | ${summary} |`);
  const table = ['| id | | found |', '|---|---|---|', ...rows].join('\n');
  return `${HEAD}\n${table}\n\n${LINTS.map(section).join('\n')}`;
}

const section = ({ id, severity, summary, why, wrong, right, meant }: Lint): string =>
  `## ${id}

*${severity === 'error' ? 'Error' : 'Warning'}.* ${summary}

${why}

${blocks(wrong)}
Put right:

${blocks(right)}
${meant}
`;

const blocks = (example: Example): string =>
  parts(example)
    .map(([file, text]) => `\`\`\`yaml lint ${file}\n${text}\n\`\`\`\n`)
    .join('\n');

const parts = ({ policies, gateway }: Example): readonly (readonly [string, string])[] => [
  ...(policies === undefined ? [] : [['policies', policies] as const]),
  ...(gateway === undefined ? [] : [['gateway', gateway] as const]),
];

/** The same of one lint, for a terminal. */
export function lintInWords({ id, severity, summary, why, wrong, right, meant }: Lint): string {
  const shown = (example: Example): string =>
    parts(example)
      .map(([file, text]) => `  # ${file}.yaml\n${text.replace(/^/gm, '  ')}\n`)
      .join('\n');
  const plain = (text: string): string => text.replaceAll('`', '');
  return `${id} (${severity})

${plain(summary)}

${plain(why)}

Wrong:

${shown(wrong)}
Put right:

${shown(right)}
${plain(meant)}
`;
}
