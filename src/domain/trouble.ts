/**
 * What keeps an account from getting on, in classes that people can act on, and what the worker does about it. One
 * table; the words are for the account's owner, and where they need other ones for the operator.
 */
import { type ErrorCode, errorTable } from '../base/errors.ts';

export const troubleClasses = [
  'wrong-password',
  'locked',
  'throttled',
  'unreachable',
  'over-quota',
  'deletions-stopped',
  'mailbox-removed',
  'mailbox-missing',
  'not-equal',
  'secret',
  'not-provisioned',
  'vanished',
  'database',
  'server',
  'defect',
] as const;
export type TroubleClass = (typeof troubleClasses)[number];

export interface Words {
  readonly de: string;
  readonly en: string;
}

interface TroubleRow {
  /** True: nothing is tried again before a person has acted. */
  readonly asks: boolean;
  readonly what: Words;
  /** For the account's owner. */
  readonly action: Words;
  /** For the operator, where that is another thing to do: which command, which key. */
  readonly operator?: Words;
}

const safe = {
  de: 'Ihre Nachrichten sind sicher. Wir machen von selbst weiter.',
  en: 'Your mail is safe. We carry on by ourselves.',
};

export const troubleTable: Readonly<Record<TroubleClass, TroubleRow>> = {
  'wrong-password': {
    asks: true,
    what: {
      de: 'Der Server nimmt das Passwort nicht an, oder das Konto gibt es dort nicht mehr.',
      en: 'The server does not accept the password, or the account is no longer there.',
    },
    action: {
      de: 'Sagen Sie Ihrem Anbieter, dass sich das Passwort geändert hat, und versuchen Sie es danach noch einmal. Am neuen Server wurde nichts gelöscht.',
      en: 'Tell your provider that the password has changed, then try again. Nothing was deleted on the new server.',
    },
    operator: {
      de: 'Geben Sie das Passwort neu ein: `mailferry accounts import` mit old_password oder new_password in der Zeile des Kontos, oder master_user und master_password_file des Servers in der Konfiguration. Danach `mailferry sync retry ADRESSE`.',
      en: 'Give the password again: `mailferry accounts import` with old_password or new_password in the row of the account, or master_user and master_password_file of the server in the configuration. Then `mailferry sync retry ADDRESS`.',
    },
  },
  locked: {
    asks: true,
    what: {
      de: 'Der Server lässt dieses Konto nicht mehr herein (gesperrt oder abgelaufen).',
      en: 'The server no longer lets this account in (locked or expired).',
    },
    action: {
      de: 'Lassen Sie das Konto dort freischalten und starten Sie dann erneut.',
      en: 'Have the account unlocked there, then retry.',
    },
  },
  throttled: {
    asks: false,
    what: {
      de: 'Der Server bittet um eine Pause.',
      en: 'The server asks for a pause.',
    },
    action: safe,
  },
  unreachable: {
    asks: false,
    what: {
      de: 'Der Server ist gerade nicht erreichbar.',
      en: 'The server cannot be reached right now.',
    },
    action: safe,
  },
  'over-quota': {
    asks: false,
    what: {
      de: 'Das neue Postfach ist voll.',
      en: 'The new mailbox is full.',
    },
    action: {
      de: 'Schaffen Sie dort Platz oder lassen Sie es vergrößern. Der Rest kommt dann von selbst nach.',
      en: 'Make room there or have it enlarged. The rest follows by itself.',
    },
  },
  'deletions-stopped': {
    asks: false,
    what: {
      de: 'Auf dem bisherigen Server sind ungewöhnlich viele Nachrichten verschwunden. Am neuen Server wurde deshalb nichts gelöscht.',
      en: 'Unusually many messages disappeared from the old server. For this reason nothing was deleted on the new one.',
    },
    action: {
      de: 'Wenn das Löschen gewollt war, bestätigen Sie es; sonst sehen Sie auf dem bisherigen Server nach.',
      en: 'If this was meant, confirm the deletions; otherwise look at the old server.',
    },
    operator: {
      de: 'Wenn das Löschen gewollt war: `mailferry sync retry ADRESSE --confirm-deletions`; sonst sehen Sie auf dem bisherigen Server nach.',
      en: 'If this was meant: `mailferry sync retry ADDRESS --confirm-deletions`; otherwise look at the old server.',
    },
  },
  'mailbox-removed': {
    asks: false,
    what: {
      de: 'Ein Ordner wurde auf dem neuen Server entfernt. Was auf dem bisherigen Server darin liegt, bleibt dort.',
      en: 'A mailbox was removed on the new server. What is in it on the old server stays there.',
    },
    action: {
      de: 'Wenn Sie ihn doch brauchen, legen Sie ihn auf dem neuen Server wieder an.',
      en: 'If you need it after all, create it again on the new server.',
    },
  },
  'mailbox-missing': {
    asks: false,
    what: {
      de: 'Ein Ordner lässt sich nicht übertragen. Alles andere geht weiter.',
      en: 'A mailbox cannot be carried over. Everything else goes on.',
    },
    action: {
      de: 'Der Bericht nennt den Ordner und den Grund. Ist er behoben, kommt der Ordner von selbst nach.',
      en: 'The report names the mailbox and the reason. Once that is gone, the mailbox follows by itself.',
    },
  },
  'not-equal': {
    asks: true,
    what: {
      de: 'Die Prüfung fand Nachrichten, die auf dem neuen Server fehlen.',
      en: 'The check found messages that are missing on the new server.',
    },
    action: {
      de: 'Starten Sie erneut; bleibt es dabei, zeigt der Bericht, welche es sind.',
      en: 'Retry; if it stays so, the report shows which ones.',
    },
    operator: {
      de: 'Starten Sie mit `mailferry sync retry ADRESSE` erneut; bleibt es dabei, zeigt `mailferry report ADRESSE`, welche es sind.',
      en: '`mailferry sync retry ADDRESS`; if it stays so, `mailferry report ADDRESS` shows which ones.',
    },
  },
  secret: {
    asks: true,
    what: {
      de: 'Für dieses Konto liegt kein lesbares Passwort vor.',
      en: 'There is no readable password for this account.',
    },
    action: {
      de: 'Bitten Sie Ihren Anbieter, das Passwort neu zu hinterlegen, und versuchen Sie es danach noch einmal.',
      en: 'Ask your provider to enter the password again, then try again.',
    },
    operator: {
      de: 'Hinterlegen Sie das Passwort: `mailferry accounts import` mit old_password oder new_password in der Zeile des Kontos, oder master_user und master_password_file unter [old] oder [new] in der Konfiguration, die nach einem Neustart gilt. Danach `mailferry sync retry ADRESSE`.',
      en: 'Give it a password: `mailferry accounts import` with old_password or new_password in the row of the account, or master_user and master_password_file below [old] or [new] in the configuration, which holds after a restart. Then `mailferry sync retry ADDRESS`.',
    },
  },
  'not-provisioned': {
    asks: true,
    what: {
      de: 'Das Konto konnte auf dem neuen Server nicht angelegt werden.',
      en: 'The account could not be made on the new server.',
    },
    action: {
      de: 'Ihr Anbieter sieht den Grund und kümmert sich darum. Ihre Nachrichten sind sicher.',
      en: 'Your provider sees the reason and takes care of it. Your mail is safe.',
    },
    operator: {
      de: 'Lesen Sie die Antwort des neuen Servers, beheben Sie dort oder unter [new.provisioning] die Ursache, danach `mailferry provision ADRESSE`.',
      en: 'Read what the new server says, mend it there or in [new.provisioning], then `mailferry provision ADDRESS`.',
    },
  },
  vanished: {
    asks: false,
    what: {
      de: 'Dieses Konto steht nicht mehr in der Liste des bisherigen Servers.',
      en: 'This account is no longer in the list of the old server.',
    },
    action: {
      de: 'Ihr Anbieter sieht nach. Am neuen Server wurde nichts geändert.',
      en: 'Your provider looks into it. Nothing was changed on the new server.',
    },
    operator: {
      de: 'Sehen Sie auf dem bisherigen Server nach, ob das Konto aus Versehen gelöscht wurde. Steht es wieder in der Liste, verschwindet dieser Hinweis von selbst.',
      en: 'See on the old server whether the account was deleted by mistake. Once it is in the list again, this note goes by itself.',
    },
  },
  database: {
    asks: false,
    what: {
      de: 'Bei uns ist gerade etwas gestört.',
      en: 'Something on our side is out of order right now.',
    },
    action: safe,
  },
  server: {
    asks: true,
    what: {
      de: 'Der Server verhält sich anders, als es die Regeln vorsehen.',
      en: 'The server does not behave as the rules say.',
    },
    action: {
      de: 'Wenden Sie sich mit dem genannten Grund an den Betreiber und starten Sie dann erneut.',
      en: 'Show the reason to the operator of the server, then retry.',
    },
  },
  defect: {
    asks: true,
    what: {
      de: 'Bei uns ist ein Fehler aufgetreten.',
      en: 'Something went wrong on our side.',
    },
    action: {
      de: 'Der Betreiber findet den Grund im Protokoll. Ihre Nachrichten sind sicher.',
      en: 'The operator finds the reason in the log. Your mail is safe.',
    },
  },
};

const classes: Readonly<Record<TroubleClass, readonly ErrorCode[]>> = {
  'wrong-password': ['login-refused', 'token-refused'],
  locked: ['account-locked'],
  throttled: ['throttled', 'too-many-connections', 'server-blocked'],
  unreachable: [
    'unreachable',
    'dns-failed',
    'connection-lost',
    'connect-timeout',
    'server-unavailable',
    'protocol-violation',
    'command-refused',
    // Its edge does not answer yet: it goes on by itself.
    'app-password-pending',
    // Who gives out tokens has none right now.
    'access-token-missing',
    // What makes accounts on new does not answer right now.
    'provisioning-pending',
  ],
  'over-quota': ['over-quota'],
  'deletions-stopped': ['deletions-stopped'],
  'mailbox-removed': ['mailbox-removed-on-new'],
  'mailbox-missing': ['mailbox-unusable', 'mailbox-not-created'],
  'not-equal': ['check-failed'],
  secret: ['secret-unreadable', 'secret-missing'],
  'not-provisioned': ['provisioning-refused'],
  vanished: ['account-vanished'],
  database: [
    'database-unreachable',
    'database-login-refused',
    'database-newer',
    'database-busy',
    'database-damaged',
    'database-unwritable',
  ],
  server: [
    'not-imap',
    'tls-to-plaintext',
    'plaintext-to-tls',
    'starttls-missing',
    'certificate-invalid',
    'pin-mismatch',
    'tls-failed',
    'login-method-missing',
    'limit-exceeded',
    'same-account',
  ],
  defect: [],
};

/** What is not in the table is a defect of ours. */
export function troubleClassOf(code: ErrorCode): TroubleClass {
  const found = (Object.keys(classes) as TroubleClass[]).find((one) => classes[one].includes(code));
  return found ?? 'defect';
}

/** All codes of a class; every code there is belongs to one. */
export function codesOf(one: TroubleClass): readonly ErrorCode[] {
  return (Object.keys(errorTable) as ErrorCode[]).filter((code) => troubleClassOf(code) === one);
}

/** Counts by code as counts by class; classes without any are left out. */
export function countsByClass(
  counts: Readonly<Record<string, number>>,
): Readonly<Partial<Record<TroubleClass, number>>> {
  const sums: Partial<Record<TroubleClass, number>> = {};
  for (const [code, n] of Object.entries(counts)) {
    const one = troubleClassOf(code as ErrorCode);
    sums[one] = (sums[one] ?? 0) + n;
  }
  return sums;
}

/** What the operator does about it. */
export function operatorAction(code: ErrorCode): Words {
  const { operator, action } = troubleTable[troubleClassOf(code)];
  return operator ?? action;
}

/** The same of a single mailbox, while the rest of its account goes on. */
export function mailboxTroubleOf(code: ErrorCode): TroubleClass {
  return code === 'mailbox-removed-on-new' ? 'mailbox-removed' : 'mailbox-missing';
}

/** Milliseconds before the next try by itself, after `failures` in a row: 5 s, doubled, up to 15 minutes, with jitter. */
export function retryAfterMs(failures: number, random: number): number {
  const base = Math.min(15 * 60_000, 5_000 * 2 ** Math.max(0, failures - 1));
  return Math.round(base * (0.75 + 0.5 * random));
}

/** All codes that a person has to do something about. */
export function askingCodes(): readonly ErrorCode[] {
  return (Object.keys(classes) as TroubleClass[]).flatMap((one) =>
    troubleTable[one].asks ? [...classes[one], ...(one === 'defect' ? (['internal'] as const) : [])] : [],
  );
}

/** Codes that accounts want attention for, in the order of the table. */
export function troubleCodes(): readonly ErrorCode[] {
  return (Object.keys(classes) as TroubleClass[]).flatMap((one) =>
    one === 'defect' ? ['internal' as const] : classes[one],
  );
}
