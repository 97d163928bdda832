/** The rulebook's correlations made ready, going on where those before them were. */
import {
  applyProcessing,
  applyProcessingToCorrelations,
  compileCorrelations,
  silencedRules,
  type Correlator,
  type ProcessingPipeline,
  type SigmaCorrelation,
  type SigmaRule,
} from 'sigma-rules-ts';
import { parsedOf, type RuleText } from '../../detector/index.ts';

export interface Compiled {
  readonly correlator: Correlator;
  /** Version of each correlation, as its alerts say it. */
  readonly versions: ReadonlyMap<string, string>;
  /** Correlations that only feed others. */
  readonly silent: ReadonlySet<string>;
  /** The longest time span of all chains, milliseconds. */
  readonly longestMs: number;
  readonly failures: readonly string[];
}

export interface CompileOptions {
  readonly onEvicted: (correlation: string, evicted: { readonly groups: number; readonly events: number }) => void;
  readonly previous: Correlator | undefined;
  /** The administrator's: the detectors read what these name. */
  readonly processing: readonly ProcessingPipeline[];
}

/** `texts`: the enabled correlations and the rules they may refer to. A text is a whole file; only the row's own document counts. */
export function compileTexts(texts: readonly RuleText[], { onEvicted, previous, processing }: CompileOptions): Compiled {
  const written: SigmaRule[] = [];
  const all: SigmaCorrelation[] = [];
  const versions = new Map<string, string>();
  for (const text of texts) {
    const { id, version } = text;
    const found = parsedOf(text);
    written.push(...found.rules.filter((rule) => rule.id === id));
    const own = found.correlations.filter((correlation) => correlation.id === id);
    if (own.length > 0) versions.set(id, version);
    all.push(...own);
  }
  // A rule no pipeline can transform runs nowhere, and nothing can be built on it.
  const { rules } = applyProcessing(written, processing);
  const processed = applyProcessingToCorrelations(all, processing, { rules: written });
  const { correlations } = processed;
  const options = previous === undefined ? { rules, onEvicted } : { rules, onEvicted, previous };
  const { correlator, failures } = compileCorrelations(correlations, options);
  return {
    correlator,
    versions,
    silent: silencedRules(all, written),
    // A chain is at most as long as all of them together.
    longestMs: correlations.reduce((sum, { timespanMs }) => Math.min(sum + timespanMs, LONGEST_MS), 0),
    failures: [...processed.failures, ...failures].map(({ file, line, reason }) => `${file}:${line ?? 1} ${reason}`),
  };
}

const LONGEST_MS = 366 * 86_400_000;
