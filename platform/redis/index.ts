export { openRedis, type Redis, type RedisConnections, type RedisSettings } from './connections.ts';
export { REDIS_ERRORS } from './errors.ts';
