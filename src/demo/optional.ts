/**
 * Loads a package that the gateway does without and the demo does not.
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when it is not installed
 */
export async function loadOptional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const message = `The demo needs the package ${name}, which is optional and was left out here. Install it: npm install --include=optional`;
    throw Object.assign(new Error(message, { cause }), { code: 'STEPGATE_DEMO_UNAVAILABLE' });
  }
}
