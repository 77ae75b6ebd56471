/** Fetches a file from the API and hands it to the browser; a refusal is an ApiError, not a file with an error in it. */
import { ApiError } from './ask.ts';
import type { Problem } from './contract.ts';

/** Of the whole file: as long as the server itself is patient. */
const deadlineMs = 10 * 60_000;

/** Throws ApiError. `name` where the answer has none. */
export async function download(path: string, name: string): Promise<void> {
  let response: Response;
  let file: Blob;
  try {
    response = await fetch(path, { credentials: 'same-origin', signal: AbortSignal.timeout(deadlineMs) });
    if (!response.ok) throw await refusal(response);
    file = await response.blob();
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('offline', 0, null);
  }
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = nameOf(response.headers.get('content-disposition')) ?? name;
  link.click();
  // The browser has begun to read by then, and keeps the file until it has all of it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function refusal(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  const offline = problem === null && response.status >= 502;
  return new ApiError(problem?.code ?? (offline ? 'offline' : 'unexpected'), response.status, problem);
}

/** RFC 8187; null where there is none that can be read. */
function nameOf(disposition: string | null): string | null {
  const whole = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  try {
    return whole === undefined ? null : decodeURIComponent(whole);
  } catch {
    return null;
  }
}
