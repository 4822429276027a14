export interface Step {
  readonly instruction: string
  readonly text: string
}

/** The stages of a Dockerfile, each with its steps; of the forms that this repository's file uses. */
export function stagesOf(
  dockerfile: string,
): readonly { readonly name: string; readonly steps: readonly Step[] }[] {
  const lines = dockerfile
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const stages: { name: string; steps: Step[] }[] = []
  for (const line of lines) {
    const [, instruction, text] = /^([A-Z]+) (.*)$/.exec(line)!
    if (instruction === 'FROM') stages.push({ name: / AS (\w+)$/.exec(text!)?.[1] ?? '', steps: [] })
    else stages.at(-1)!.steps.push({ instruction: instruction!, text: text! })
  }
  return stages
}

/** The values of one instruction in a stage, in order. */
export function valuesOf(steps: readonly Step[], instruction: string): readonly string[] {
  return steps.filter((step) => step.instruction === instruction).map(({ text }) => text)
}
