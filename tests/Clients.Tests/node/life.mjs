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

/** Waits until something has come that fits: an update at the receiver, or an event on the device. The test has a time limit. */
async function until(isIt, come = updates) {
  for (;;) {
    const found = come.find((one) => one.error !== undefined || isIt(one))
    if (found?.error !== undefined) {
      throw new Error(found.error)
    }

    if (found !== undefined) {
      return found
    }

    await new Promise((woken) => (wake = woken))
  }
}

// The user's device: a live stream of server-sent events, which goes on behind the last one that it has.
const events = []
let lastId

/** Connects the device; gives what disconnects it. */
async function connect() {
  const leaving = new AbortController()
  const response = await fetch(`${s.address}/v1/users/${s.user}/inbox`, {
    headers: { authorization: `Bearer ${s.userToken}`, accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
    signal: leaving.signal,
  })
  if (!response.ok) {
    throw new Error(`the stream: ${response.status} ${await response.text()}`)
  }

  const ended = listen(response.body).catch((error) => {
    if (!leaving.signal.aborted) {
      events.push({ error: String(error) })
      wake()
    }
  })
  return () => {
    leaving.abort()
    return ended
  }
}

async function listen(body) {
  let text = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split('\n').filter((line) => !line.startsWith(':'))
      const event = Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/s, 2)))
      lastId = event.id ?? lastId
      if (event.data !== undefined) {
        events.push({ kind: event.event, ...JSON.parse(event.data) })
      }
    }

    wake()
  }
}

const onDevice = (kind, isIt) => until((event) => event.kind === kind && isIt(event), events)

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
const sender = client.sender(s)
let sent, answer, back, disconnect

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
await step('connect', async () => {
  disconnect = await connect()
})
await step('send', async () => ({ id: (sent = await sender.template()) }))
await step('sent', () => until((update) => update.id === sent && update.status === 'sent'))
await step('device', () => onDevice('message', (event) => event.id === sent))
await step('delivered', async () => {
  await user('POST', `/messages/${sent}/status`, { status: 'delivered' })
  await onDevice('status', (event) => event.id === sent && event.status === 'delivered')
  return until((update) => update.id === sent && update.status === 'delivered')
})
await step('read', async () => {
  await user('POST', `/messages/${sent}/status`, { status: 'read' })
  await onDevice('status', (event) => event.id === sent && event.status === 'read')
  return until((update) => update.id === sent && update.status === 'read')
})
await step('again', async () => {
  await disconnect()
  disconnect = await connect()
})
await step('answer', async () => {
  const said = { to: s.number, type: 'text', text: { body: 'Grüße! ✓ 😀' }, context: { message_id: sent } }
  answer = (await user('POST', '/messages', said)).id
  return until((update) => update.id === answer)
})
await step('back', async () => ({ id: (back = await sender.text('You are welcome.', answer)) }))
await step('window', () => until((update) => update.id === back && update.status === 'sent'))
await step('shown', () => onDevice('message', (event) => event.id === back))
await step('order', async () => ({
  statuses: updates.filter((update) => update.id === sent).map((update) => update.status),
  messages: events.filter((event) => event.kind === 'message').map((event) => event.id),
}))

await disconnect()
server.closeAllConnections()
server.close()
