import { useMessages } from '../i18n/language.tsx'
import { newConnectorMessages } from './messages.ts'
import type { SectionProps } from './template.tsx'
import { TextField } from './text-field.tsx'

/** What connectors and topics are called. */
export function NamesSection({ settings, change }: SectionProps) {
  const t = useMessages(newConnectorMessages)
  return (
    <fieldset className="panel form-section">
      <legend>{t.names}</legend>
      <div className="form-grid">
        <TextField
          label={t.prefix}
          hint={t.prefixHint}
          value={settings.prefix}
          onChange={(prefix) => change({ prefix })}
        />
        <TextField
          label={t.sourceName}
          value={settings.sourceName}
          onChange={(sourceName) => change({ sourceName })}
        />
        <TextField
          label={t.sinkName}
          value={settings.sinkName}
          onChange={(sinkName) => change({ sinkName })}
        />
      </div>
    </fieldset>
  )
}
