import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RequestTargetError } from '../connect/distributed/group-requests.ts'
import { RestClient } from './testing/rest-client.ts'

/** A worker that sends everybody elsewhere, and one that answers. */
async function twoWorkers(forwardUrl: (leader: RestClient) => string | null) {
  const [follower, leader] = [await RestClient.start(), await RestClient.start()]
  let asked = 0
  const refuse = async (): Promise<never> => {
    asked++
    throw new RequestTargetError('Only the leader can do that.', forwardUrl(leader))
  }
  Object.assign(follower.herder, { putConnectorConfig: refuse, deleteConnector: refuse, restartTask: refuse })
  return {
    follower,
    leader,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      await Promise.all([follower[Symbol.asyncDispose](), leader[Symbol.asyncDispose]()])
    },
  }
}

function urlOf({ port }: RestClient): string {
  return `http://127.0.0.1:${port}/`
}

describe('a request that another worker has to answer', () => {
  test('is passed on with its body, and the answer comes back as if from here', async () => {
    await using workers = await twoWorkers((leader) => urlOf(leader))
    const { follower, leader } = workers
    const config = { 'connector.class': 'X', name: 'a b' }
    const created = await follower.call('POST', '/connectors', { json: { name: 'a b', config } })
    assert.equal(created.status, 201)
    assert.equal(created.headers.location, `${urlOf(follower)}connectors/a%20b`)
    assert.deepEqual(leader.herder.configs.get('a b'), config)
    const again = await follower.call('POST', '/connectors', { json: { name: 'a b', config } })
    assert.equal(again.status, 409)
    assert.deepEqual(again.json, { error_code: 409, message: 'Connector a b already exists' })
    const deleted = await follower.call('DELETE', '/connectors/a%20b')
    assert.deepEqual([deleted.status, deleted.text], [204, ''])
    assert.equal(leader.herder.configs.size, 0)
  })

  test('is passed on twice at most', async () => {
    await using workers = await twoWorkers((leader) => urlOf(leader))
    const { follower, leader } = workers
    let hops: string | null = ''
    Object.assign(leader.herder, {
      deleteConnector: async () => {
        hops = `${hops}.`
        throw new RequestTargetError('Only the leader can do that.', urlOf(follower))
      },
    })
    const answer = await follower.call('DELETE', '/connectors/a')
    assert.deepEqual(answer.json, {
      error_code: 409,
      message: 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
    })
    assert.deepEqual([workers.asked(), hops], [2, '.'])
  })

  test('is refused for the moment where nobody knows whom to ask', async () => {
    await using workers = await twoWorkers(() => null)
    const answer = await workers.follower.call('DELETE', '/connectors/a')
    assert.deepEqual(answer.json, {
      error_code: 409,
      message:
        'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
    })
  })

  test('finds the next leader where the last one is gone', async () => {
    const gone = await RestClient.start()
    const ended = urlOf(gone)
    await gone[Symbol.asyncDispose]()
    let hasEnded = true
    await using workers = await twoWorkers((leader) => {
      const url = hasEnded ? ended : urlOf(leader)
      hasEnded = false
      return url
    })
    workers.leader.herder.configs.set('a', {})
    const answer = await workers.follower.call('DELETE', '/connectors/a')
    assert.equal(answer.status, 204)
    assert.equal(workers.asked(), 2)
  })
})
