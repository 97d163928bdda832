/** The plain evaluator over a rule set: for tests, and for anyone who wants to check the indexed one. */
export { evaluateRule, type EventView, type RuleLogic } from './evaluate.ts';
export { plainMatch } from './match.ts';
export { matchesString } from './string.ts';
