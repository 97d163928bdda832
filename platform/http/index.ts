export { ADMINISTRATORS, ANALYSTS, READERS } from './access.ts';
export type { Access, AgentIdentity } from './access.ts';
