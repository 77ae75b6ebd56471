/** Die Wörter der App-Passwörter eines Kontos. Die Form gibt app-passwords-en.ts vor. */
import type { Format } from '../format/format.ts';
import type { AppPasswordWords } from './app-passwords-en.ts';

export const appPasswordsDe = (f: Format): AppPasswordWords => ({
  title: 'App-Passwörter',
  lead: 'Damit meldet sich der Abgleich für dieses Konto an. Jedes gilt auf einem Server, von den Adressen der Worker aus, und für nichts anderes.',
  off: 'Hier gibt es keine: In der Konfiguration nennen old.app_passwords und new.app_passwords keine Adressen von Workern.',
  none: 'Keines ist in Kraft. Der Abgleich legt eines an, wenn er es braucht.',
  made: 'Angelegt',
  until: 'Gilt bis',
  used: 'Zuletzt benutzt',
  notUsed: 'noch nicht',
  from: 'Nur von',
  id: 'Kennung',
  make: 'Eines anlegen',
  makeAsk: 'Der Abgleich erhält dort ein eigenes Passwort für dieses Konto. Das Protokoll nennt Sie.',
  renew: 'Erneuern',
  renewAsk:
    'Ein weiteres wird angelegt. Das bisherige läuft in einer Minute ab, und was damit offen ist, wird getrennt; der Abgleich macht von selbst weiter.',
  revoke: 'Widerrufen',
  revokeAsk:
    'Es wird nach Sekunden abgelehnt, und was damit offen ist, wird binnen einer Minute getrennt. Braucht der Abgleich noch eines, legt er selbst ein weiteres an.',
  earlier: (n) => `Frühere: ${f.count(n)}`,
  revoked: (moment) => `widerrufen ${moment}`,
  ranOut: (moment) => `abgelaufen ${moment}`,
});
