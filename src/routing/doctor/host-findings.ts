/** What may be found about the edge, its files, Dovecot and the machine. Part of finding-table.ts. */
import { found } from './finding-row.ts';

export const hostFindings = {
  'replica-missing': found('trouble', {
    what: {
      de: 'Die Replik {file} gibt es nicht: Der Edge ist hier noch nie gelaufen.',
      en: 'There is no replica {file}: the edge has never run here.',
    },
    fix: { de: 'Starten Sie den Edge.', en: 'Start the edge.' },
  }),
  'replica-unreadable': found('trouble', {
    what: {
      de: 'Die Replik {file} ist nicht zu lesen: {said}',
      en: 'The replica {file} cannot be read: {said}',
    },
    fix: {
      de: 'Starten Sie den Edge neu: Eine beschädigte Replik macht er aus der Zentrale neu.',
      en: 'Start the edge anew: a damaged replica it makes anew from control.',
    },
  }),
  'replica-incomplete': found('trouble', {
    what: {
      de: 'Der Edge hatte noch nie alle Änderungen: Bis dahin gilt auf diesem Rechner keine Route.',
      en: 'The edge never had all changes yet: until then no route is in force on this host.',
    },
    fix: {
      de: 'Lassen Sie den Edge laufen, und sehen Sie, ob er die Zentrale erreicht.',
      en: 'Let the edge run, and see whether it reaches control.',
    },
  }),
  'replica-behind': found('warning', {
    what: {
      de: 'Der Edge hat die Änderungen bis {epoch}; die neueste ist {latest}.',
      en: 'The edge has the changes up to {epoch}; the newest is {latest}.',
    },
    fix: {
      de: 'Sehen Sie in sein Protokoll, und ob er die Zentrale erreicht.',
      en: 'Look at its log, and whether it reaches control.',
    },
  }),
  'edge-stopped': found('warning', {
    what: {
      de: 'Der Edge läuft nicht. Was er zuletzt wusste, bleibt in Kraft; neue Umzüge kommen hier nicht an.',
      en: 'The edge does not run. What it knew last stays in force; new moves do not arrive here.',
    },
    fix: { de: 'Starten Sie ihn.', en: 'Start it.' },
  }),
  'control-away': found('warning', {
    what: {
      de: 'Die Zentrale antwortet von hier nicht: {said}. Was in Kraft ist, bleibt so.',
      en: 'Control does not answer from here: {said}. What is in force stays so.',
    },
    fix: {
      de: 'Sehen Sie, ob sie läuft, ob ihr Zertifikat gilt, und ob dieser Rechner sie erreichen darf.',
      en: 'See whether it runs, whether its certificate is good, and whether this host may reach it.',
    },
  }),
  'clock-differs': found('warning', {
    what: {
      de: 'Die Uhr dieses Rechners weicht um {seconds} Sekunden von der Zentrale ab.',
      en: 'The clock of this host differs from that of control by {seconds} seconds.',
    },
    fix: {
      de: 'Lassen Sie beide einer Zeitquelle folgen (NTP).',
      en: 'Let both follow a source of time (NTP).',
    },
  }),
  'clock-wrong': found('trouble', {
    what: {
      de: 'Die Uhr dieses Rechners weicht um {seconds} Sekunden von der Zentrale ab: App-Passwörter laufen zu früh oder zu spät ab, und Zertifikate gelten womöglich nicht.',
      en: 'The clock of this host differs from that of control by {seconds} seconds: app passwords run out too early or too late, and certificates may not be good.',
    },
    fix: { de: 'Stellen Sie die Uhr (NTP).', en: 'Set the clock (NTP).' },
  }),
  'directory-writable': found('trouble', {
    what: {
      de: 'In das Verzeichnis {path} dürfen andere schreiben (Rechte {mode}): Sie könnten Post umleiten.',
      en: 'Others may write into the directory {path} (mode {mode}): they could send mail elsewhere.',
    },
    fix: { de: 'chmod go-w {path}', en: 'chmod go-w {path}' },
  }),
  'table-writable': found('trouble', {
    what: {
      de: 'In die Tabelle {path} dürfen andere schreiben (Rechte {mode}): Sie könnten Post umleiten.',
      en: 'Others may write into the table {path} (mode {mode}): they could send mail elsewhere.',
    },
    fix: { de: 'chmod 644 {path}', en: 'chmod 644 {path}' },
  }),
  'replica-exposed': found('trouble', {
    what: {
      de: 'Die Replik {path} dürfen andere lesen oder schreiben (Rechte {mode}); in ihr stehen Hashes von Passwörtern.',
      en: 'Others may read or write the replica {path} (mode {mode}); hashes of passwords are in it.',
    },
    fix: {
      de: 'chmod {wanted} {path}. Ihre Gruppe darf sie nur mit --group-reads lesen.',
      en: 'chmod {wanted} {path}. Its group may read it with --group-reads only.',
    },
  }),
  'owner-differs': found('warning', {
    what: {
      de: '{path} gehört dem Benutzer {uid}, das Verzeichnis des Edges {expected}: Der Edge kann sie womöglich nicht schreiben.',
      en: '{path} belongs to the user {uid}, the directory of the edge to {expected}: the edge may not be able to write it.',
    },
    fix: {
      de: 'Lassen Sie den Edge immer unter demselben Benutzer laufen: chown {expected} {path}',
      en: 'Run the edge as the same user always: chown {expected} {path}',
    },
  }),
  'disk-low': found('warning', {
    what: {
      de: 'Auf der Platte von {path} sind nur noch {free} frei.',
      en: 'Only {free} are left on the disk of {path}.',
    },
    fix: { de: 'Schaffen Sie Platz.', en: 'Make room.' },
  }),
  'disk-full': found('trouble', {
    what: {
      de: 'Auf der Platte von {path} sind nur noch {free} frei; eine neue Tabelle braucht {needed}. Änderungen kommen so nicht in Kraft.',
      en: 'Only {free} are left on the disk of {path}; a new table takes {needed}. Like this changes do not come into force.',
    },
    fix: {
      de: 'Schaffen Sie Platz. Der Edge versucht es von selbst wieder.',
      en: 'Make room. The edge tries again by itself.',
    },
  }),
  'dovecot-not-applied': found('trouble', {
    what: {
      de: 'Dovecot weiß nichts von den App-Passwörtern: {passwords} sind ausgegeben, und der Abgleich wird damit abgewiesen.',
      en: 'Dovecot is not told of the app passwords: {passwords} are given out, and the sync is refused with them.',
    },
    fix: {
      de: 'Wenden Sie die Konfiguration an, und laden Sie Dovecot neu (doveadm reload).',
      en: 'Apply the configuration, and reload Dovecot (doveadm reload).',
    },
  }),
  'dovecot-drifted': found('trouble', {
    what: {
      de: 'Dateien, die Mailferry für Dovecot geschrieben hat, sind anders oder fehlen: {changed}.',
      en: 'Files that Mailferry wrote for Dovecot are different or gone: {changed}.',
    },
    fix: {
      de: 'Wenden Sie die Konfiguration neu an, und laden Sie Dovecot neu (doveadm reload).',
      en: 'Apply the configuration again, and reload Dovecot (doveadm reload).',
    },
  }),
  'dovecot-not-first': found('trouble', {
    what: {
      de: 'Dovecot fragt die App-Passwörter nicht als Erstes: Der Abgleich könnte abgewiesen oder später an die andere Seite weitergereicht werden.',
      en: 'Dovecot does not ask the app passwords first: the sync could be refused, or later be handed on to the other side.',
    },
    fix: {
      de: 'Lassen Sie dovecot.conf das Verzeichnis conf.d einlesen, vor allen anderen passdb-Abschnitten; sehen Sie nach mit doveconf -n.',
      en: 'Let dovecot.conf include conf.d before every other passdb; look by doveconf -n.',
    },
  }),
  'dovecot-users-unknown': found('trouble', {
    what: {
      de: '{users} Konten hat Mailferry hier angelegt, und Dovecot wurde davon nichts gesagt: Es kennt sie nicht.',
      en: 'Mailferry makes {users} accounts here, and Dovecot is not told of them: it does not know them.',
    },
    fix: {
      de: 'Wenden Sie die Konfiguration mit --side new an, und laden Sie Dovecot neu (doveadm reload).',
      en: 'Apply the configuration with --side new, and reload Dovecot (doveadm reload).',
    },
  }),
  'dovecot-auth-cache': found('warning', {
    what: {
      de: 'Dovecot merkt sich Anmeldungen (auth_cache_size = {size}): Ein widerrufenes App-Passwort bleibt gültig, solange es im Gedächtnis ist.',
      en: 'Dovecot remembers logins (auth_cache_size = {size}): an app password that was revoked stays good while it is remembered.',
    },
    fix: {
      de: 'Setzen Sie auth_cache_size = 0, oder leeren Sie nach einem Widerruf mit doveadm auth cache flush.',
      en: 'Set auth_cache_size = 0, or flush by doveadm auth cache flush after revoking.',
    },
  }),
  'sessions-uncuttable': found('warning', {
    what: {
      de: 'Offene Verbindungen lassen sich von hier nicht trennen: {said}',
      en: 'Open connections cannot be cut from here: {said}',
    },
    fix: {
      de: 'Sehen Sie, ob Dovecot läuft. Der Edge muss doveadm ausführen dürfen, also als root laufen, oder --doveadm (`edge.doveadm`) nennt, wie sudo es ihm erlaubt.',
      en: 'See whether Dovecot runs. The edge has to be let use doveadm: run it as root, or name in --doveadm (`edge.doveadm`) how sudo lets it.',
    },
  }),
} as const;
