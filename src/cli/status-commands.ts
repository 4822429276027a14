import type { Command } from 'commander'
import type { StatusFlags } from './status/show-status.ts'

/** `tailrace status` */
export function statusCommand(status: Command): void {
  status
    .description(
      'how the connectors of a worker do: states, rates, lags, errors; exit status 1 where something needs attention',
    )
    .argument('[connectors...]', 'their names (default: all)')
    .option('--json', 'the same as a line of JSON, with whole errors')
    .action(async (connectors: readonly string[], flags: StatusFlags) =>
      (await import('./status/show-status.ts')).showStatus(connectors, flags),
    )
}

/** `tailrace connectors watch` */
export function watchCommand(watch: Command): void {
  watch
    .description('how connectors do, live: states, rates, lags, errors; piped, a line for each change')
    .argument('[connectors...]', 'their names (default: all)')
    .action(async (connectors: readonly string[], { url }: { readonly url: string }) =>
      (await import('./status/watch-connectors.ts')).watchConnectors(connectors, url),
    )
}
