/**
 * While there is no account the harbour has nothing to show, and leads here by itself: once a browser session, so that
 * whoever wants to see the harbour can.
 */
const name = 'mailferry-setup-seen';

export function rememberSetup(): void {
  try {
    sessionStorage.setItem(name, '1');
  } catch {
    // A browser that keeps nothing is led here each time.
  }
}

export function sawSetup(): boolean {
  try {
    return sessionStorage.getItem(name) !== null;
  } catch {
    return false;
  }
}
