export type { KqlNode, Literal, RangeOperator, Word } from './ast.ts';
export { evaluateKql } from './evaluate.ts';
export { parseKql } from './parser.ts';
