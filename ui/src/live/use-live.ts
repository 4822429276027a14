import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { ConnectorHistory } from './connector-history.ts'
import { LiveWorker, type Connection } from './live-worker.ts'
import type { ConnectorView, WorkerInfo } from './worker-events.ts'

export const LiveContext = createContext(new LiveWorker())

export function useLive(): LiveWorker {
  return useContext(LiveContext)
}

export function useConnectors(): readonly ConnectorView[] {
  const live = useLive()
  return useSyncExternalStore(live.onState, () => live.connectors)
}

export function useConnector(name: string): ConnectorView | null {
  return useConnectors().find((connector) => connector.name === name) ?? null
}

export function useConnection(): Connection {
  const live = useLive()
  return useSyncExternalStore(live.onState, () => live.connection)
}

export function useWorkerInfo(): WorkerInfo | null {
  const live = useLive()
  return useSyncExternalStore(live.onState, () => live.info)
}

/** Renders with each sample. */
export function useSamples(): LiveWorker {
  const live = useLive()
  useSyncExternalStore(live.onSample, () => live.samples)
  return live
}

/** @param isWatched false: as it was when it was last watched; renders no more */
export function useHistory(connector: string, isWatched = true): ConnectorHistory | null {
  const live = useLive()
  const [, setSample] = useState(0)
  useEffect(() => (isWatched ? live.onSample(() => setSample(live.samples)) : undefined), [live, isWatched])
  return live.history(connector)
}
