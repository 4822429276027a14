import type { Protection } from '../protection.ts'

export const secrets: readonly Protection[] = [
  {
    threat: 'a password is in an answer of validation or creation',
    without: 'the stars of its value',
    changes: [
      {
        file: 'src/rest/config-info.ts',
        text: "if (type === 'PASSWORD') return '[hidden]'",
        instead: '',
      },
    ],
  },
  {
    threat: 'a password is in an answer of validation or creation',
    without: 'the care for configurations of no known class',
    changes: [
      {
        file: 'src/connect/config/config-admission.ts',
        text: "SECRET_NAME.test(name) && value !== null ? '[hidden]' : value",
        instead: 'value',
      },
    ],
  },
  {
    threat: 'a value of a config provider is in an answer, trace, metric or log',
    without: 'variables in what validation answers',
    changes: [
      {
        file: 'src/connect/config/config-admission.ts',
        text: 'return resolved.secrets.isEmpty ? validation : withSecretsHidden(validation, config, resolved)',
        instead: 'return validation',
      },
    ],
  },
  {
    threat: 'a value of a config provider is in an answer, trace, metric or log',
    without: "the tasks' careful logger",
    changes: [
      {
        file: 'src/connect/task/task-thread.ts',
        text: 'return secrets.length === 0 ? bound : hidingLogger(bound, SecretValues.ofValues(secrets))',
        instead: 'return bound',
      },
    ],
  },
  {
    threat: 'a value of a config provider is in an answer, trace, metric or log',
    without: 'variables in what tasks fail with',
    changes: [
      {
        file: 'src/connect/task/task-thread.ts',
        text: 'SecretValues.ofValues(spec.secrets).hide(failure.trace)',
        instead: 'failure.trace',
      },
    ],
  },
  {
    threat: 'a secret is in a topic, a dead letter, or any other file of the worker',
    without: 'variables in what is stored',
    changes: [
      {
        file: 'src/connect/config/config-admission.ts',
        text: '    return config\n  }\n\n  /** Where its stars',
        instead: '    return this.#parts.resolver.resolve(config).config\n  }\n\n  /** Where its stars',
      },
    ],
  },
  {
    threat: 'the log shows one in an error or its cause',
    without: 'care for messages',
    changes: [
      {
        file: 'src/connect/config-providers/hiding-logger.ts',
        text: 'new Error(secrets.hide(value.message))',
        instead: 'new Error(value.message)',
      },
    ],
  },
  {
    threat: 'the log shows one in an error or its cause',
    without: 'care for stacks',
    changes: [
      {
        file: 'src/connect/config-providers/hiding-logger.ts',
        text: "secrets.hide(value.stack ?? '')",
        instead: "value.stack ?? ''",
      },
    ],
  },
  {
    threat: 'the log shows one in an error or its cause',
    without: 'care for causes',
    changes: [
      {
        file: 'src/connect/config-providers/hiding-logger.ts',
        text: 'copy.cause = hideIn(value.cause, secrets, depth + 1)',
        instead: 'copy.cause = value.cause',
      },
    ],
  },
  {
    threat: 'the log shows one in an error or its cause',
    without: 'care for fields',
    changes: [
      {
        file: 'src/connect/config-providers/hiding-logger.ts',
        text: "if (typeof value === 'string') return secrets.hide(value)",
        instead: "if (typeof value === 'string') return value",
      },
    ],
  },
  {
    threat: 'a config provider opens any file',
    without: 'the list of paths',
    changes: [
      {
        file: 'src/connect/config-providers/allowed-paths.ts',
        text: 'if (this.#roots?.some((root) => isWithin(root, real)) === false) {',
        instead: 'if (this.#roots?.length === 0) {',
      },
    ],
  },
  {
    threat: 'a config provider opens any file',
    without: 'a look where links lead',
    changes: [
      {
        file: 'src/connect/config-providers/allowed-paths.ts',
        text: 'real = realpathSync(resolve(path))',
        instead: 'real = resolve(path)',
      },
    ],
  },
  {
    threat: 'a config provider opens any file',
    without: 'the same for files of a directory',
    changes: [
      {
        file: 'src/connect/config-providers/directory-config-provider.ts',
        text: 'const file = this.#paths.open(place)',
        instead: 'const file = place',
      },
    ],
  },
  {
    threat: 'a config provider opens any file',
    without: 'the refusal of ways out of a directory',
    changes: [
      {
        file: 'src/connect/config-providers/directory-config-provider.ts',
        text: ' || basename(key) !== key) return null',
        instead: ' || basename(key) === null) return null',
      },
    ],
  },
  {
    threat: 'a config provider shows the environment of the worker',
    without: 'the list of variables',
    changes: [
      {
        file: 'src/connect/config-providers/env-var-config-provider.ts',
        text: 'this.#allowed.matches(key) ?',
        instead: 'key !== null ?',
      },
    ],
  },
  {
    threat: 'traces take rows, configurations or passwords off the machine',
    without: 'the restraint to places of records',
    changes: [
      {
        file: 'src/connect/tracing/sink-tracing.ts',
        text: '${topic}-${partition}: ${firstOffset}..${last}',
        instead: "${topic}-${partition}: ${firstOffset}..${last} ${batch.toString('latin1')}",
      },
    ],
  },
  {
    threat: 'a password gets out at a place that no test of its own looks at',
    without: 'the look at answers and metrics',
    changes: [
      {
        file: 'test/servers/worker-leaks.ts',
        text: 'if (!text.includes(CANARY)) return',
        instead: 'if (text.length >= 0) return',
      },
    ],
  },
  {
    threat: 'a password gets out at a place that no test of its own looks at',
    without: 'the look at the log',
    changes: [
      {
        file: 'test/servers/worker.ts',
        text: 'this.#watch.see(text)',
        instead: '',
      },
    ],
  },
  {
    threat: 'a password gets out at a place that no test of its own looks at',
    without: "the look at topics' files",
    changes: [
      {
        file: 'test/servers/worker.ts',
        text: 'assertNoCanaryInTopics(this.dataDir)',
        instead: '',
      },
    ],
  },
  {
    threat: 'others on the machine read records or passwords',
    without: 'the mode of the data directory',
    changes: [{ file: 'src/log/embedded/open-store.ts', text: 'chmodSync(dataDir, 0o700)', instead: '' }],
  },
  {
    threat: 'others on the machine read records or passwords',
    without: 'the mode of the metadata',
    changes: [
      {
        file: 'src/log/embedded/open-store.ts',
        text: "closeSync(openSync(path, 'a', 0o600))",
        instead: "closeSync(openSync(path, 'a'))",
      },
    ],
  },
  {
    threat: 'others on the machine read records or passwords',
    without: 'the mode of segments',
    changes: [
      {
        file: 'src/log/embedded/segment-files.ts',
        text: "openSync(path, 'w+', 0o600)",
        instead: "openSync(path, 'w+', 0o644)",
      },
    ],
  },
  {
    threat: 'others on the machine read records or passwords',
    without: 'the mode of their directories',
    changes: [
      {
        file: 'src/log/embedded/segment-files.ts',
        text: 'mkdirSync(dirname(path), { recursive: true, mode: 0o700 })',
        instead: 'mkdirSync(dirname(path), { recursive: true, mode: 0o755 })',
      },
    ],
  },
  {
    threat: 'others on the machine read the log',
    without: 'its mode',
    changes: [{ file: 'src/cli/logger.ts', text: 'mode: 0o600', instead: 'mode: 0o644' }],
  },
  {
    threat: 'a backup is readable for others',
    without: 'its mode',
    changes: [
      {
        file: 'src/log/embedded/backup.ts',
        text: 'mkdir(directory, { recursive: true, mode: 0o700 })',
        instead: 'mkdir(directory, { recursive: true, mode: 0o755 })',
      },
    ],
  },
  {
    threat: 'a backup is readable for others',
    without: 'the mode of its metadata',
    changes: [
      {
        file: 'src/log/embedded/backup.ts',
        text: 'await chmod(join(directory, UNFINISHED), 0o600)',
        instead: '',
      },
    ],
  },
  {
    threat: 'a backup is readable for others',
    without: 'the mode of its directories',
    changes: [
      {
        file: 'src/log/embedded/backup.ts',
        text: 'mkdir(dirname(to), { recursive: true, mode: 0o700 })',
        instead: 'mkdir(dirname(to), { recursive: true, mode: 0o755 })',
      },
    ],
  },
  {
    threat: 'an address with a password in it is named in an error',
    without: 'a name without the login',
    changes: [
      {
        file: 'src/elasticsearch/client/node-pool.ts',
        text: 'name: `${protocol}//${parsed.hostname}:${port}`',
        instead: 'name: text',
      },
    ],
  },
  {
    threat: 'a wrong Kafka password is shown',
    without: 'silence about the configuration',
    changes: [
      {
        file: 'src/log/kafka/connection/reach-brokers.ts',
        text: "const doing = `connect to Kafka at ${cluster.description.bootstrapServers.join(', ')}`",
        instead: 'const doing = `connect to Kafka with ${JSON.stringify(cluster.description)}`',
      },
    ],
  },
]
