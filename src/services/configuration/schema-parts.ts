/** Forms of values that several tables of the configuration have. */
import { z } from 'zod';

export const positive = z.int().min(1);
export const filePath = z.string().min(1);

/** As people type it into a mail program; a certificate bears names, not what a resolver of this machine knows. */
export const hostName = z.string().regex(/^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/);

export const databaseUrl = z
  .string()
  .min(1)
  .refine((url) => !/^postgres(ql)?:\/\/[^@/]*:[^@/]*@/.test(url), {
    error: 'has a password in it: give it as password_file',
  });

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
