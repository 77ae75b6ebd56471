// Asks who is signed in while the application is still on its way; main.tsx takes the answer. Not a module: it runs
// before the page's own script is even fetched.
window.earlySession = fetch('/api/v1/session', { credentials: 'same-origin' });
window.earlySession.catch(() => undefined);
