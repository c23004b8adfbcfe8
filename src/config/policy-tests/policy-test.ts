import type { Scenario } from '../scenario.ts';
import type { Place } from '../source-file.ts';
import type { Expectation } from './expectation.ts';

/** A request that never came, and what its app's policy is expected to say of it. */
export interface PolicyTest {
  /** Request and expectation where no name is written. */
  readonly name: string;
  readonly app: string;
  readonly scenario: Scenario;
  readonly expect: Expectation;
  readonly place: Place;
}
