/** What may be found about Postfix on a mail host, and about the way to its peer. Part of finding-table.ts. */
import { found } from './finding-row.ts';

export const postfixFindings = {
  'postfix-not-applied': found('warning', {
    what: {
      de: 'Postfix weiß noch nichts von Mailferry. Es ist noch niemand umgezogen, also geht jetzt nichts fehl.',
      en: 'Postfix is not told of Mailferry yet. Nobody has moved yet, so nothing goes wrong now.',
    },
    fix: {
      de: 'Sehen Sie die Konfiguration an, und wenden Sie sie an, bevor das erste Konto umzieht.',
      en: 'Look at the configuration, and apply it before the first account moves.',
    },
  }),
  'postfix-not-applied-moved': found('trouble', {
    what: {
      de: 'Postfix weiß nichts von Mailferry. {relayed} Konten liegen auf der anderen Seite: Ihre Post geht hier in das falsche Postfach.',
      en: 'Postfix is not told of Mailferry. {relayed} accounts live on the other side: their mail goes into the wrong mailbox here.',
    },
    fix: {
      de: 'Wenden Sie die Konfiguration an, und laden Sie Postfix neu.',
      en: 'Apply the configuration, and reload Postfix.',
    },
  }),
  'postfix-drifted': found('trouble', {
    what: {
      de: 'Postfix ist nicht mehr so eingestellt, wie Mailferry es eingerichtet hat: {changed}.',
      en: 'Postfix is no longer set as Mailferry has set it: {changed}.',
    },
    fix: {
      de: 'Sehen Sie mit --apply --dry-run, was anders ist. Wenden Sie die Konfiguration neu an, und laden Sie Postfix neu.',
      en: 'See with --apply --dry-run what is different. Apply the configuration again, and reload Postfix.',
    },
  }),
  'postfix-refused': found('trouble', {
    what: {
      de: 'Die Konfiguration ließe sich so nicht mehr anwenden, denn an Postfix wurde etwas geändert: {said}',
      en: 'The configuration could not be applied like this any more, since something was changed in Postfix: {said}',
    },
    fix: {
      de: 'Nehmen Sie die Änderung zurück, oder wenden Sie die Konfiguration mit anderen Angaben an.',
      en: 'Take the change back, or apply the configuration with other options.',
    },
  }),
  'postfix-other-side': found('trouble', {
    what: {
      de: 'Postfix ist für die Seite {told} eingestellt; der Edge hier gehört zu {side}.',
      en: 'Postfix is told to be the {told} side; the edge here is of {side}.',
    },
    fix: {
      de: 'Nehmen Sie die Konfiguration zurück (--undo), und wenden Sie die der richtigen Seite an.',
      en: 'Take the configuration back (--undo), and apply that of the right side.',
    },
  }),
  'postfix-other-peer': found('trouble', {
    what: {
      de: 'Postfix wurde für den Server {told} eingestellt; der Edge schickt Post an {peer}.',
      en: 'Postfix was told of the host {told}; the edge sends mail to {peer}.',
    },
    fix: {
      de: 'Geben Sie beiden dieselbe Gegenseite: dem Edge mit --peer oder in der Konfiguration, Postfix durch erneutes Anwenden.',
      en: 'Give both the same peer: the edge by --peer or in the configuration, Postfix by applying again.',
    },
  }),
  'postfix-other-table': found('trouble', {
    what: {
      de: 'Postfix fragt {asked}; der Edge hält {kept}. Was sich ändert, erfährt Postfix so nicht.',
      en: 'Postfix asks {asked}; the edge keeps {kept}. Like this Postfix learns of no change.',
    },
    fix: {
      de: 'Wenden Sie die Konfiguration mit --directory (oder --socketmap) dieses Edges an.',
      en: 'Apply the configuration with the --directory (or --socketmap) of this edge.',
    },
  }),
  'postfix-stopped': found('trouble', {
    what: {
      de: 'Postfix läuft auf diesem Rechner nicht.',
      en: 'Postfix does not run on this host.',
    },
    fix: {
      de: 'Starten Sie Postfix, und sehen Sie in sein Protokoll.',
      en: 'Start Postfix, and look at its log.',
    },
  }),
  'postfix-bare-newlines': found('note', {
    what: {
      de: 'Postfix nimmt Zeilenenden an, die keine sind (smtpd_forbid_bare_newline). Damit lassen sich Mails in andere einschmuggeln.',
      en: 'Postfix takes line ends that are none (smtpd_forbid_bare_newline). By those mail can be smuggled into other mail.',
    },
    fix: {
      de: 'Setzen Sie smtpd_forbid_bare_newline = normalize auf beiden Seiten, wo Ihr Postfix es kennt.',
      en: 'Set smtpd_forbid_bare_newline = normalize on both sides, where your Postfix knows it.',
    },
  }),
  'lmdb-missing': found('trouble', {
    what: {
      de: 'Dieses Postfix kann keine LMDB-Tabellen lesen. Fragt es eine, so wartet alle Post.',
      en: 'This Postfix cannot read LMDB tables. Where it asks one, all mail waits.',
    },
    fix: {
      de: 'Installieren Sie das Paket postfix-lmdb (Debian), oder fragen Sie den Edge mit --socketmap.',
      en: 'Install the package postfix-lmdb (Debian), or ask the edge by --socketmap.',
    },
  }),
  'table-missing': found('trouble', {
    what: {
      de: 'Die Tabelle {file} gibt es nicht. Was Postfix neu startet, stellt alle Post zurück.',
      en: 'There is no table {file}. Processes that Postfix starts now put all mail off.',
    },
    fix: {
      de: 'Läuft der Edge, so macht er sie in Sekunden neu; sonst starten Sie ihn. Danach: postfix reload.',
      en: 'An edge that runs makes it anew within seconds; else start it. After that: postfix reload.',
    },
  }),
  'table-unreadable': found('trouble', {
    what: {
      de: 'Postfix kann {table} nicht lesen: {said}',
      en: 'Postfix cannot read {table}: {said}',
    },
    fix: {
      de: 'Ist die Datei beschädigt, so entfernen Sie sie; der Edge macht sie neu. Danach: postfix reload. Sonst sehen Sie, ob der Edge (--socketmap) oder die Datenbank (--pgsql) läuft.',
      en: 'Where the file is damaged, remove it; the edge makes it anew. After that: postfix reload. Else see whether the edge (--socketmap) or the database (--pgsql) runs.',
    },
  }),
  'table-disagrees': found('trouble', {
    what: {
      de: '{differing} von {asked} Adressen beantwortet Postfix anders, als der Edge es weiß. {key}: bei Postfix {table}, beim Edge {replica}.',
      en: 'Postfix answers {differing} of {asked} addresses otherwise than the edge knows it. {key}: {table} by Postfix, {replica} by the edge.',
    },
    fix: {
      de: 'Starten Sie den Edge neu: Er macht die Tabelle dabei ganz neu. Niemand sonst darf sie ändern.',
      en: 'Start the edge anew: with that it makes the whole table anew. Nobody else may change it.',
    },
  }),
  'peer-unreachable': found('trouble', {
    what: {
      de: 'Von hier ist {peer} nicht zu erreichen: {said}. Post an Konten der anderen Seite wartet hier.',
      en: '{peer} cannot be reached from here: {said}. Mail for accounts of the other side waits here.',
    },
    fix: {
      de: 'Sehen Sie, ob Postfix dort läuft, und ob Firewalls dazwischen Port 25 durchlassen.',
      en: 'See whether Postfix runs there, and whether firewalls in between let port 25 through.',
    },
  }),
  'peer-refuses': found('trouble', {
    what: {
      de: '{peer} nimmt diesen Rechner nicht an: {said}',
      en: '{peer} does not let this host in: {said}',
    },
    fix: {
      de: 'Wenden Sie dort die Konfiguration mit --peer-address dieses Rechners an.',
      en: 'Apply the configuration there with the --peer-address of this host.',
    },
  }),
  'peer-refuses-recipient': found('warning', {
    what: {
      de: '{peer} nimmt Post an {address} von hier nicht an: {said}',
      en: '{peer} does not take mail for {address} from here: {said}',
    },
    fix: {
      de: 'Sehen Sie, ob es das Postfach dort gibt, und ob dort --peer-address diesen Rechner nennt.',
      en: 'See whether the mailbox is there, and whether --peer-address there names this host.',
    },
  }),
  'peer-size': found('warning', {
    what: {
      de: 'Dieser Rechner nimmt Mails bis {here} Byte an, {peer} nur bis {there}: Größere Post an Konten dort käme zurück.',
      en: 'This host takes mail up to {here} octets, {peer} only up to {there}: larger mail for accounts there would come back.',
    },
    fix: {
      de: 'Setzen Sie message_size_limit auf der Gegenseite mindestens so hoch wie hier.',
      en: 'Set message_size_limit on the peer at least as high as here.',
    },
  }),
  'peer-8bitmime': found('warning', {
    what: {
      de: '{peer} kündigt 8BITMIME nicht an: Postfix schreibt Mails unterwegs um, und DKIM-Unterschriften gelten nicht mehr.',
      en: '{peer} does not announce 8BITMIME: Postfix rewrites mail on the way, and DKIM signatures no longer hold.',
    },
    fix: {
      de: 'Nehmen Sie 8BITMIME auf der Gegenseite aus smtpd_discard_ehlo_keywords, und sehen Sie, was davor steht.',
      en: 'Take 8BITMIME out of smtpd_discard_ehlo_keywords on the peer, and see what stands in front of it.',
    },
  }),
  'peer-smtputf8': found('warning', {
    what: {
      de: 'Dieser Rechner nimmt SMTPUTF8 an, {peer} nicht: Post mit Umlauten in Adressen käme zurück.',
      en: 'This host takes SMTPUTF8, {peer} does not: mail with letters beyond ASCII in addresses would come back.',
    },
    fix: {
      de: 'Stellen Sie smtputf8_enable auf beiden Seiten gleich ein.',
      en: 'Set smtputf8_enable alike on both sides.',
    },
  }),
  'peer-starttls': found('trouble', {
    what: {
      de: '{peer} bietet kein STARTTLS an, und Postfix hier ist auf --tls {tls} eingestellt: Es übergibt keine Post.',
      en: '{peer} does not offer STARTTLS, and Postfix here is told --tls {tls}: it hands over no mail.',
    },
    fix: {
      de: 'Geben Sie der Gegenseite ein Zertifikat (smtpd_tls_security_level = may). Über eine sichere Leitung geht es auch mit --tls may.',
      en: 'Give the peer a certificate (smtpd_tls_security_level = may). Over a safe line --tls may does as well.',
    },
  }),
  'recipients-unknown': found('trouble', {
    what: {
      de: '{unknown} von {asked} Adressen, deren Konten auf der anderen Seite liegen, kennt Postfix hier nicht, etwa {example}: Ihre Post wird abgewiesen.',
      en: 'Postfix here does not know {unknown} of {asked} addresses whose accounts live on the other side, such as {example}: their mail is refused.',
    },
    fix: {
      de: 'Lassen Sie umgezogene Konten in den Tabellen der Postfächer stehen (virtual_mailbox_maps und andere).',
      en: 'Leave moved accounts in the tables of mailboxes (virtual_mailbox_maps and others).',
    },
  }),
  'recipients-foreign': found('warning', {
    what: {
      de: '{foreign} von {asked} Adressen sind von Domains, für die Postfix hier keine Post annimmt, etwa {example}.',
      en: '{foreign} of {asked} addresses are of domains that Postfix here takes no mail for, such as {example}.',
    },
    fix: {
      de: 'Tragen Sie die Domain in virtual_mailbox_domains ein, oder nehmen Sie dem Konto die Adresse.',
      en: 'Add the domain to virtual_mailbox_domains, or take the address from the account.',
    },
  }),
  'queue-waits': found('warning', {
    what: {
      de: '{waiting} Empfänger warten hier auf {peer}, der älteste seit {minutes} Minuten: {reason}',
      en: '{waiting} recipients wait here for {peer}, the oldest for {minutes} minutes: {reason}',
    },
    fix: {
      de: 'Beheben Sie den Grund; dann geht die Post von selbst weiter, sofort mit postqueue -f.',
      en: 'Mend the reason; then the mail goes on by itself, at once with postqueue -f.',
    },
  }),
  'queue-piles-up': found('trouble', {
    what: {
      de: 'Post an {peer} staut sich: {waiting} Empfänger, der älteste seit {minutes} Minuten: {reason}',
      en: 'Mail for {peer} piles up: {waiting} recipients, the oldest for {minutes} minutes: {reason}',
    },
    fix: {
      de: 'Beheben Sie den Grund, bevor maximal_queue_lifetime um ist: Danach kommt die Post zurück.',
      en: 'Mend the reason before maximal_queue_lifetime is over: after that the mail comes back.',
    },
  }),
} as const;
