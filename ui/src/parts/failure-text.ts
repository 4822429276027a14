/** The message of the last cause in a trace, without the class before it. */
export function rootCause(trace: string): string {
  const causes = trace.split('\n').filter((line) => !/^\s+at /.test(line))
  const last = causes.findLast((line) => line.startsWith('Caused by: ')) ?? causes[0] ?? ''
  return last.replace(/^Caused by: /, '').replace(/^[\w.$]+(?:Exception|Error): /, '')
}
