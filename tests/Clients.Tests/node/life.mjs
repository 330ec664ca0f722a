// The whole life of a message: a client sends, the user's device gets it and reports, the client's receiver checks and reads what comes of it, the user
// answers, and the client answers back. Whatever the user does, it does through the platform's own interface, with the user's own token.
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { scenario as s, step } from './scenario.mjs'

const client = await import(`./${s.client}.webhook.mjs`)
const verifyToken = 'a word of ours'
const updates = []
let wake = () => {}

const server = createServer(async (request, response) => {
  try {
    const url = new URL(request.url, 'http://here')
    if (request.method === 'GET') {
      const challenge = await client.challengeOf(Object.fromEntries(url.searchParams), verifyToken)
      response.writeHead(challenge === null ? 403 : 200).end(challenge)
      return
    }

    // As text, and not parsed: the signature is over what came.
    const body = (await buffer(request)).toString('utf8')
    updates.push(...(await client.read(body, request.headers['x-hub-signature-256'], s.secret)))
    response.writeHead(200).end()
  } catch (error) {
    updates.push({ error: String(error) })
    response.writeHead(500).end()
  }

  wake()
})
await new Promise((ready) => server.listen(0, '127.0.0.1', ready))

/** Waits until an update has come; the test has a time limit. */
async function until(isIt) {
  for (;;) {
    const found = updates.find((update) => update.error !== undefined || isIt(update))
    if (found?.error !== undefined) {
      throw new Error(found.error)
    }

    if (found !== undefined) {
      return found
    }

    await new Promise((woken) => (wake = woken))
  }
}

async function call(token, method, path, body) {
  const response = await fetch(s.address + path, {
    method,
    headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
  }

  return answer
}

const user = (method, path, body) => call(s.userToken, method, `/v1/users/${s.user}${path}`, body)
const inbox = async (id) => (await user('GET', '/inbox')).messages.find((message) => message.id === id)
const sender = client.sender(s)
let sent, answer, back

await step('subscribe', () =>
  call(s.token, 'POST', `/v24.0/${s.business}/subscribed_apps`, {
    override_callback_uri: `http://127.0.0.1:${server.address().port}/hooks`,
    verify_token: verifyToken,
    fields: ['messages'],
    secret: s.secret,
    max_updates: client.updatesMax,
  }),
)
await step('closed', async () => {
  try {
    await sender.text('Hello?')
  } catch (error) {
    return { refused: JSON.stringify(error) + String(error) + JSON.stringify(error.data ?? null) }
  }

  throw new Error('a text went before the user wrote')
})
await step('send', async () => ({ id: (sent = await sender.template()) }))
await step('sent', () => until((update) => update.id === sent && update.status === 'sent'))
await step('device', () => inbox(sent))
await step('delivered', async () => {
  await user('POST', `/messages/${sent}/status`, { status: 'delivered' })
  return until((update) => update.id === sent && update.status === 'delivered')
})
await step('read', async () => {
  await user('POST', `/messages/${sent}/status`, { status: 'read' })
  return until((update) => update.id === sent && update.status === 'read')
})
await step('answer', async () => {
  const said = { to: s.number, type: 'text', text: { body: 'Grüße! ✓ 😀' }, context: { message_id: sent } }
  answer = (await user('POST', '/messages', said)).id
  return until((update) => update.id === answer)
})
await step('back', async () => ({ id: (back = await sender.text('You are welcome.', answer)) }))
await step('window', () => until((update) => update.id === back && update.status === 'sent'))
await step('shown', () => inbox(back))
await step('order', async () => ({ statuses: updates.filter((update) => update.id === sent).map((update) => update.status) }))

server.closeAllConnections()
server.close()
