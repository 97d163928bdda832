export { createGateway, type Gateway, type GatewayOptions, type IncomingBatch } from './gateway.ts';
export { agentsApi, gatewayApi, type AgentsApiDeps, type GatewayApiDeps } from './api.ts';
export { rejectedLetters } from './rejected.ts';
export { agentsModule, type GatewayTables } from './schema.ts';
export type { Agents } from './agents.ts';
export { DEAD_LETTER_GROUP } from './dead-letters.ts';
export { DEAD_LETTER_ERRORS, GATEWAY_ERRORS } from './errors.ts';
