/** What the sync signs in with, in the order in which it is looked for: one place for the worker and for what people are told. Pure. */

export const signIns = ['app-password', 'own-password', 'access-token', 'master-user'] as const;
export type SignIn = (typeof signIns)[number];

/** What there is of each; null: the sync cannot sign in. */
export function signInBy(there: Readonly<Record<SignIn, boolean>>): SignIn | null {
  return signIns.find((one) => there[one]) ?? null;
}
