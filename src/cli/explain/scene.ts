import type { UnservableWorld } from '../../config/load.ts';
import { type Missing, pose, type Scenario, type ScenarioPerson } from '../../config/scenario.ts';
import type { App } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';

/** What a question is explained from. */
export interface Scene {
  readonly world: Pick<UnservableWorld, 'ladder' | 'apps' | 'providers'>;
  readonly app: App;
  readonly scenario: Scenario;
  /** Our clock, where the scenario names no time. */
  readonly now: Seconds;
  /** What becomes of facts that the scenario does not give. */
  readonly missing: Missing;
  /** The origin that the request came to; the app's first one where it is null. */
  readonly origin: string | null;
  /** Who would sign in, where nobody is; null = somebody of whom nothing is known. */
  readonly visitor: ScenarioPerson | null;
  /** What is worth saying beside it. */
  readonly remarks: readonly string[];
}

/** Whether there is a time of day to speak of: what is told nothing but what it is given has none by itself. */
export const isTimed = ({ scenario, missing }: Scene): boolean => scenario.at !== null || missing === 'absent';

export const originOf = ({ origin, app }: Pick<Scene, 'origin' | 'app'>): string => origin ?? app.origins[0] ?? '';

/** The scene's app asked about a scenario: its own, or one that differs. */
export const posedIn = (scene: Scene, scenario: Scenario): ReturnType<typeof pose> =>
  pose(scenario, { ...scene.app, origins: [originOf(scene)] }, scene.now, scene.missing);

/** A scene of which nothing is said beyond the scenario: as tests of policies have them. */
export const sceneOf = (scene: Pick<Scene, 'world' | 'app' | 'scenario' | 'now' | 'missing'>): Scene => ({
  ...scene,
  origin: null,
  visitor: null,
  remarks: [],
});
