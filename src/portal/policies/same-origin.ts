/** Whether a request comes from our own pages: browsers send a cookie along from everywhere. Pure. */

export interface RequestOrigin {
  readonly method: string;
  /** As the browser asked for it, with its port; behind a proxy what the proxy says. */
  readonly host: string;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  /** `control.public_url`. */
  readonly publicUrl: string | null;
}

/**
 * Browsers since 2023 send Sec-Fetch-Site, which no page can forge; Origin comes with what changes something. `strict`:
 * one of the two has to be there, as for every change by cookie.
 */
export function isSameOrigin(request: RequestOrigin, strict: boolean): boolean {
  const { method, host, origin, fetchSite, publicUrl } = request;
  const reads = method === 'GET' || method === 'HEAD';
  // `none`: typed, or from a bookmark.
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && !(reads && fetchSite === 'none'))
    return false;
  if (origin !== undefined && !isOurs(origin, host, publicUrl)) return false;
  return reads || !strict || fetchSite !== undefined || origin !== undefined;
}

function isOurs(origin: string, host: string, publicUrl: string | null): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.host === host || (publicUrl !== null && url.origin === new URL(publicUrl).origin);
}
