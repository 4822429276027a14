import { InvalidArgumentError, type Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A command: its words behind the program's name, and what may follow. */
interface Place {
  readonly path: string
  readonly commands: readonly Command[]
  readonly options: readonly string[]
}

/** The script that a shell reads to complete commands and options. What it knows is what `--help` says. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, '')
  if (shell === 'fish') return fishScript(program.name(), places)
  const bash = bashScript(program.name(), places)
  return shell === 'zsh' ? `autoload -Uz bashcompinit && bashcompinit\n${bash}` : bash
}

export function shellName(text: string): Shell {
  const shell = shells.find((known) => known === text)
  if (shell === undefined) throw new InvalidArgumentError(`It must be one of ${shells.join(', ')}.`)
  return shell
}

function placesOf(command: Command, path: string): Place[] {
  const options = command.options.flatMap(({ long, hidden }) => (long === undefined || hidden ? [] : [long]))
  const commands = command.commands.filter((child) => child.name() !== 'help')
  const place = { path, commands, options: [...options, '--help'] }
  return [place, ...commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim()))]
}

/** Files are completed where no word fits. */
function bashScript(program: string, places: readonly Place[]): string {
  const known = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  const cases = places.map(({ path, commands, options }) => {
    const words = [...commands.map((command) => command.name()), ...options].join(' ')
    return `    '${path}') words='${words}' ;;`
  })
  return `_${program}() {
  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${known.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${program} ${program}
`
}

function fishScript(program: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const seen = path.split(' ').filter(Boolean)
    const others = commands.map((command) => command.name()).join(' ')
    const conditions = seen.map((word) => `__fish_seen_subcommand_from ${word}`)
    if (others !== '') conditions.push(`not __fish_seen_subcommand_from ${others}`)
    const when = conditions.join('; and ') || 'true'
    return [
      ...commands.map(
        (command) =>
          `complete -c ${program} -f -n '${when}' -a ${command.name()} -d '${command.description().replaceAll("'", "\\'")}'`,
      ),
      ...options.map((option) => `complete -c ${program} -n '${when}' -l ${option.slice(2)}`),
    ]
  })
  return `${lines.join('\n')}\n`
}
