export { ALERTER_GROUP } from './store-signals.ts';
export { createAlerter } from './alerter.ts';
export type { Alerter, AlerterOptions } from './alerter.ts';
export { alertsApi } from './api.ts';
export type { AlertsApiDeps } from './api.ts';
export { NO_PARTITION } from './correlation/schema.ts';
export { ALERT_ERRORS } from './errors.ts';
export { alertsModule } from './schema.ts';
export type { AlertTables } from './schema.ts';
