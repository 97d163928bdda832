/** Sends a form with progress, which `fetch` cannot tell. Errors are those of `client/api`. */
import { api, ApiError } from '../../client/api.ts';

export interface Upload {
  readonly path: string;
  readonly form: FormData;
  /** 0 to 1 of the bytes sent; 1 while the server works on them. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

function errorOf(status: number, text: string): ApiError {
  try {
    const { error } = JSON.parse(text);
    if (typeof error === 'object' && error !== null)
      return new ApiError(status, { code: `HTTP_${status}`, message: `HTTP ${status}`, ...error });
  } catch {
    // An answer that is no JSON comes from something in between; its status is all there is to say.
  }
  return new ApiError(status, { code: `HTTP_${status}`, message: `HTTP ${status}` });
}

/** @throws {ApiError} as the server answers; code `NETWORK` when it cannot be reached, `ABORTED` when stopped. */
export function upload<Answer>({ path, form, onProgress, signal }: Upload): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-vong', '1');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0));
    request.addEventListener('error', () => reject(new ApiError(0, { code: 'NETWORK', message: 'network' })));
    request.addEventListener('abort', () => reject(new ApiError(0, { code: 'ABORTED', message: 'aborted' })));
    request.addEventListener('load', () => {
      const { status, responseText } = request;
      if (status >= 200 && status < 300) resolve(JSON.parse(responseText));
      else {
        // Lets the one who watches over the session notice that it has ended.
        if (status === 401) void api.get('/api/session').catch(() => undefined);
        reject(errorOf(status, responseText));
      }
    });
    if (signal?.aborted) return reject(new ApiError(0, { code: 'ABORTED', message: 'aborted' }));
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}
