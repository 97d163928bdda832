/** The word for a status or a verdict, wherever a change of an alert is told. */
const WORDS = {
  open: 'status.open',
  acknowledged: 'status.acknowledged',
  closed: 'status.closed',
  true_positive: 'verdict.true_positive',
  false_positive: 'verdict.false_positive',
  benign: 'verdict.benign',
  duplicate: 'verdict.duplicate',
} as const;
export type TriageWord = (typeof WORDS)[keyof typeof WORDS];

/** Undefined for what is neither. */
export function triageWord(value: unknown): TriageWord | undefined {
  return Object.entries(WORDS).find(([one]) => one === value)?.[1];
}
