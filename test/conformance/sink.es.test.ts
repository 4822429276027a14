import { sinkSuite } from './sink-suite.ts'

/** One or two of each kind; those that wait long only where nothing shorter shows the same. */
const USUAL = new RegExp(
  `^(${[
    'seed-one-partition|key-(string|extractfield|null-error|binary-long)|null-(delete-keyed|fail)|upsert-partial',
    'version-(header|already-higher)|schema-(all-types|missing)|map-entries-compact|index-naming|topics-regex',
    'external-alias|malformed-(fail|dlq)|dlq-conversion|drop-invalid-message|strict-mapping|offsets-reset-replay',
    'fake-(item-429-some|reset|truncated|retries-off|volume-item-429)|readonly-recovers|smt-filter-predicates',
    'key-not-json|key-null-drop|flush-synchronously|map-keys|schema-type-changes|dlq-stages|upsert-schema|pipeline-missing',
    'value-(numbers|numbers-beyond-long|not-object|unicode)|validation-post|regexrouter-sync',
  ].join('|')})$`,
)

sinkSuite((name) => USUAL.test(name))
