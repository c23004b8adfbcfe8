// Plain JavaScript on purpose: this runs on whatever Node is there and says what to do when it is too old to run src/*.ts.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 9)) {
  console.error(
    [
      `Stepgate needs Node 24.9 or newer; this is ${process.version}.`,
      'The right one comes with the development dependencies: run `npm ci`, then use the npm scripts (npm start, npm test).',
      'If you did run `npm ci`: your npm blocked the install script of the package "node".',
      'Allow it with `npm rebuild node --foreground-scripts`, or install Node 24.9+ yourself.',
    ].join('\n'),
  );
  process.exit(1);
}
