/** Where something listens or is reached, as people write it. Pure. */

export interface HostPlace {
  readonly host: string;
  readonly port: number;
}

/** A port of this machine alone, or a unix socket. */
export type LocalPlace =
  | { readonly host: '127.0.0.1' | '::1'; readonly port: number }
  | { readonly path: string };

/** `new.example.org`, `new.example.org:25`, `[2001:db8::1]:25`. */
export const hostPlaceForm = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/;
/** `127.0.0.1:8425`, `[::1]:8425`, `/run/mailferry/socketmap`. */
export const localPlaceForm = /^(?:(127\.0\.0\.1|\[::1\]):(\d{1,5})|\/\S+)$/;

/** Null where it is none; `standardPort` where none is said. */
export function hostPlaceOf(text: string, standardPort: number): HostPlace | null {
  const [, inner, name, port] = hostPlaceForm.exec(text) ?? [];
  const host = inner ?? name;
  const number = Number(port ?? standardPort);
  return host === undefined || number < 1 || number > 65_535 ? null : { host, port: number };
}

/** Null where it is neither; port 0 is any that is free. */
export function localPlaceOf(text: string): LocalPlace | null {
  const [all, host, port] = localPlaceForm.exec(text) ?? [];
  if (all === undefined) return null;
  if (host === undefined) return { path: text };
  return Number(port) > 65_535 ? null : { host: host === '127.0.0.1' ? host : '::1', port: Number(port) };
}
