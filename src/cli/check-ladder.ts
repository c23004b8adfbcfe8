import { formatDuration } from '../config/durations.ts';
import { type Ladder, type Level, standsAtOrAbove } from '../core/ladder.ts';
import type { CommandIo } from './command.ts';

/** Prints which files are fine, and their levels: weakest first, or as a tree where not each stands above the one before. */
export function printLadder({ levels }: Ladder, files: readonly string[], io: CommandIo): void {
  const isChain = levels.every((level, i) => i === 0 || standsAtOrAbove(level, levels[i - 1] ?? level));
  const lines = isChain ? levels.map((level) => ({ level, drawn: level.name, also: '' })) : drawTree(levels);
  const name = Math.max(...lines.map(({ drawn }) => drawn.length));
  const label = Math.max(...levels.map((level) => level.label.length));
  const order = isChain ? 'weakest first' : 'each above the one that its branch grows from';
  io.out(`${files.join(' and ')}: fine\n\nLevels, ${order}:\n`);
  for (const { level, drawn, also } of lines) {
    io.out(
      `  ${drawn.padEnd(name)}  ${level.label.padEnd(label)}  valid for ${formatDuration(level.validity)}${also}\n`,
    );
  }
}

/** The levels that one stands directly above, weakest first. */
export function directlyBelow(level: Level, levels: readonly Level[]): readonly Level[] {
  const below = levels.filter((other) => other !== level && standsAtOrAbove(level, other));
  return below.filter((one) => !below.some((other) => other !== one && standsAtOrAbove(other, one)));
}

interface Line {
  readonly level: Level;
  readonly drawn: string;
  readonly also: string;
}

/** Each level on the branch of the strongest of those that it stands directly above. */
function drawTree(levels: readonly Level[]): readonly Line[] {
  const growing = Map.groupBy(levels, (level) => directlyBelow(level, levels).at(-1) ?? null);
  const draw = (from: Level | null, margin: string): readonly Line[] => {
    const branches = growing.get(from) ?? [];
    return branches.flatMap((level, i) => {
      const last = i === branches.length - 1;
      const twig = from === null ? '' : last ? '└─ ' : '├─ ';
      const next = from === null ? '' : last ? '   ' : '│  ';
      const others = directlyBelow(level, levels)
        .slice(0, -1)
        .map((other) => other.name);
      const also = others.length === 0 ? '' : `, above ${others.join(', ')} too`;
      return [{ level, drawn: `${margin}${twig}${level.name}`, also }, ...draw(level, margin + next)];
    });
  };
  return draw(null, '');
}
