/** Die Wörter der Seite über Konten auf dem neuen und Adressen auf dem bisherigen Server. Die Form gibt provisioning-en.ts vor. */
import type { Format } from '../format/format.ts';
import type { ProvisioningWords } from './provisioning-en.ts';

export const provisioningDe = (f: Format): ProvisioningWords => {
  const accounts = (n: number): string => f.one(n, 'Konto', 'Konten');
  return {
    title: 'Konten anlegen',
    lead: 'Konten, die Mailferry auf dem neuen Server anlegt, und Adressen, die es auf dem bisherigen findet.',
    more: 'Mehr zeigen',
    making: {
      title: 'Konten auf dem neuen Server',
      lead: 'Jedes Konto wird vor seiner ersten Kopie angelegt, mit dem Passwort, das es auf dem bisherigen Server hat.',
      off: 'Mailferry legt hier keine Konten an: Sie müssen auf dem neuen Server sein, bevor sie begonnen werden. Sollen sie angelegt werden, dann sagen Sie in der Konfiguration, von wem, und starten Sie den Daemon neu:',
      by: 'Angelegt durch',
      adapters: {
        sql: 'Dovecot liest sie aus dem Edge',
        command: 'ein Programm von Ihnen',
        mailcow: 'mailcow, über dessen API',
      },
      passwords: 'Passwörter',
      copied: (from) => `von alt übernommen (${from})`,
      copiedFrom: {
        'passwd-file': 'passwd-file',
        sql: 'dessen Datenbank',
        command: 'ein Programm von Ihnen',
      },
      captured: 'von Inhabern im Portal gegeben',
      noPasswords: 'keine',
      made: 'Angelegt',
      waiting: 'Warten',
      failed: 'Gescheitert',
      bare: 'Ohne Passwort',
      asked: (n) => `${f.count(n)} per E-Mail gefragt`,
      noMails: 'Ihre Inhaber werden nicht angeschrieben.',
      mails: (most, days) =>
        most === 1
          ? 'Ihre Inhaber werden mit einer E-Mail gebeten, ihres im Portal zu geben.'
          : `Ihre Inhaber werden per E-Mail gebeten, ihres im Portal zu geben, und nach ${f.one(days, 'Tag', 'Tagen')} noch einmal.`,
    },
    test: {
      button: 'Ausprobieren',
      testing: 'Wird ausprobiert',
      works: 'Es antwortet und würde Konten anlegen.',
      fails: 'Es würde jetzt keine Konten anlegen.',
      says: (text) => `Es sagt: ${text}`,
      todo: {
        'provisioning-pending':
          'Sehen Sie nach, ob es läuft, von hier zu erreichen ist und sein Schlüssel gilt. Dann probieren Sie es noch einmal. Konten, die warten, werden von selbst wieder versucht.',
        'provisioning-refused':
          'Beheben Sie dort, was es sagt, oder in [new.provisioning] der Konfiguration; dann probieren Sie es noch einmal.',
      },
      todoElse: 'Sehen Sie in das Log des Daemons; es nennt die Ursache.',
    },
    check: {
      title: 'Was getan würde',
      lead: 'Damit wird nichts geändert.',
      address: 'Adresse eines Kontos',
      missing: 'Bitte geben Sie die Adresse eines Ihrer Konten ein.',
      button: 'Prüfen',
      unknown: (name) => `Ein Konto ${name} gibt es nicht.`,
      asItIs: 'Alles ist schon so; es würde nichts getan.',
      would: (what) => `Es würde getan: ${what}.`,
      wouldFail: 'Es ginge nicht.',
    },
    changes: {
      create: 'das Konto wird angelegt',
      quota: 'seine Quota wird gesetzt',
      password: 'sein Passwort wird gesetzt',
      'call the program': 'das Programm wird aufgerufen',
    },
    alias: (address) => `die Adresse ${address} kommt hinzu`,
    origins: {
      copied: 'Passwort: vom bisherigen Server übernommen.',
      captured: 'Passwort: wie es sein Inhaber im Portal gegeben hat.',
      none: 'Passwort: Niemand kennt es. Post und Abgleich gehen; anmelden kann sich sein Inhaber auf dem neuen Server noch nicht.',
      locked: 'Passwort: keines. Der bisherige Server lässt dort niemanden ein.',
    },
    lists: {
      label: 'Gezeigte Konten',
      trouble: (n) => `Nicht wie gewünscht angelegt (${f.count(n)})`,
      'without-password': (n) => `Ohne Passwort (${f.count(n)})`,
      noTrouble:
        'Jedes Konto ließ sich anlegen. Geht es bei einem einmal nicht, steht es hier mit der Antwort.',
      noneBare: 'Jedes angelegte Konto hat ein Passwort.',
      account: 'Konto',
      answer: 'Was die andere Seite sagt',
      state: 'Wie es weitergeht',
      again: 'Noch einmal',
      againAll: (n) => `Alle ${f.count(n)} noch einmal`,
      next: (moment) => `wird von selbst wieder versucht, ${moment}`,
      act: 'wartet darauf, dass jemand handelt',
      tries: (n) => `${f.one(n, 'Mal', 'Mal')} versucht`,
      isThere: 'ist da; der letzte Blick darauf ging nicht gut',
      done: (made, not) =>
        `${accounts(made)} ${made === 1 ? 'ist' : 'sind'} wie gewünscht.${not === 0 ? '' : ` ${accounts(not)} noch nicht.`}`,
      mail: 'E-Mail an den Inhaber',
      mailed: (n, moment) => `${f.one(n, 'E-Mail', 'E-Mails')}, zuletzt ${moment}`,
      notMailed: 'noch keine',
      locked: 'auf dem bisherigen Server gesperrt: niemand wird angeschrieben',
    },
    found: {
      title: 'Adressen auf dem bisherigen Server',
      lead: 'Adressen, die dort neu entstehen, werden von selbst zu Konten. Verschwundene werden gemeldet, und geändert wird nichts.',
      off: 'Hier wird nicht nach Adressen gesehen: Konten kommen nur über eingetragene Listen. Sollen sie gefunden werden, dann sagen Sie in der Konfiguration, wo die Liste ist, und starten Sie den Daemon neu:',
      source: 'Quelle',
      sources: {
        'passwd-file': 'passwd-file von Dovecot',
        sql: 'eine Datenbank',
        doveadm: 'doveadm',
        command: 'ein Programm von Ihnen',
        csv: 'eine Liste (CSV)',
      },
      look: 'Zuletzt gesehen',
      never: 'noch nicht',
      listed: 'In der Liste',
      adopted: 'Übernommen',
      vanished: 'Verschwunden',
      missing: 'Einmal vermisst',
      good: (moment) => `Zuletzt ging es gut: ${moment}.`,
      noGood: 'Bis zu Ende gelesen wurde sie noch nie.',
      vanishedNotice: (n) =>
        `${accounts(n)} ${n === 1 ? 'steht' : 'stehen'} nicht mehr in der Liste des bisherigen Servers. Geändert wurde nichts. Solange andere einer Domain nicht umgezogen sind, müssen deren Konten auf dem bisherigen Server bleiben: Sehen Sie nach, ob jemand ${n === 1 ? 'es' : 'sie'} dort gelöscht hat.`,
      faults: {
        'discovery-failed':
          'Die Liste ließ sich nicht lesen. Bis es wieder geht, wird niemand übernommen und niemand vermisst.',
        'discovery-stopped':
          'Der Liste wird nicht geglaubt, denn sie ist leer, oder in ihr fehlen viele Konten auf einmal. Geändert wurde nichts. Sehen Sie nach, ob sie vollständig ist.',
        'discovery-off': 'Hier wird nicht nach Adressen gesehen.',
      },
      now: 'Jetzt nachsehen',
      looking: 'Wird nachgesehen',
      only: 'Nur prüfen',
      done: (listed, adopted) =>
        `${listed} in der Liste, ${adopted === 0 ? 'keine davon neu' : `${accounts(adopted)} übernommen`}.`,
      would: (listed, adopted) =>
        `${listed} in der Liste, ${adopted === 0 ? 'keine davon neu' : `${accounts(adopted)} würden übernommen`}. Geändert wurde nichts.`,
      addresses: (n) => f.one(n, 'Adresse', 'Adressen'),
      aliasesNow: (n) => `${f.one(n, 'neue Nebenadresse', 'neue Nebenadressen')} bekannter Konten.`,
      missingNow: (n) =>
        `${accounts(n)} zum ersten Mal nicht darin; gemeldet wird es, wenn ${n === 1 ? 'es' : 'sie'} auch in der nächsten Liste ${n === 1 ? 'fehlt' : 'fehlen'}.`,
      vanishedNow: (n) => `${accounts(n)} nicht mehr darin.`,
      returnedNow: (n) => `${accounts(n)} wieder darin.`,
      skipped: 'Übergangen:',
      lists: 'Gezeigte Adressen',
      list: {
        vanished: (n) => `Verschwunden (${f.count(n)})`,
        adopted: (n) => `Übernommen (${f.count(n)})`,
        missing: (n) => `Einmal vermisst (${f.count(n)})`,
      },
      none: {
        vanished: 'Kein Konto ist vom bisherigen Server verschwunden. Geschieht es einmal, steht es hier.',
        adopted: 'Was auf dem bisherigen Server neu entsteht, erscheint von jetzt an hier.',
        missing: 'In der Liste fehlt kein Konto.',
      },
      address: 'Adresse',
      since: { vanished: 'Fehlt seit', adopted: 'Übernommen', missing: 'Fehlt seit' },
    },
  };
};
