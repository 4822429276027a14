/** A file of one message, as text that is to be registered. */
export interface ProtoFileDraft {
  readonly package: string
  readonly imports: ReadonlySet<string>
  readonly message: MessageDraft
}

export interface MessageDraft {
  readonly name: string
  readonly fields: FieldDraft[]
  readonly oneofs: { readonly name: string; readonly fields: readonly FieldDraft[] }[]
  readonly messages: MessageDraft[]
  readonly enums: { readonly name: string; readonly values: readonly (readonly [string, number])[] }[]
}

export interface FieldDraft {
  readonly name: string
  readonly number: number
  readonly typeName: string
  readonly label: 'optional' | 'repeated' | null
  readonly params: Readonly<Record<string, string>>
}

/** The text as the reference writes it, blank for blank: a registry compares texts. */
export function protoText(file: ProtoFileDraft): string {
  const head = ['syntax = "proto3";']
  if (file.package !== '') head.push(`package ${file.package};`)
  const imports = [...file.imports].map((path) => `import "${path}";`)
  return [
    ...head,
    '',
    ...imports,
    ...(imports.length > 0 ? [''] : []),
    ...messageLines(file.message),
    '',
  ].join('\n')
}

function messageLines({ name, fields, oneofs, messages, enums }: MessageDraft): string[] {
  const lines = fields.flatMap(fieldLines).map(indented)
  if (oneofs.length > 0 && lines.length > 0) lines.push('')
  for (const oneof of oneofs)
    lines.push(...block(`oneof ${oneof.name}`, oneof.fields.flatMap(fieldLines)).map(indented))
  if (messages.length + enums.length > 0 && lines.length > 0) lines.push('')
  // The empty lines in these are indented with them, as the reference does it.
  for (const message of messages) lines.push(...messageLines(message).map(indented))
  for (const { name: enumName, values } of enums) {
    const constants = values.map(([symbol, number]) => `${symbol} = ${number};`)
    lines.push(...block(`enum ${enumName}`, constants).map(indented))
  }
  return lines.length === 0 ? [`message ${name} {}`] : [`message ${name} {`, ...lines, '}']
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map(indented), '}']
}

function indented(line: string): string {
  return `  ${line}`
}

function fieldLines({ name, number, typeName, label, params }: FieldDraft): string[] {
  const field = `${label === null ? '' : `${label} `}${typeName} ${name} = ${number}`
  const entries = Object.entries(params)
  if (entries.length === 0) return [`${field};`]
  const lines = [`${field} [(confluent.field_meta) = {`, '  params: [']
  for (const [index, [key, value]] of entries.entries()) {
    const parts = [`key: ${quoted(key)}`, `value: ${quoted(value)}`]
    // The reference has these two the other way round.
    if (key === 'precision' || key === 'scale') parts.reverse()
    lines.push(
      '    {',
      `      ${parts[0]},`,
      `      ${parts[1]}`,
      index + 1 < entries.length ? '    },' : '    }',
    )
  }
  return [...lines, '  ]', '}];']
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
