/**
 * `npm run bench`: what forwarding costs. `npm run bench -- decide`: what a decision costs, and loading many rules.
 * Nothing is asserted: the numbers depend on the machine.
 */

await import(process.argv[2] === 'decide' ? './decide.ts' : './forwarding.ts');
