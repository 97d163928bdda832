import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { RawRecord } from '@vong/collector/contracts';
import { openRecording } from '@vong/range/recordings';
import { sharedPath, sharedPresent } from '../deploy/testbed/shared.ts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, drained, enrol, eventsOfAlert, importRules, sendBatch, sigmaCorpus, temporaryDirectory } from './harness/product.ts';

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly files: readonly string[];
}

const folder = sharedPath('data', 'sigmahq', 'regression_data');

function readCases(): Case[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.name === 'info.yml');
  return found.map((entry) => {
    const info = parse(readFileSync(join(entry.parentPath, 'info.yml'), 'utf8')) as { rule_metadata: { id: string }[] };
    const files = readdirSync(entry.parentPath).filter((name) => /\.(evtx|json)$/.test(name));
    return {
      name: entry.parentPath.slice(folder.length + 1),
      rule: info.rule_metadata[0]?.id ?? '',
      files: files.map((name) => join(entry.parentPath, name)),
    };
  });
}

async function recordsOf(file: string): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  const label = `${dirname(file).slice(folder.length + 1)}#${file.endsWith('.evtx') ? 'evtx' : 'json'}`;
  for await (const { raw, position, format } of openRecording(file)) {
    records.push({
      id: `${label}:${position}`,
      source: 'replay',
      format,
      raw,
      collected: new Date().toISOString(),
      labels: { case: label },
    });
  }
  return records;
}

const cases = sharedPresent ? readCases() : [];

describe.skipIf(!sharedPresent)('the regression data of SigmaHQ, through the front door', () => {
  let server: TestServer;
  let data: Awaited<ReturnType<typeof temporaryDirectory>>;
  let rules: Set<string>;
  /** Rule → labels of the events its alerts link. */
  const alerted = new Map<string, Set<string>>();

  beforeAll(async () => {
    data = await temporaryDirectory('regression');
    server = await startServer({ data: data.path });
    const corpus = await sigmaCorpus();
    rules = new Set(corpus.flatMap(({ text }) => [...text.matchAll(/^id: *([0-9a-f-]{36})/gm)].map((match) => match[1] ?? '')));
    await importRules(server, corpus);
    const token = await enrol(server, 'regression');
    let sequence = 0;
    for (const { files } of cases) {
      for (const file of files) await sendBatch(server, { token, sequence: sequence++, records: await recordsOf(file) });
    }
    await drained(server);
    for (const rule of new Set(cases.map((each) => each.rule))) {
      const labels = new Set<string>();
      for (const alert of await allAlerts(server, { rule })) {
        for (const event of await eventsOfAlert(server, alert.id)) labels.add(event.labels?.['case'] ?? '');
      }
      alerted.set(rule, labels);
    }
  }, 300_000);

  afterAll(async () => {
    await server?.stop();
    await data?.remove();
  });

  it('has cases for rules that are in the rule set', () => {
    expect(cases.filter(({ rule }) => rules.has(rule)).length).toBeGreaterThan(140);
  });

  it.each(cases)('$name raises the alert of its rule from each of its files', ({ name, rule, files }) => {
    if (!rules.has(rule)) return;
    for (const file of files) expect(alerted.get(rule)).toContain(`${name}#${file.endsWith('.evtx') ? 'evtx' : 'json'}`);
  });
});
