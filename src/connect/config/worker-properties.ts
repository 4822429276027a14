/**
 * Worker properties from `CONNECT_…` variables, as Connect's container images take them: `_` is a dot, `__` an
 * underscore, `___` a dash.
 */
export function propertiesFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const separators: Readonly<Record<string, string>> = { _: '.', __: '_', ___: '-' }
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('CONNECT_') && value !== undefined
        ? [
            [
              name
                .slice(8)
                .toLowerCase()
                .replace(/_{1,3}/g, (run) => separators[run]!),
              value,
            ],
          ]
        : [],
    ),
  )
}
