/** What changes rules before they are run: Sigma filters and processing pipelines in pySigma's format. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  applyFilters,
  applyProcessing,
  loadProcessingPipeline,
  parseSigma,
  type ProcessingPipeline,
  type RuleFailure,
  SigmaError,
  type SigmaFilter,
  type SigmaRule,
} from 'sigma-rules-ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { type LoadedRules, yamlFiles } from './rules.ts';

/** Adds the options that `tuneRules` reads. */
export function withTuning(command: Command): Command {
  return command
    .option('--filters <dir...>', 'folders (or files) of Sigma filters, applied to the rules they name')
    .option('--pipeline <file...>', 'processing pipelines in the format of pySigma, applied in the order of their priority');
}

export interface Tuning {
  /** Folders or files of Sigma filters. */
  readonly filters?: readonly string[];
  /** Files (or folders) of processing pipelines. */
  readonly pipeline?: readonly string[];
}

export interface TunedRules {
  readonly rules: readonly SigmaRule[];
  readonly failures: readonly RuleFailure[];
  /** What was read and has no effect: `file:line what`. */
  readonly notes: readonly string[];
}

/** The filters and pipelines the options name. */
export interface LoadedTuning {
  readonly filters: readonly SigmaFilter[];
  readonly pipelines: readonly ProcessingPipeline[];
  /** Filters that cannot be read. */
  readonly failures: readonly RuleFailure[];
  readonly notes: readonly string[];
}

/** A pipeline that cannot be read ends the command. */
export async function loadTuning(tuning: Tuning): Promise<LoadedTuning> {
  const [{ filters, failures }, pipelines] = await Promise.all([loadFilters(tuning.filters ?? []), loadProcessing(tuning.pipeline ?? [])]);
  const notes = pipelines.flatMap(({ file, notes: all }) => all.map(({ line, note }) => `${file}:${line} ${note}`));
  return { filters, pipelines, failures, notes };
}

/** Filters first, then pipelines in the order of their priority. A pipeline that cannot be read ends the command. */
export async function tuneRules({ rules, filters: among }: Pick<LoadedRules, 'rules' | 'filters'>, tuning: Tuning): Promise<TunedRules> {
  const { filters, pipelines, failures, notes } = await loadTuning(tuning);
  const filtered = applyFilters(rules, [...among, ...filters]);
  const processed = applyProcessing(filtered.rules, pipelines);
  return {
    rules: processed.rules,
    failures: [...failures, ...filtered.failures, ...processed.failures],
    notes,
  };
}

async function loadFilters(paths: readonly string[]): Promise<{ filters: SigmaFilter[]; failures: RuleFailure[] }> {
  const [filters, failures]: [SigmaFilter[], RuleFailure[]] = [[], []];
  for (const path of paths)
    for (const file of await yamlFiles(path)) {
      const found = parseSigma(await readFile(file, 'utf8'), file);
      filters.push(...found.filters);
      failures.push(...found.failures);
    }
  return { filters, failures };
}

async function loadProcessing(paths: readonly string[]): Promise<ProcessingPipeline[]> {
  const pipelines: ProcessingPipeline[] = [];
  for (const path of paths)
    for (const file of await yamlFiles(path)) {
      const text = await readFile(file, 'utf8');
      try {
        pipelines.push(loadProcessingPipeline(text, file));
      } catch (error) {
        if (!(error instanceof SigmaError)) throw error;
        const { line = 1, column = 1 } = error.place ?? {};
        throw new CommandFailure(EXIT.usage, `${file}:${line}:${column} ${error.code} ${error.message}`, { cause: error });
      }
    }
  return pipelines;
}
