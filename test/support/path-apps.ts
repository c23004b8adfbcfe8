/** One app under `/NAME` for tests of paths: `pub` is public, `admin` asks for mfa, `closed` is closed to everybody. */
export interface PathApp {
  readonly name: string;
  /** The `paths` of gateway.yaml, as flow YAML. */
  readonly paths: string;
  /** The mount, `/NAME` unless given. */
  readonly mount?: string;
}

const LEVELS = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
default: {require: password}
apps:
`;

/** policies.yaml for these apps. */
export function pathPolicies(apps: readonly PathApp[]): string {
  return LEVELS + apps.map((app) => rulesOf(app)).join('');
}

function rulesOf({ name, mount = `/${name}` }: PathApp): string {
  const base = mount === '/' ? '' : mount;
  return `  ${name}:
    rules:
      - {id: pub, path: ${base}/pub/**, public: true}
      - {id: admin, path: ${base}/admin/**, require: mfa}
      - {id: closed, path: ${base}/closed/**, deny: true}
      - {id: upload, path: ${base}/drop/**, methods: [POST], public: true}
`;
}

/** gateway.yaml with these apps in the place of the stage's own, on its origin and with its upstream and provider. */
export const pathGateway =
  (apps: readonly PathApp[]) =>
  (text: string): string => {
    const at = text.indexOf('apps:\n');
    const origin = /origins: (\[.*\])/.exec(text)?.[1] ?? '';
    const upstream = /upstream: (\S+)/.exec(text)?.[1] ?? '';
    const entries = apps.map(
      ({ name, paths, mount = `/${name}` }) => `  ${name}:
    origins: ${origin}
    path: ${mount}
    upstream: ${upstream}
    provider: corp
    paths: ${paths}
`,
    );
    return `${text.slice(0, at)}apps:\n${entries.join('')}`;
  };
