/** The arrows `app → features → ui → client → i18n`, and the border to the server. */
// oxlint-disable typescript/no-unsafe-type-assertion -- nodes of the syntax tree are known by their type word
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOURCES, walk, type Source } from './sources.ts';

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  walk(source, (node) => {
    const target = node['source'] as { value?: unknown } | null | undefined;
    if (typeof target?.value !== 'string') return;
    if (!['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'].includes(node.type)) return;
    const to = target.value.startsWith('.') ? posix.join(posix.dirname(source.path), target.value) : target.value;
    found.push({ from: source.path, to, typeOnly: node['importKind'] === 'type' || node['exportKind'] === 'type' });
  });
  return found;
}

const IMPORTS = SOURCES.flatMap(importsOf);
const LAYERS = ['i18n', 'client', 'ui', 'features', 'app'];
const layer = (path: string): number => LAYERS.indexOf(path.split('/')[0]!);
const feature = (path: string): string | undefined => /^features\/([^/]+)\//.exec(path)?.[1];
const show = ({ from, to }: Import): string => `${from} → ${to}`;

describe('imports of the console', () => {
  it('are read at all', () => expect(IMPORTS.length).toBeGreaterThan(100));

  it('go in one direction: app → features → ui → client → i18n', () => {
    expect(IMPORTS.filter(({ from, to }) => layer(to) > layer(from)).map(show)).toEqual([]);
  });

  it('never lead from one feature into another', () => {
    const crossing = IMPORTS.filter(({ from, to }) => feature(from) && feature(to) && feature(from) !== feature(to));
    expect(crossing.map(show)).toEqual([]);
  });

  it('take nothing but types from the server', () => {
    expect(IMPORTS.filter(({ to, typeOnly }) => to.startsWith('@vong/') && !typeOnly).map(show)).toEqual([]);
  });

  it('load charts only when a chart is shown', () => {
    expect([...new Set(IMPORTS.filter(({ to }) => to === 'recharts').map(({ from }) => from))]).toEqual(['ui/ChartPlot.tsx']);
  });
});
