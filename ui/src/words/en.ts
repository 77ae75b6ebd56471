/**
 * The words of the user's pages. This file is the form that every other language is held to by the compiler: a missing
 * or a misspelt one does not build. Tone: what happens to your mail, then what you need to do (mostly nothing).
 */
import type { Format } from '../format/format.ts';

const en = (f: Format) => {
  const messages = (n: number): string => f.one(n, 'message', 'messages');
  return {
    app: 'Mailferry',
    skip: 'To the content',
    loading: 'Loading',
    language: 'Language',
    theme: { label: 'Appearance', auto: 'As the device', light: 'Light', dark: 'Dark' },
    nav: {
      label: 'Main',
      mailbox: 'My mailbox',
      help: 'Help',
      sessions: 'Where you are signed in',
      signOut: 'Sign out',
      notOut: 'You are still signed in here.',
      team: 'Team',
      operator: 'Harbour',
    },
    signIn: {
      title: 'Sign in',
      lead: 'With your e-mail address and the password of your mailbox. Nothing changes by signing in.',
      login: 'E-mail address',
      password: 'Password',
      code: 'Code from your authenticator',
      codeHint: 'Six digits. They change every half minute.',
      show: 'Show password',
      submit: 'Sign in',
      busy: 'Checking',
      notKept: 'Your password is checked on your mail server and not kept.',
    },
    errors: {
      'login-refused': 'The address or the password is not right. Please look at both once more.',
      'code-required': 'Please enter the code from your authenticator as well.',
      'too-many-attempts': (seconds: number | null) =>
        seconds === null
          ? 'There were many attempts just now. Please wait a moment.'
          : `There were many attempts just now. Please try again in ${f.duration(seconds)}.`,
      'old-unreachable':
        'Your mail server does not answer right now, so we cannot check your password. Your mail is safe. Please try again in a few minutes.',
      'session-missing': 'You have been signed out. Please sign in again.',
      'not-permitted': 'This is not yours to see or to change.',
      'not-found': 'This does not exist, or no longer.',
      offline: 'No connection to Mailferry right now. Your mail is safe; moving goes on without this page.',
      unexpected: 'This did not work just now. Your mail is safe. Please try again in a moment.',
    },
    retry: 'Try again',
    reference: (code: string) => `If you ask for help, name this: ${code}`,
    notFound: {
      title: 'Nothing is here',
      text: 'The page does not exist. Perhaps the address was shortened.',
      back: 'To the start',
    },
    mailbox: {
      title: 'My mailbox',
      oldShore: 'Old server',
      newShore: 'New server',
      lives: 'Your mailbox is here',
      picture: (done: string, total: string) => `${done} of ${total} messages are on the new server.`,
      across: (share: string) => `${share} across`,
      pictureEmpty: 'The messages have not been counted yet.',
      restOfFleet: (n: number) => f.one(n, 'more folder', 'more folders'),
      head: {
        before: 'Your mailbox is still on the old server.',
        planned: (moment: string) => `It starts ${moment}.`,
        copying: 'Your messages are being copied.',
        stuck: 'It does not go on by itself right now.',
        inStep: 'Both servers are in step.',
        switching: 'Your mailbox is moving at this moment.',
        switched: 'Your mailbox has moved.',
        rollingBack: 'Your mailbox is on its way back.',
        done: 'All is done.',
        paused: 'Paused. All is kept.',
      },
      text: {
        size: (n: number, bytes: string | null) =>
          bytes === null ? `${messages(n)}.` : `${messages(n)}, ${bytes}.`,
        nothing: 'There are no messages in it yet.',
        uncounted: 'We are still counting your messages.',
        takes: (duration: string) => `Copying takes about ${duration}; you can keep working.`,
        takesUnknown: 'How long copying takes is known after the first minutes; you can keep working.',
        copying: (done: number, total: number) => `${f.count(done)} of ${messages(total)} are across.`,
        left: (duration: string) => `About ${duration} left.`,
        close: 'You can close this window.',
        inStep: 'New mail follows within a second.',
        inStepSoon: 'New mail follows by itself.',
        inStepAsked: (every: string) =>
          `The old server does not tell of new mail. We ask it every ${every}; new mail follows then.`,
        inStepInbox: (every: string) =>
          `New mail in the inbox follows at once. We look into the other folders every ${every}.`,
        inStepLag: (lag: string) => `New mail followed last after ${lag}.`,
        switching: 'Your mail programs wait for a few seconds and then go on by themselves.',
        switched: (n: number) => `All ${messages(n)} are on the new server. You need to do nothing.`,
        rollingBack: 'What arrived on the new server comes along. Nothing is lost.',
        done: 'Your mailbox is on the new server for good. The old one only keeps what it had.',
        paused: 'Nothing is copied now. What is across stays across; you can go on at any time.',
        pausedByOther: 'Somebody who looks after your mailbox has paused this. What is across stays across.',
        planned: 'You need to do nothing. Until then all stays as it is.',
      },
      /** The same of somebody else's mailbox, for who looks after it. */
      others: {
        head: {
          before: 'This mailbox is still on the old server.',
          copying: 'Its messages are being copied.',
          switching: 'This mailbox is moving at this moment.',
          switched: 'This mailbox has moved.',
          rollingBack: 'This mailbox is on its way back.',
        },
        text: {
          uncounted: 'Its messages are still being counted.',
          takes: (duration: string) => `Copying takes about ${duration}; mail works as always meanwhile.`,
          takesUnknown:
            'How long copying takes is known after the first minutes; mail works as always meanwhile.',
          switching: 'Mail programs wait for a few seconds and then go on by themselves.',
          switched: (n: number) => `All ${messages(n)} are on the new server. Nobody needs to do anything.`,
          done: 'It is on the new server for good. The old one only keeps what it had.',
          paused: 'Its owner has paused this. What is across stays across.',
          pausedByOther: 'Nothing is copied now. What is across stays across; it can go on at any time.',
          planned: 'Until then all stays as it is.',
        },
      },
      choose: {
        title: 'How would you like to go about it?',
        move: 'Move now',
        moveText:
          'We copy everything. When all is across, your mailbox moves to the new server, and your devices notice nothing.',
        moveLater:
          'The last step, the switch, is not yet offered here. Until it is, your mail is copied and kept in step; nothing else changes.',
        copy: 'Copy first and use both',
        copyText:
          'We copy everything and keep both servers in step. You look around on the new one and decide later.',
        when: 'When?',
        now: 'Now',
        tonight: (time: string) => `Tonight at ${time}`,
        pick: 'At another time',
        pickLabel: 'Day and time',
        pickPast: 'Please choose a time that is still to come.',
        keepPassword: 'Keep my password on the new server',
        password: 'Your password, once more',
        passwordMissing: 'Please enter the password of your mailbox.',
        keepPasswordText:
          'It then also works when you sign in to the new server directly; only a protected form of it is kept there. Otherwise your provider gives you one for that. In your devices your password stays as it is either way.',
        startMove: 'Start moving',
        startCopy: 'Start copying',
        planMove: 'Plan the move',
        planCopy: 'Plan the copy',
        safe: 'Nothing is deleted on the old server. You can pause and go back.',
      },
      givePassword: {
        title: 'Your password on the new server',
        text: 'Nobody knows your password there yet, because it cannot be taken along from the old server. If you like, enter it once more: we check it on the old server, keep only a protected form of it on the new one, and forget it. It then works there too.',
        give: 'Let it work there too',
        optional: 'Your devices go on as they are either way.',
        done: 'Thank you. In a moment your password works on the new server too.',
      },
      undoPlan: 'Do not start',
      pause: 'Pause',
      resume: 'Go on',
      goBack: 'Go back to the old server',
      numbers: {
        title: 'In numbers',
        messages: 'Messages',
        data: 'Data',
        rate: 'Speed',
        rateValue: (n: string, bytes: string) => `${n} messages, ${bytes} a second`,
        left: 'Time left',
        of: (done: string, total: string) => `${done} of ${total}`,
        started: 'Started',
        since: 'In step since',
      },
      both: {
        title: 'While both are in use',
        sent: 'What you send through the new server lies only there, in its folder "Sent".',
        program:
          'When your mail program uses the new server: remove the old account from the program, but never delete it on the server.',
        follow: 'New mail arrives on the old server as before and follows to the new one.',
        yours: 'What you move, read or delete on the new server stays that way. It is never undone.',
      },
      stays: {
        title: 'What stays, what changes',
        staysLabel: 'Stays',
        changesLabel: 'Changes',
        address: 'Your address, your password and the settings in your devices stay as they are.',
        folders: 'Your folders, their names, and what is read or flagged stay as they are.',
        old: 'Nothing is deleted on the old server.',
        sent: 'What you send through the new server lies in "Sent" there, not on the old one.',
      },
      signsIn: {
        'app-password':
          'To copy, we sign in to the old server with a password of our own that is good for nothing else; we do not need yours.',
        'own-password':
          'To copy, we sign in to the old server with your password; it is kept encrypted and erased at the end.',
        'access-token':
          'To copy, we sign in to the old server with access that your provider issues anew each time; we do not need your password.',
        'master-user':
          'To copy, we sign in to the old server with your provider’s own access; we do not need your password.',
        nothing: 'We no longer sign in to the old server for your mailbox.',
      },
      folders: {
        title: 'Folders',
        name: 'Folder',
        messages: 'Messages',
        size: 'Size',
        state: 'State',
        across: 'Across',
        underWay: 'Under way',
        waiting: 'Waiting',
        refused: (n: number) => `${messages(n)} not moved`,
        all: (n: number) => `Show all ${f.count(n)}`,
        more: (n: number) => `and ${f.one(n, 'more folder', 'more folders')}`,
        empty: 'Your folders will appear here as soon as they have been counted.',
        none: 'empty',
        roles: {
          inbox: 'Inbox',
          sent: 'Sent',
          drafts: 'Drafts',
          trash: 'Trash',
          junk: 'Spam',
          archive: 'Archive',
        },
      },
      carried: {
        title: 'Carried last',
        hide: 'Hide subjects',
        show: 'Show subjects',
        hidden: 'Subjects are hidden.',
        none: 'The last three messages that came across will appear here.',
        noSubject: 'without a subject',
        in: (folder: string) => `in ${folder}`,
      },
      refused: {
        title: 'Messages that could not be moved',
        notice: (n: number) =>
          `${messages(n)} could not be moved. ${n === 1 ? 'It is' : 'They are'} still on the old server; see which and why.`,
        link: 'Show them',
        lead: 'They are still on the old server, unchanged. Here you see which, why, and what you can do.',
        none: 'Every message could be moved. If one ever cannot, it will appear here with the reason.',
        nameless: (n: number) => `Message ${n}`,
        why: 'Why',
        said: 'In the words of the server',
        todo: 'What you can do',
        folder: 'Folder',
        date: 'Date',
        from: 'From',
        size: 'Size',
        range: (from: number, to: number, all: number | null) =>
          all === null
            ? `${f.count(from)} to ${f.count(to)}`
            : `${f.count(from)} to ${f.count(to)} of ${f.count(all)}`,
        pages: 'Pages',
        next: 'Further ones',
        begin: 'To the first ones',
        get: 'Download the message',
        getting: 'Being fetched',
        getErrors: {
          'message-unreadable':
            'The old server does not give this message. Please open it there in your mail program.',
          'download-too-large':
            'The message is too large for this page. Please open it on the old server in your mail program.',
          'old-unreachable':
            'The old server does not answer right now. Your mail is safe. Please try again in a few minutes.',
          'refused-unknown': 'This message is no longer among these. Perhaps it is on the new server by now.',
        } as Readonly<Record<string, string>>,
        again: 'Try all again',
        againDone: 'We try them again. This can take a minute.',
      },
      programs: {
        title: 'Settings for mail programs',
        link: 'Show the settings',
        card: 'Your devices go on as they are. If you like, your mail programs can talk to the new server directly.',
        lead: 'You need not change anything: your devices go on as they are. Whoever likes can enter the new server in a mail program.',
        none: 'The settings of the new server will appear here once your mailbox is in step with it. If your mailbox is in step already, ask your provider for them.',
        bothTitle: 'Both servers are in use',
        both: [
          'Mail that you send with these settings lies only on the new server, in its Sent folder.',
          'Afterwards remove the old account from the program, and never on the server: mail for you still arrives there.',
        ],
        imap: 'Incoming mail (IMAP)',
        submission: 'Outgoing mail (SMTP)',
        pop3: 'Incoming mail by POP3',
        pop3Text: 'For programs that cannot do IMAP. They may fetch all messages once more.',
        host: 'Server',
        port: 'Port',
        security: 'Security',
        securityNames: { implicit: 'SSL/TLS', starttls: 'STARTTLS' },
        user: 'User name',
        password: 'Password',
        passwordText: 'the password of your mailbox, or the one you got for the new server',
        copy: 'Copy',
        copied: 'Copied',
        copyFailed: 'Please copy it by hand',
        apple: 'iPhone, iPad and Mac',
        appleText:
          'The profile fills in all of the above. It holds no password; your device asks for it. It is not signed, and your device says so.',
        appleGet: 'Download the profile',
        other: 'On another device',
        otherText: 'The code opens this page there. It holds this address and nothing else.',
        qr: (address: string) => `QR code of the address ${address}`,
      },
      attention: {
        title: 'Please have a look',
        goesOn: 'We carry on by ourselves; your mail is safe.',
        safe: 'Your mail is safe.',
        since: (moment: string) => `Since ${moment}.`,
      },
      stale: (duration: string) => `As of ${duration} ago. The connection is being made again.`,
      announce: (share: string) => `${share} are across.`,
    },
    help: {
      title: 'Help',
      lead: 'Five questions that people really ask.',
      items: [
        {
          q: 'Can a message get lost?',
          a: 'No. Messages are copied, not taken away. Every one stays on the old server until long after the move, and each copy is checked. Should one not be taken by the new server, it is shown to you with the reason.',
        },
        {
          q: 'Do I have to set up my phone again?',
          a: 'No. Your devices go on talking to the server name they know, with the same address and the same password. Whoever likes can use the new server name later.',
        },
        {
          q: 'May I keep working meanwhile?',
          a: 'Yes. Read, write and sort as always. What changes on the old server follows to the new one by itself; how fast stands on your page.',
        },
        {
          q: 'I use both servers. What should I know?',
          a: 'Mail that you send through the new server lies only there. When your mail program uses the new server, remove the old account from the program, but never delete it on the server: others may still write to you through it.',
        },
        {
          q: 'What if I want to go back?',
          a: 'You can pause at any time, and nothing was changed on the old server. After the switch you can go back for some time; what arrived meanwhile comes along.',
        },
      ],
      more: 'Something else? Your provider sees the same picture as you and can help.',
    },
    sessions: {
      title: 'Where you are signed in',
      lead: 'Each browser that is signed in with your address.',
      current: 'This browser',
      seen: (moment: string) => `Last seen ${moment}`,
      since: (moment: string) => `since ${moment}`,
      end: 'Sign out there',
      ended: 'Signed out there.',
      none: 'Only this browser is signed in.',
    },
  };
};
export { en };
export type Words = ReturnType<typeof en>;
