import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = [
  'platform',
  'collector',
  'engine',
  'range',
  'console',
  'coordination',
  'assessment',
  'analytics',
  'cli',
  'roles',
  'deploy',
  'test',
];

/** What each room may import from another: whole rooms, or only the paths named. */
const ARROWS: Record<string, Record<string, RegExp>> = {
  platform: {},
  'engine/sigma': {},
  collector: { platform: /./ },
  engine: { platform: /./, 'engine/sigma': /^/ },
  // The front door and the words of its protocol; the sender and readers of recordings use the collector's readers.
  range: { platform: /./, collector: /^(contracts|sources\/evtx|gateway|parsers)/, engine: /^contracts/ },
  console: { platform: /./, collector: /^contracts/, engine: /^contracts/, 'engine/sigma': /^lint/, range: /^contracts/ },
  cli: {
    platform: /./,
    collector: /./,
    engine: /./,
    'engine/sigma': /^/,
    range: /./,
    deploy: /^testbed/,
    console: /^$/,
    roles: /^(modules|parts)/,
  },
  // What a process of a role is made of: only the composition root reaches it; the command line asks what it needs.
  roles: { platform: /./, collector: /./, engine: /./, range: /./, cli: /^operator/ },
  // What packs the rule engine for publication reads its manifest; what is deployed gives settings that must be valid.
  deploy: { 'engine/sigma': /^package\.json$/, platform: /^config/ },
};

const PACKAGES: Record<string, string> = {
  '@vong/platform': 'platform',
  '@vong/collector': 'collector',
  '@vong/engine': 'engine',
  '@vong/range': 'range',
  'sigma-rules-ts': 'engine/sigma',
};

function sources(): string[] {
  return ROOMS.flatMap((room) => {
    try {
      return readdirSync(join(root, room), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|[\\/]dist([\\/]|$)/.test(entry.parentPath))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)));
    } catch {
      return [];
    }
  });
}

const isTest = (path: string): boolean => /\.test\.tsx?$|(^|\/)(test|bench)\/|\/testing\.ts$/.test(path);
const roomOf = (path: string): string => (path.startsWith('engine/sigma/') ? 'engine/sigma' : (path.split('/')[0] ?? ''));

function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g)].map(
    (m) => m[1] ?? m[2] ?? '',
  );
}

/** The room and path inside it that a specifier leads to; undefined for packages from outside. */
function target(path: string, specifier: string): { room: string; inside: string } | undefined {
  if (specifier.startsWith('.')) {
    const file = relative(root, join(root, dirname(path), specifier));
    // The composition root is nobody's room: whoever starts the server imports it.
    if (file === 'main.ts') return undefined;
    const room = roomOf(file);
    return { room, inside: file.slice(room.length + 1) };
  }
  const name = Object.keys(PACKAGES).find((each) => specifier === each || specifier.startsWith(`${each}/`));
  return name === undefined ? undefined : { room: PACKAGES[name] ?? '', inside: specifier.slice(name.length + 1) };
}

const files = sources();

describe('the layout', () => {
  it('has sources to check', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it('has only the arrows of the design', () => {
    const wrong = files
      .filter((path) => !isTest(path))
      .flatMap((path) =>
        importsOf(path).flatMap((specifier) => {
          const to = target(path, specifier);
          const from = roomOf(path);
          if (to === undefined || to.room === from || from === 'test') return [];
          return ARROWS[from]?.[to.room]?.test(to.inside) === true ? [] : [`${path} → ${specifier}`];
        }),
      );
    expect(wrong).toEqual([]);
  });

  it('keeps the parts of the console one-directional: app → features → ui, no feature imports another', () => {
    const wrong = files
      .filter((path) => path.startsWith('console/web/') && !isTest(path))
      .flatMap((path) =>
        importsOf(path).flatMap((specifier) => {
          const to = target(path, specifier)?.inside ?? '';
          const [, , part, feature] = path.split('/');
          const [, toPart, toFeature] = to.split('/');
          if (part === 'ui' && (toPart === 'features' || toPart === 'app')) return [`${path} → ${specifier}`];
          if (part === 'features' && toPart === 'app') return [`${path} → ${specifier}`];
          if (part === 'features' && toPart === 'features' && toFeature !== feature) return [`${path} → ${specifier}`];
          return [];
        }),
      );
    expect(wrong).toEqual([]);
  });

  it('has no file above 400 lines and a median of at most 110', () => {
    const sizes = files
      .filter((path) => !isTest(path))
      .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length }));
    expect(sizes.filter(({ lines }) => lines > 400)).toEqual([]);
    const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(110);
    expect(readFileSync(join(root, 'main.ts'), 'utf8').split('\n').length).toBeLessThanOrEqual(151);
  });
});
