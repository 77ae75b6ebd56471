/** Die Wörter der Seiten, in höflichem Deutsch. Die Form gibt en.ts vor. */
import type { Format } from '../format/format.ts';
import type { Words } from './en.ts';

export const de = (f: Format): Words => {
  const messages = (n: number): string => f.one(n, 'Nachricht', 'Nachrichten');
  return {
    app: 'Mailferry',
    skip: 'Zum Inhalt',
    loading: 'Wird geladen',
    language: 'Sprache',
    theme: { label: 'Darstellung', auto: 'Wie das Gerät', light: 'Hell', dark: 'Dunkel' },
    nav: {
      label: 'Hauptmenü',
      mailbox: 'Mein Postfach',
      help: 'Hilfe',
      sessions: 'Wo Sie angemeldet sind',
      signOut: 'Abmelden',
      notOut: 'Sie sind hier noch angemeldet.',
      team: 'Team',
      operator: 'Hafen',
    },
    signIn: {
      title: 'Anmelden',
      lead: 'Mit Ihrer E-Mail-Adresse und dem Passwort Ihres Postfachs. Durch das Anmelden ändert sich nichts.',
      login: 'E-Mail-Adresse',
      password: 'Passwort',
      code: 'Code aus Ihrem Authenticator',
      codeHint: 'Sechs Ziffern. Sie wechseln jede halbe Minute.',
      show: 'Passwort zeigen',
      submit: 'Anmelden',
      busy: 'Wird geprüft',
      notKept: 'Ihr Passwort wird an Ihrem Mailserver geprüft und nicht aufbewahrt.',
    },
    errors: {
      'login-refused': 'Die Adresse oder das Passwort stimmt nicht. Bitte sehen Sie beides noch einmal an.',
      'code-required': 'Bitte geben Sie auch den Code aus Ihrem Authenticator ein.',
      'too-many-attempts': (seconds) =>
        seconds === null
          ? 'Es gab gerade viele Versuche. Bitte warten Sie einen Moment.'
          : `Es gab gerade viele Versuche. Bitte versuchen Sie es in ${f.duration(seconds)} noch einmal.`,
      'old-unreachable':
        'Ihr Mailserver antwortet gerade nicht, deshalb können wir Ihr Passwort nicht prüfen. Ihre Nachrichten sind sicher. Bitte versuchen Sie es in einigen Minuten noch einmal.',
      'session-missing': 'Sie wurden abgemeldet. Bitte melden Sie sich noch einmal an.',
      'not-permitted': 'Das dürfen Sie nicht sehen oder ändern.',
      'not-found': 'Das gibt es nicht oder nicht mehr.',
      offline:
        'Gerade keine Verbindung zu Mailferry. Ihre Nachrichten sind sicher; der Umzug geht auch ohne diese Seite weiter.',
      unexpected:
        'Das hat gerade nicht geklappt. Ihre Nachrichten sind sicher. Bitte versuchen Sie es gleich noch einmal.',
    },
    retry: 'Noch einmal versuchen',
    reference: (code) => `Wenn Sie um Hilfe bitten, nennen Sie dies: ${code}`,
    notFound: {
      title: 'Hier ist nichts',
      text: 'Diese Seite gibt es nicht. Vielleicht wurde die Adresse gekürzt.',
      back: 'Zum Anfang',
    },
    mailbox: {
      title: 'Mein Postfach',
      oldShore: 'Bisheriger Server',
      newShore: 'Neuer Server',
      lives: 'Hier ist Ihr Postfach',
      picture: (done, total) => `${done} von ${total} Nachrichten sind auf dem neuen Server.`,
      across: (share) => `${share} sind drüben`,
      pictureEmpty: 'Die Nachrichten sind noch nicht gezählt.',
      restOfFleet: (n) => f.one(n, 'weiterer Ordner', 'weitere Ordner'),
      head: {
        before: 'Ihr Postfach liegt noch auf dem bisherigen Server.',
        planned: (moment) => `Es beginnt ${moment}.`,
        copying: 'Ihre Nachrichten werden kopiert.',
        stuck: 'Gerade geht es nicht von selbst weiter.',
        inStep: 'Beide Server sind auf gleichem Stand.',
        switching: 'Ihr Postfach zieht in diesem Moment um.',
        switched: 'Ihr Postfach ist umgezogen.',
        rollingBack: 'Ihr Postfach ist auf dem Weg zurück.',
        done: 'Alles ist fertig.',
        paused: 'Angehalten. Alles bleibt erhalten.',
      },
      text: {
        size: (n, bytes) => (bytes === null ? `${messages(n)}.` : `${messages(n)}, ${bytes}.`),
        nothing: 'Es sind noch keine Nachrichten darin.',
        uncounted: 'Wir zählen Ihre Nachrichten noch.',
        takes: (duration) => `Das Kopieren dauert etwa ${duration}; Sie können dabei weiterarbeiten.`,
        takesUnknown:
          'Wie lange das Kopieren dauert, ist nach den ersten Minuten bekannt; Sie können dabei weiterarbeiten.',
        copying: (done, total) => `${f.count(done)} von ${messages(total)} sind drüben.`,
        left: (duration) => `Noch etwa ${duration}.`,
        close: 'Sie können dieses Fenster schließen.',
        inStep: 'Neue Nachrichten kommen in weniger als einer Sekunde mit.',
        inStepSoon: 'Neue Nachrichten kommen von selbst mit.',
        inStepAsked: (every) =>
          `Der bisherige Server meldet neue Nachrichten nicht. Wir fragen ihn im Abstand von ${every}; dann kommen sie mit.`,
        inStepInbox: (every) =>
          `Neue Nachrichten im Posteingang kommen sofort mit. In die anderen Ordner sehen wir im Abstand von ${every}.`,
        inStepLag: (lag) => `Neue Nachrichten kamen zuletzt nach ${lag} mit.`,
        switching: 'Ihre Mailprogramme warten einige Sekunden und machen dann von selbst weiter.',
        switched: (n) => `Alle ${messages(n)} sind auf dem neuen Server. Sie müssen nichts tun.`,
        rollingBack: 'Was auf dem neuen Server angekommen ist, kommt mit. Nichts geht verloren.',
        done: 'Ihr Postfach ist auf Dauer auf dem neuen Server. Der bisherige behält nur, was er hatte.',
        paused: 'Gerade wird nichts kopiert. Was drüben ist, bleibt drüben; es kann jederzeit weitergehen.',
        pausedByOther:
          'Jemand, der sich um Ihr Postfach kümmert, hat dies angehalten. Was drüben ist, bleibt drüben.',
        planned: 'Sie müssen nichts tun. Bis dahin bleibt alles, wie es ist.',
      },
      others: {
        head: {
          before: 'Dieses Postfach liegt noch auf dem bisherigen Server.',
          copying: 'Seine Nachrichten werden kopiert.',
          switching: 'Dieses Postfach zieht in diesem Moment um.',
          switched: 'Dieses Postfach ist umgezogen.',
          rollingBack: 'Dieses Postfach ist auf dem Weg zurück.',
        },
        text: {
          uncounted: 'Seine Nachrichten werden noch gezählt.',
          takes: (duration) => `Das Kopieren dauert etwa ${duration}; die Post geht dabei wie immer.`,
          takesUnknown:
            'Wie lange das Kopieren dauert, ist nach den ersten Minuten bekannt; die Post geht dabei wie immer.',
          switching: 'Mailprogramme warten einige Sekunden und machen dann von selbst weiter.',
          switched: (n) => `Alle ${messages(n)} sind auf dem neuen Server. Niemand muss etwas tun.`,
          done: 'Es ist auf Dauer auf dem neuen Server. Der bisherige behält nur, was er hatte.',
          paused: 'Wem das Postfach gehört, hat dies angehalten. Was drüben ist, bleibt drüben.',
          pausedByOther:
            'Gerade wird nichts kopiert. Was drüben ist, bleibt drüben; es kann jederzeit weitergehen.',
          planned: 'Bis dahin bleibt alles, wie es ist.',
        },
      },
      choose: {
        title: 'Wie möchten Sie vorgehen?',
        move: 'Jetzt umziehen',
        moveText:
          'Wir kopieren alles. Ist alles drüben, zieht Ihr Postfach auf den neuen Server um; Ihre Geräte merken davon nichts.',
        moveLater:
          'Den letzten Schritt, das Umschalten, gibt es hier noch nicht. Bis dahin werden Ihre Nachrichten kopiert und auf gleichem Stand gehalten; sonst ändert sich nichts.',
        copy: 'Erst kopieren und parallel nutzen',
        copyText:
          'Wir kopieren alles und halten beide Server auf gleichem Stand. Sie sehen sich auf dem neuen um und entscheiden später.',
        when: 'Wann?',
        now: 'Jetzt',
        tonight: (time) => `Heute um ${time}`,
        pick: 'Zu einer anderen Zeit',
        pickLabel: 'Tag und Uhrzeit',
        pickPast: 'Bitte wählen Sie eine Zeit, die noch kommt.',
        keepPassword: 'Mein Passwort auf dem neuen Server behalten',
        password: 'Ihr Passwort, noch einmal',
        passwordMissing: 'Bitte geben Sie das Passwort Ihres Postfachs ein.',
        keepPasswordText:
          'Dann gilt es auch, wenn Sie sich direkt am neuen Server anmelden; dort liegt nur eine geschützte Form davon. Sonst gibt Ihnen Ihr Anbieter dafür ein eigenes. In Ihren Geräten bleibt Ihr Passwort so oder so, wie es ist.',
        startMove: 'Umzug beginnen',
        startCopy: 'Kopieren beginnen',
        planMove: 'Umzug planen',
        planCopy: 'Kopie planen',
        safe: 'Auf dem bisherigen Server wird nichts gelöscht. Sie können anhalten und zurückgehen.',
      },
      givePassword: {
        title: 'Ihr Passwort auf dem neuen Server',
        text: 'Ihr Passwort kennt dort noch niemand, denn es lässt sich vom bisherigen Server nicht mitnehmen. Wenn Sie möchten, geben Sie es hier noch einmal ein: Wir prüfen es auf dem bisherigen Server, bewahren auf dem neuen nur eine geschützte Form davon auf und vergessen es. Dann gilt es auch dort.',
        give: 'Soll auch dort gelten',
        optional: 'Ihre Geräte arbeiten so oder so weiter wie bisher.',
        done: 'Danke. In einem Augenblick gilt Ihr Passwort auch auf dem neuen Server.',
      },
      undoPlan: 'Doch nicht beginnen',
      pause: 'Anhalten',
      resume: 'Weitermachen',
      goBack: 'Zurück zum bisherigen Server',
      numbers: {
        title: 'In Zahlen',
        messages: 'Nachrichten',
        data: 'Daten',
        rate: 'Tempo',
        rateValue: (n, bytes) => `${n} Nachrichten, ${bytes} je Sekunde`,
        left: 'Restzeit',
        of: (done, total) => `${done} von ${total}`,
        started: 'Begonnen',
        since: 'Auf gleichem Stand seit',
      },
      both: {
        title: 'Solange beide in Gebrauch sind',
        sent: 'Was Sie über den neuen Server senden, liegt nur dort, in dessen Ordner „Gesendet“.',
        program:
          'Wenn Ihr Mailprogramm den neuen Server nutzt: Entfernen Sie das alte Konto aus dem Programm, aber löschen Sie es nie auf dem Server.',
        follow: 'Neue Nachrichten kommen wie immer auf dem bisherigen Server an und folgen auf den neuen.',
        yours:
          'Was Sie auf dem neuen Server verschieben, lesen oder löschen, bleibt so. Es wird nie rückgängig gemacht.',
      },
      stays: {
        title: 'Was bleibt, was sich ändert',
        staysLabel: 'Bleibt',
        changesLabel: 'Ändert sich',
        address: 'Ihre Adresse, Ihr Passwort und die Einstellungen in Ihren Geräten bleiben, wie sie sind.',
        folders: 'Ihre Ordner, deren Namen und was gelesen oder markiert ist, bleiben, wie sie sind.',
        old: 'Auf dem bisherigen Server wird nichts gelöscht.',
        sent: 'Was Sie über den neuen Server senden, liegt dort in „Gesendet“ und nicht auf dem bisherigen.',
      },
      signsIn: {
        'app-password':
          'Zum Kopieren melden wir uns am bisherigen Server mit einem eigenen Passwort an, das für nichts anderes gilt; Ihres brauchen wir nicht.',
        'own-password':
          'Zum Kopieren melden wir uns am bisherigen Server mit Ihrem Passwort an; es liegt verschlüsselt bei uns und wird am Ende gelöscht.',
        'access-token':
          'Zum Kopieren melden wir uns am bisherigen Server mit einem Zugang an, den Ihr Anbieter jedes Mal neu ausstellt; Ihr Passwort brauchen wir nicht.',
        'master-user':
          'Zum Kopieren melden wir uns am bisherigen Server mit einem Zugang Ihres Anbieters an; Ihr Passwort brauchen wir nicht.',
        nothing: 'Am bisherigen Server melden wir uns für Ihr Postfach nicht mehr an.',
      },
      folders: {
        title: 'Ordner',
        name: 'Ordner',
        messages: 'Nachrichten',
        size: 'Größe',
        state: 'Stand',
        across: 'Drüben',
        underWay: 'Unterwegs',
        waiting: 'Wartet',
        refused: (n) => `${messages(n)} nicht übernommen`,
        all: (n) => `Alle ${f.count(n)} zeigen`,
        more: (n) => `und ${f.one(n, 'weiterer Ordner', 'weitere Ordner')}`,
        empty: 'Ihre Ordner erscheinen hier, sobald sie gezählt sind.',
        none: 'leer',
        roles: {
          inbox: 'Posteingang',
          sent: 'Gesendet',
          drafts: 'Entwürfe',
          trash: 'Papierkorb',
          junk: 'Spam',
          archive: 'Archiv',
        },
      },
      carried: {
        title: 'Zuletzt übertragen',
        hide: 'Betreffzeilen verbergen',
        show: 'Betreffzeilen zeigen',
        hidden: 'Die Betreffzeilen sind verborgen.',
        none: 'Die letzten drei übertragenen Nachrichten erscheinen hier.',
        noSubject: 'ohne Betreff',
        in: (folder) => `in ${folder}`,
      },
      refused: {
        title: 'Nachrichten, die nicht übernommen werden konnten',
        notice: (n) =>
          n === 1
            ? '1 Nachricht konnte nicht übernommen werden. Sie liegt weiterhin auf dem bisherigen Server; hier sehen Sie, welche und warum.'
            : `${messages(n)} konnten nicht übernommen werden. Sie liegen weiterhin auf dem bisherigen Server; hier sehen Sie, welche und warum.`,
        link: 'Zeigen',
        lead: 'Sie liegen unverändert auf dem bisherigen Server. Hier sehen Sie, welche es sind, warum, und was Sie tun können.',
        none: 'Jede Nachricht konnte übernommen werden. Wenn eine einmal nicht mitkann, erscheint sie hier mit dem Grund.',
        nameless: (n) => `Nachricht ${n}`,
        why: 'Grund',
        said: 'In den Worten des Servers',
        todo: 'Was Sie tun können',
        folder: 'Ordner',
        date: 'Datum',
        from: 'Von',
        size: 'Größe',
        range: (from, to, all) =>
          all === null
            ? `${f.count(from)} bis ${f.count(to)}`
            : `${f.count(from)} bis ${f.count(to)} von ${f.count(all)}`,
        pages: 'Seiten',
        next: 'Weitere',
        begin: 'Zu den ersten',
        get: 'Nachricht herunterladen',
        getting: 'Wird geholt',
        getErrors: {
          'message-unreadable':
            'Der bisherige Server gibt diese Nachricht nicht heraus. Bitte öffnen Sie sie dort in Ihrem Mailprogramm.',
          'download-too-large':
            'Die Nachricht ist zu groß für diese Seite. Bitte öffnen Sie sie auf dem bisherigen Server in Ihrem Mailprogramm.',
          'old-unreachable':
            'Der bisherige Server antwortet gerade nicht. Ihre Nachrichten sind sicher. Bitte versuchen Sie es in einigen Minuten noch einmal.',
          'refused-unknown':
            'Diese Nachricht ist nicht mehr dabei. Vielleicht liegt sie inzwischen auf dem neuen Server.',
        },
        again: 'Alle noch einmal versuchen',
        againDone: 'Wir versuchen es noch einmal. Das kann eine Minute dauern.',
      },
      programs: {
        title: 'Einstellungen für Mailprogramme',
        link: 'Einstellungen zeigen',
        card: 'Ihre Geräte arbeiten weiter wie bisher. Wenn Sie möchten, können Ihre Mailprogramme direkt mit dem neuen Server sprechen.',
        lead: 'Sie müssen nichts ändern: Ihre Geräte arbeiten weiter wie bisher. Wer möchte, kann den neuen Server in einem Mailprogramm eintragen.',
        none: 'Die Einstellungen des neuen Servers erscheinen hier, sobald Ihr Postfach mit ihm auf gleichem Stand ist. Ist es das schon, fragen Sie bitte Ihren Anbieter danach.',
        bothTitle: 'Beide Server sind in Gebrauch',
        both: [
          'Was Sie mit diesen Einstellungen senden, liegt nur auf dem neuen Server, in dessen Ordner „Gesendet“.',
          'Entfernen Sie danach das alte Konto aus dem Programm, aber nie auf dem Server: Dort kommen weiterhin Nachrichten für Sie an.',
        ],
        imap: 'Eingehende Nachrichten (IMAP)',
        submission: 'Ausgehende Nachrichten (SMTP)',
        pop3: 'Eingehende Nachrichten über POP3',
        pop3Text:
          'Für Programme, die kein IMAP können. Sie holen unter Umständen alle Nachrichten noch einmal.',
        host: 'Server',
        port: 'Port',
        security: 'Sicherheit',
        securityNames: { implicit: 'SSL/TLS', starttls: 'STARTTLS' },
        user: 'Benutzername',
        password: 'Passwort',
        passwordText: 'das Passwort Ihres Postfachs, oder das, das Sie für den neuen Server bekommen haben',
        copy: 'Kopieren',
        copied: 'Kopiert',
        copyFailed: 'Bitte von Hand kopieren',
        apple: 'iPhone, iPad und Mac',
        appleText:
          'Das Profil trägt alles von oben ein. Es enthält kein Passwort; Ihr Gerät fragt danach. Es ist nicht signiert, und Ihr Gerät weist darauf hin.',
        appleGet: 'Profil herunterladen',
        other: 'Auf einem anderen Gerät',
        otherText: 'Der Code öffnet dort diese Seite. Er enthält diese Adresse und sonst nichts.',
        qr: (address) => `QR-Code der Adresse ${address}`,
      },
      attention: {
        title: 'Bitte sehen Sie nach',
        goesOn: 'Wir machen von selbst weiter; Ihre Nachrichten sind sicher.',
        safe: 'Ihre Nachrichten sind sicher.',
        since: (moment) => `Seit: ${moment}.`,
      },
      stale: (duration) => `Stand von vor ${duration}. Die Verbindung wird wieder aufgebaut.`,
      announce: (share) => `${share} sind drüben.`,
    },
    help: {
      title: 'Hilfe',
      lead: 'Fünf Fragen, die wirklich gestellt werden.',
      items: [
        {
          q: 'Kann eine Nachricht verloren gehen?',
          a: 'Nein. Nachrichten werden kopiert, nicht weggenommen. Jede bleibt bis lange nach dem Umzug auf dem bisherigen Server, und jede Kopie wird geprüft. Nimmt der neue Server eine nicht an, wird sie Ihnen mit dem Grund gezeigt.',
        },
        {
          q: 'Muss ich mein Telefon neu einrichten?',
          a: 'Nein. Ihre Geräte sprechen weiter mit dem Servernamen, den sie kennen, mit derselben Adresse und demselben Passwort. Wer möchte, kann später den neuen Servernamen verwenden.',
        },
        {
          q: 'Darf ich währenddessen weiterarbeiten?',
          a: 'Ja. Lesen, schreiben und sortieren Sie wie immer. Was sich auf dem bisherigen Server ändert, folgt auf dem neuen von selbst; wie schnell, steht auf Ihrer Seite.',
        },
        {
          q: 'Ich nutze beide Server. Was sollte ich wissen?',
          a: 'Nachrichten, die Sie über den neuen Server senden, liegen nur dort. Wenn Ihr Mailprogramm den neuen Server nutzt, entfernen Sie das alte Konto aus dem Programm, aber löschen Sie es nie auf dem Server: Andere schreiben Ihnen vielleicht noch dorthin.',
        },
        {
          q: 'Und wenn ich zurück möchte?',
          a: 'Sie können jederzeit anhalten, und auf dem bisherigen Server wurde nichts geändert. Nach dem Umschalten können Sie eine Zeit lang zurückgehen; was inzwischen angekommen ist, kommt mit.',
        },
      ],
      more: 'Etwas anderes? Ihr Anbieter sieht dasselbe Bild wie Sie und kann helfen.',
    },
    sessions: {
      title: 'Wo Sie angemeldet sind',
      lead: 'Jeder Browser, der mit Ihrer Adresse angemeldet ist.',
      current: 'Dieser Browser',
      seen: (moment) => `Zuletzt gesehen: ${moment}`,
      since: (moment) => `seit ${moment}`,
      end: 'Dort abmelden',
      ended: 'Dort abgemeldet.',
      none: 'Nur dieser Browser ist angemeldet.',
    },
  };
};
