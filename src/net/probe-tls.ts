/** Whether a port begins with TLS: a handshake on a connection of its own, on which nothing else is ever sent. */
import net from 'node:net';
import tls from 'node:tls';

/** False also when nobody answers; `signal` ends the question. */
export function speaksTls(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    // The certificate is not looked at: this asks for the protocol, and trusts nobody with anything.
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = tls.connect({ host, port, rejectUnauthorized: false, ...name });
    const settle = (answer: boolean) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => settle(false);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('secureConnect', () => settle(true));
    socket.on('error', () => settle(false));
    socket.once('close', () => settle(false));
    if (signal.aborted) onAbort();
  });
}
