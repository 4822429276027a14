import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { runCli } from '../../test/servers/cli.ts'

/** What bash offers behind a line. */
function completed(script: string, line: string): string[] {
  const words = line.split(' ')
  const program = `${script}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length - 1}
    _tailrace
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', program], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
  return stdout.trim().split('\n').filter(Boolean)
}

describe('tailrace completion', async () => {
  const { stdout: script, status } = await runCli(['completion', 'bash'])

  test('bash completes commands, commands below them, and options', () => {
    assert.equal(status, 0)
    assert.deepEqual(completed(script, 'tailrace con'), ['consume', 'connectors'])
    assert.deepEqual(completed(script, 'tailrace connectors st'), ['status'])
    assert.deepEqual(completed(script, 'tailrace consume orders --from'), ['--from-beginning'])
    assert.deepEqual(completed(script, 'tailrace worker --po'), ['--port'])
    assert.deepEqual(completed(script, 'tailrace nothing-of-it'), [])
  })

  test('zsh takes the same by its bash completion, fish has lines of its own', async () => {
    const zsh = await runCli(['completion', 'zsh'])
    assert.equal(zsh.stdout, `autoload -Uz bashcompinit && bashcompinit\n${script}`)
    const fish = await runCli(['completion', 'fish'])
    assert.match(
      fish.stdout,
      /^complete -c tailrace -f -n 'not __fish_seen_subcommand_from .*' -a worker -d '/m,
    )
    assert.match(fish.stdout, /^complete -c tailrace -n '__fish_seen_subcommand_from worker' -l port$/m)
  })

  test('a shell that it does not know is refused by name', async () => {
    const { status, stderr } = await runCli(['completion', 'tcsh'])
    assert.deepEqual([status, /'tcsh' is invalid.*bash, zsh, fish/.test(stderr)], [1, true])
  })
})
