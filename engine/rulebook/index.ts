export { explainer, readPipelines } from './explainer.ts';
export { rulesApi } from './api.ts';
export { Rulebook } from './rulebook.ts';
export { rulebookModule } from './schema.ts';
export type { RuleTables } from './schema.ts';
export { rulesOfDirectory, rulesOfUpload, type RuleFile } from './upload.ts';
export { RuleViews } from './views.ts';
export { Values } from './values.ts';
export { valuesApi } from './values-api.ts';
