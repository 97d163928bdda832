/** What processing pipelines make of a log source and a field, for the checks that compare them with events. */
import type { LogSource, SigmaRule } from '../model.ts';
import { applyProcessing } from '../processing/apply.ts';
import type { ProcessingPipeline } from '../processing/model.ts';

export interface Processed {
  readonly logsource: LogSource;
  readonly fields: readonly string[];
}

/** Undefined where a pipeline refuses rules of the log source. The pipelines see a rule that has nothing but these fields in its list. */
export function processed({ logsource, fields }: Processed, pipelines: readonly ProcessingPipeline[]): Processed | undefined {
  if (pipelines.length === 0) return { logsource, fields };
  return applyProcessing([{ ...EMPTY, logsource, fields }], pipelines).rules[0];
}

const EMPTY: Omit<SigmaRule, 'logsource' | 'fields'> = {
  id: '',
  title: '',
  taxonomy: 'sigma',
  status: 'stable',
  level: 'medium',
  references: [],
  tags: [],
  falsepositives: [],
  scope: [],
  related: [],
  detections: [],
  conditions: [],
  file: '',
  line: 1,
  source: '',
};
