/** People, agencies, roles, sessions, keys and the audit trail: who someone is and what they may see. */
export { reaches } from './scope.ts';
export type { Actor, Role, Scope } from './scope.ts';
export { recordAudit, type AuditRecord } from './audit.ts';
export { identityApi, type IdentityApiDeps } from './api/index.ts';
export { AGENCIES_SIGNAL } from './agencies.ts';
export { SESSIONS_SIGNAL } from './sessions.ts';
export { createIdentity, type Identity, type IdentityDeps } from './identity.ts';
export { identityModule, ROOT_AGENCY, type AuditTables, type IdentityTables } from './schema.ts';
export type { By } from './by.ts';
export * from './contracts.ts';
