/** Sigma detection rules: parse, compile, match, explain. Pure: no input or output, no clock; runs in Node and in browsers. */
export { SIGMA_ERRORS, SigmaError, type SigmaCode } from './errors.ts';
export { compileRules, type CompileOptions, type Match, type RuleCosts, type RuleSet } from './compile.ts';
export {
  compileCorrelations,
  type CompiledCorrelations,
  type CorrelatedRule,
  type CorrelationChange,
  type CorrelationEvent,
  type CorrelationMatch,
  type CorrelationOptions,
  type CorrelationPart,
  type Correlator,
  type CorrelatorStats,
  type ResolvedCorrelation,
  silencedRules,
} from './correlation/index.ts';
export { readFields } from './correlation/fields.ts';
export type { CorrelationType, SigmaCorrelation } from './correlation/model.ts';
export { JsonFields } from './json/fields.ts';
export { explain, type ExplainLogSource, type ExplainMatch, type ExplainNode, type ExplainSeen, type ExplainTree } from './explain.ts';
export { applyFilters, type FilteredRules } from './filters/apply.ts';
export type { SigmaFilter } from './filters/model.ts';
export { LEVELS, type Level, type LogSource, type RuleFailure, type SigmaRule, STATUSES, type Status } from './model.ts';
export { parseSigma, type SigmaDocuments } from './parse/documents.ts';
export { parseRules } from './parse/rule.ts';
export { decodeParsed, encodeParsed, PARSED_FORMAT } from './parsed/index.ts';
export { loadPipelines } from './pipelines/load.ts';
export type { Pipelines } from './pipelines/model.ts';
export { fillPlaceholders, type Placeholders, placeholdersOf } from './placeholders.ts';
export { applyProcessing, type ProcessingOptions } from './processing/apply.ts';
export { applyProcessingToCorrelations, type ProcessedCorrelations } from './processing/correlations.ts';
export { loadProcessingPipeline } from './processing/load.ts';
export type { ProcessedRules, ProcessingPipeline } from './processing/model.ts';
