/** Correlations and streams in a few words, and a store for a correlator's parts. */
import {
  compileCorrelations,
  type CompiledCorrelations,
  type CorrelationChange,
  type CorrelationEvent,
  type CorrelationMatch,
  type CorrelationOptions,
  type CorrelationPart,
  parseSigma,
  type SigmaCorrelation,
} from '../../index.ts';

export const RULES = ['a', 'b', 'c'].map((id) => ({
  id,
  name: `${id}_name`,
  title: id.toUpperCase(),
  level: 'low' as const,
  file: 'f.yml',
}));

export interface Written {
  readonly id?: string;
  readonly type: string;
  readonly rules: readonly string[];
  readonly groupBy?: readonly string[];
  readonly timespan?: string;
  readonly condition?: unknown;
  readonly aliases?: unknown;
  readonly generate?: boolean;
}

/** A correlation document, as JSON, which is YAML. */
export function written({ id = 'corr', groupBy = [], timespan = '10s', generate, ...section }: Written): string {
  const correlation = { ...section, timespan, 'group-by': groupBy };
  return JSON.stringify({ title: id, id, correlation, ...(generate === undefined ? {} : { generate }) });
}

export function correlationsOf(...all: readonly Written[]): SigmaCorrelation[] {
  const { correlations, failures } = parseSigma(all.map((each) => `---\n${written(each)}\n`).join(''), 'f.yml');
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  return correlations;
}

export function compiled(all: readonly Written[], options: Partial<CorrelationOptions> = {}): CompiledCorrelations {
  const result = compileCorrelations(correlationsOf(...all), { rules: RULES, ...options });
  if (result.failures.length > 0) throw new Error(JSON.stringify(result.failures));
  return result;
}

let serial = 0;
/** An event of rule `rule`, `seconds` after the epoch. */
export function at(seconds: number, rule: string, fields: CorrelationEvent['fields'] = {}, id = `e${++serial}`): CorrelationEvent {
  return { rule, id, time: seconds * 1000, fields };
}

export function pushAll({ correlator }: CompiledCorrelations, events: readonly CorrelationEvent[]): CorrelationMatch[] {
  return events.flatMap((event) => correlator.push(event));
}

/** What a database would keep. */
export class PartStore {
  private readonly parts = new Map<string, CorrelationPart>();

  apply(changes: readonly CorrelationChange[]): void {
    for (const { correlation, group, part, state } of changes) {
      const key = JSON.stringify([correlation, group, part]);
      if (group !== null && part !== null && state !== null) this.parts.set(key, { correlation, group, part, state });
      else
        for (const [name, kept] of this.parts)
          if (kept.correlation === correlation && (group === null || kept.group === group) && (part === null || kept.part === part))
            this.parts.delete(name);
    }
  }

  /** In the order of correlation, group and part. */
  all(): CorrelationPart[] {
    return [...this.parts.values()].toSorted(
      (a, b) => compare(a.correlation, b.correlation) || compare(a.group, b.group) || a.part - b.part,
    );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
