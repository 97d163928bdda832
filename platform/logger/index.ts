import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on stdout. Level from `VONG_LOG_LEVEL`; never log a token, a password or a request body. */
export function createLogger(name: string, level = process.env['VONG_LOG_LEVEL'] ?? 'info'): Logger {
  return pino({
    name,
    level,
    redact: { paths: ['*.token', '*.password', 'req.headers.authorization', 'req.headers.cookie'], remove: true },
  });
}
