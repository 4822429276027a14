import type { Protection } from '../protection.ts'

export const browsers: readonly Protection[] = [
  {
    threat: 'a page of another site posts a connector',
    without: 'the question where a request comes from',
    changes: [
      {
        file: 'src/rest/rest-server.ts',
        text: 'refuseCrossSite(message, this.#access.crossOrigin)\n',
        instead: '\n',
      },
    ],
  },
  {
    threat: 'a page of another site posts a connector',
    without: 'the answer to it of newer browsers',
    changes: [
      {
        file: 'src/rest/access/cross-site.ts',
        text: "return site === 'same-origin' || site === 'none'",
        instead: 'return true',
      },
    ],
  },
  {
    threat: 'a page of another site posts a connector',
    without: 'the answer to it of older browsers',
    changes: [
      {
        file: 'src/rest/access/cross-site.ts',
        text: 'return URL.canParse(origin) && new URL(origin).host === host',
        instead: 'return true',
      },
    ],
  },
  {
    threat: 'a page of another site reads answers',
    without: 'the list of origins',
    changes: [
      {
        file: 'src/rest/access/cross-origin.ts',
        text: 'return this.#origins.some((allowed) => allowed.matches(origin))',
        instead: 'return origin.length > 0',
      },
    ],
  },
  {
    threat: 'a page of another site reads answers',
    without: 'nobody where nobody is named',
    changes: [
      {
        file: 'src/rest/access/rest-access.ts',
        text: 'origins.length === 0 ? null : new CrossOrigin(origins, methods)',
        instead: "new CrossOrigin(origins.length === 0 ? ['*'] : origins, methods)",
      },
    ],
  },
  {
    threat: 'a row holds a script',
    without: "React's escaping",
    changes: [
      {
        file: 'ui/src/parts/json-text.tsx',
        text: '<pre className="json-text">{indented(text)}</pre>',
        instead: '<pre className="json-text" dangerouslySetInnerHTML={{ __html: indented(text) }} />',
      },
    ],
  },
  {
    threat: 'the documentation runs what is not its own',
    without: 'the ban on scripts in pages',
    changes: [
      {
        file: 'src/rest/files/served-files.ts',
        text: "script-src 'self';",
        instead: "script-src 'self' 'unsafe-inline';",
      },
    ],
  },
  {
    threat: 'the documentation runs what is not its own',
    without: 'the ban on making scripts of text',
    changes: [
      {
        file: 'src/rest/files/served-files.ts',
        text: "\"require-trusted-types-for 'script'; trusted-types 'none'\"",
        instead: '""',
      },
    ],
  },
  {
    threat: 'the documentation runs what is not its own',
    without: 'the ban on guessing what a file is',
    changes: [
      { file: 'src/rest/files/served-files.ts', text: "'x-content-type-options': 'nosniff',", instead: '' },
    ],
  },
  {
    threat: 'a page of another site shows the console within itself',
    without: 'the ban on frames',
    changes: [{ file: 'src/rest/files/served-files.ts', text: "frame-ancestors 'none'; ", instead: '' }],
  },
]
