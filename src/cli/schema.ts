import { SCHEMAS, schemaText } from '../config/json-schema/schemas.ts';
import { type Command, EXIT } from './command.ts';

const USAGE = `Usage: stepgate schema policies|gateway|app

Prints the JSON Schema (draft 7) of policies.yaml, of gateway.yaml or of the file of one app, for editors. The same files
come with Stepgate in schemas/. Editors with a YAML language server find them by the first line of a file:

  # yaml-language-server: $schema=schemas/policies.schema.json

Exit codes: 0 printed, 2 used wrongly.
`;

/** `stepgate schema`: what editors complete and check the files by. */
export const schema: Command = async (args, io) => {
  const [name = '', ...more] = args;
  if (args.includes('--help') || args.includes('-h')) {
    io.out(USAGE);
    return EXIT.fine;
  }
  if (more.length > 0 || !isNamed(name)) {
    io.err(`${name === '' ? 'Say of which file.' : `There is no schema of "${args.join(' ')}".`}\n\n${USAGE}`);
    return EXIT.usage;
  }
  io.out(schemaText(SCHEMAS[name]));
  return EXIT.fine;
};

const isNamed = (name: string): name is keyof typeof SCHEMAS => Object.hasOwn(SCHEMAS, name);
