import Client from '@great-detail/whatsapp'

const { webhook } = new Client({ baseUrl: 'http://127.0.0.1' })

export async function challengeOf(query, verifyToken) {
  const registration = await webhook.register({ method: 'GET', query })
  return registration.verifyToken === verifyToken ? registration.accept() : null
}

export async function read(rawBody, signature, secret) {
  const event = await webhook.eventNotification({ method: 'POST', headers: { 'x-hub-signature-256': signature }, body: rawBody })
  await event.verifySignature(secret)
  const values = event.eventNotification.entry.flatMap((entry) => entry.changes).map((change) => change.value)
  return values.flatMap((value) => [
    ...(value.statuses ?? []).map((s) => ({
      id: s.id,
      status: s.status,
      to: s.recipient_id,
      data: s.biz_opaque_callback_data,
      code: s.errors?.[0]?.code,
    })),
    ...(value.messages ?? []).map((m) => ({ id: m.id, from: m.from, type: m.type, body: m.text?.body, answers: m.context?.id })),
  ])
}

export function sender(s) {
  const client = new Client({ baseUrl: s.address, request: { headers: { Authorization: `Bearer ${s.token}` }, retry: 0 } })
  const to = { phoneNumberID: s.number, to: s.user }
  const send = async (message) => (await (await client.message.createMessage({ ...to, ...message })).json()).messages[0].id
  return {
    template: () =>
      send({
        type: 'template',
        biz_opaque_callback_data: s.data,
        template: {
          name: s.template,
          language: { code: s.language },
          components: [
            {
              type: 'body',
              parameters: [
                { type: 'text', text: 'Ana' },
                { type: 'text', text: '4711' },
              ],
            },
          ],
        },
      }),
    text: (body, answers) => send({ type: 'text', text: { body }, ...(answers && { context: { message_id: answers } }) }),
  }
}
