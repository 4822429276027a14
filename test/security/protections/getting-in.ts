import type { Protection } from '../protection.ts'

export const gettingIn: readonly Protection[] = [
  {
    threat: 'the API is found open on the network',
    without: 'the question whether there is a login',
    changes: [
      {
        file: 'src/cli/compose.ts',
        text: "access.credentials !== null || worker.options['rest.allow.unprotected']",
        instead: 'true',
      },
    ],
  },
  {
    threat: 'the API is found open on the network',
    without: 'loopback where no host is named',
    changes: [
      {
        file: 'src/rest/listener/worker-listeners.ts',
        text: "mayBeOnNetwork ? '::' : '127.0.0.1'",
        instead: "'::'",
      },
    ],
  },
  {
    threat: 'the same on one of several listeners',
    without: 'a look at all but the first',
    changes: [
      {
        file: 'src/rest/listener/worker-listeners.ts',
        text: 'all.find(isOnNetwork)',
        instead: 'all.slice(0, 1).find(isOnNetwork)',
      },
    ],
  },
  {
    threat: 'an endpoint forgets to ask for the login',
    without: 'the question for all but connectors',
    changes: [
      {
        file: 'src/rest/rest-server.ts',
        text: 'if (!this.#needsNoLogin(method, pathOf(url))) {',
        instead: "if (pathOf(url).startsWith('/connectors')) {",
      },
    ],
  },
  {
    threat: 'an endpoint forgets to ask for the login',
    without: 'the login for metrics',
    changes: [
      { file: 'src/rest/rest-server.ts', text: '/^\\/(?:health(?:', instead: '/^\\/(?:metrics|health(?:' },
    ],
  },
  {
    threat: 'an endpoint forgets to ask for the login',
    without: 'the login for events',
    changes: [
      { file: 'src/rest/rest-server.ts', text: '/^\\/(?:health(?:', instead: '/^\\/(?:events|health(?:' },
    ],
  },
  {
    threat: 'passwords are guessed',
    without: 'a count of wrong tries',
    changes: [
      {
        file: 'src/rest/access/login-throttle.ts',
        text: 'tries.wrong = isRight ? 0 : tries.wrong + 1',
        instead: 'tries.wrong = 0',
      },
    ],
  },
  {
    threat: 'passwords are guessed',
    without: 'the delay',
    changes: [
      {
        file: 'src/rest/access/login-throttle.ts',
        text: 'if (tries.wrong >= FREE_TRIES) await this.#sleep(delayMs(tries.wrong))',
        instead: '',
      },
    ],
  },
  {
    threat: 'many tries at once use up the processor',
    without: 'turns',
    changes: [
      {
        file: 'src/rest/access/login-throttle.ts',
        text: 'tries.turn = turn.catch(() => {})',
        instead: 'void turn.catch(() => {})',
      },
    ],
  },
  {
    threat: 'many tries at once use up the processor',
    without: 'a bound of those who wait',
    changes: [
      {
        file: 'src/rest/access/login-throttle.ts',
        text: 'const MOST_WAITING = 8',
        instead: 'const MOST_WAITING = Infinity',
      },
    ],
  },
  {
    threat: 'the time of an answer tells how much of a password, token or signature was right',
    without: 'constant time for passwords of scrypt',
    changes: [
      {
        file: 'src/rest/access/password-hash.ts',
        text: 'return timingSafeEqual(\n    await derive',
        instead: 'return Buffer.prototype.equals.call(\n    await derive',
      },
    ],
  },
  {
    threat: 'the time of an answer tells how much of a password, token or signature was right',
    without: 'constant time for passwords in clear text',
    changes: [
      {
        file: 'src/rest/access/password-hash.ts',
        text: "return timingSafeEqual(sha256(password), Buffer.from(hash.slice(7), 'base64'))",
        instead: 'return digestOfPlain(password) === hash',
      },
    ],
  },
  {
    threat: 'the time of an answer tells how much of a password, token or signature was right',
    without: 'constant time for the token',
    changes: [
      {
        file: 'src/rest/access/credentials.ts',
        text: 'timingSafeEqual(digest(value), this.#token)',
        instead: 'digest(value).equals(this.#token)',
      },
    ],
  },
  {
    threat: 'the time of an answer tells how much of a password, token or signature was right',
    without: 'constant time for signatures',
    changes: [
      {
        file: 'src/connect/distributed/session-keys.ts',
        text: '!timingSafeEqual(given, expected)',
        instead: '!given.equals(expected)',
      },
    ],
  },
  {
    threat: 'the time of an answer tells which users there are',
    without: 'a hash for who is unknown',
    changes: [
      {
        file: 'src/rest/access/credentials.ts',
        text: 'const checked = hash ?? this.#users.values().next().value',
        instead: 'const checked = hash',
      },
    ],
  },
  {
    threat: 'a users file has a hash that takes gigabytes',
    without: 'a bound for scrypt',
    changes: [
      {
        file: 'src/rest/access/password-hash.ts',
        text: 'return Number(match[1]) <= 17 && Number(match[2]) <= 16 && Number(match[3]) <= 16',
        instead: 'return true',
      },
    ],
  },
  {
    threat: 'a users file has a hash that takes gigabytes',
    without: 'a bound for argon2',
    changes: [
      {
        file: 'src/rest/access/foreign-hash.ts',
        text: 'Number(kilobytes) <= MOST.argon2Kilobytes &&',
        instead: '',
      },
    ],
  },
  {
    threat: 'a users file has a hash that takes gigabytes',
    without: 'a bound for bcrypt',
    changes: [
      {
        file: 'src/rest/access/foreign-hash.ts',
        text: '&& Number(bcrypt[1]) <= MOST.bcryptCost',
        instead: '',
      },
    ],
  },
  {
    threat: 'old TLS is negotiated',
    without: 'the least version',
    changes: [
      {
        file: 'src/tls/ssl-properties.ts',
        text: 'minVersion: enabled[0]!,',
        instead: "minVersion: 'TLSv1' as never,",
      },
    ],
  },
  {
    threat: 'old TLS is negotiated',
    without: 'the refusal of older ones in properties',
    changes: [
      {
        file: 'src/tls/ssl-properties.ts',
        text: "enabled.length < named.values['ssl.enabled.protocols'].length || enabled.length === 0",
        instead: 'enabled.length === 0',
      },
    ],
  },
  {
    threat: 'requests between workers are forged',
    without: 'a look at the signature',
    changes: [
      {
        file: 'src/connect/distributed/session-keys.ts',
        text: 'if (given.length !== expected.length || !timingSafeEqual(given, expected)) {',
        instead: 'if (given.length < 0) {',
      },
    ],
  },
  {
    threat: 'requests between workers are forged',
    without: 'the refusal of what is not signed',
    changes: [
      {
        file: 'src/connect/distributed/session-keys.ts',
        text: 'if (signature === undefined || algorithm === undefined) {',
        instead: 'if (signature === undefined || algorithm === undefined) return\n    if (body === null) {',
      },
    ],
  },
  {
    threat: 'requests between workers are forged',
    without: 'the list of algorithms',
    changes: [
      {
        file: 'src/connect/distributed/session-keys.ts',
        text: 'if (!verificationAlgorithms.includes(algorithm)) {',
        instead: 'if (body === null) {',
      },
    ],
  },
  {
    threat: 'a key that signs requests is found out',
    without: 'an end of its time',
    changes: [
      {
        file: 'src/connect/distributed/session-keys.ts',
        text: 'return keyTtlMs > 0 ? key.createdMs + keyTtlMs : Infinity',
        instead: 'return Infinity',
      },
    ],
  },
  {
    threat: "files are read through the console's or the documentation's address",
    without: 'a look at the name',
    changes: [
      {
        file: 'src/rest/files/served-files.ts',
        text: 'if (mediaType === undefined || !NAME.test(name)) return null',
        instead: 'if (mediaType === undefined) return null',
      },
    ],
  },
  {
    threat: "files are read through the console's or the documentation's address",
    without: 'the list of kinds of files',
    changes: [
      {
        file: 'src/rest/files/served-files.ts',
        text: 'MEDIA_TYPES[extname(name)]\n',
        instead: "(MEDIA_TYPES[extname(name)] ?? 'text/plain')\n",
      },
    ],
  },
  {
    threat: 'the documentation, metrics and records are read without a login',
    without: 'the login for the documentation',
    changes: [
      { file: 'src/rest/rest-server.ts', text: '/^\\/(?:health(?:', instead: '/^\\/(?:docs.*|health(?:' },
    ],
  },
]
