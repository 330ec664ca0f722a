import Client from '@great-detail/whatsapp'
import { refused, scenario as s, step } from './scenario.mjs'

// The retries of its transport would only repeat what the test wants to see once.
const client = new Client({ baseUrl: s.address, request: { headers: { Authorization: `Bearer ${s.token}` }, retry: 0 } })
const to = { phoneNumberID: s.number, to: s.user }
const idOf = async (response) => {
  const body = await response.json()
  return { id: body.messages[0].id, waId: body.contacts[0].wa_id }
}
const template = (name, parameters) => ({
  ...to,
  type: 'template',
  template: { name, language: { code: s.language }, components: [{ type: 'body', parameters }] },
})

await step('text', async () =>
  idOf(await client.message.createMessage({ ...to, type: 'text', text: { body: 'Your parcel is on its way.' } })),
)
await step('template', async () =>
  idOf(
    await client.message.createMessage(
      template(s.positional, [
        { type: 'text', text: 'Ana' },
        { type: 'text', text: '4711' },
      ]),
    ),
  ),
)
await step('named', async () =>
  idOf(
    await client.message.createMessage(
      template(s.named, [
        { type: 'text', parameter_name: 'order', text: '4711' },
        { type: 'text', parameter_name: 'name', text: 'Ana' },
      ]),
    ),
  ),
)
await step('buttons', async () =>
  idOf(
    await client.message.createMessage({
      ...to,
      type: 'interactive',
      interactive: {
        type: 'button',
        body: { text: 'Did it arrive?' },
        action: {
          buttons: [
            { type: 'reply', reply: { id: 'yes', title: 'Yes' } },
            { type: 'reply', reply: { id: 'no', title: 'No' } },
          ],
        },
      },
    }),
  ),
)
await refused(
  'refusal',
  () => client.message.createMessage({ ...to, to: s.silent, type: 'text', text: { body: 'Hello?' } }),
  (error) => ({
    code: error.data?.error.code,
    status: error.response.status,
    known: error.name === 'HTTPError',
    details: error.data?.error.error_data.details,
  }),
)
await step('read', async () => ({
  success: (await (await client.message.createStatus({ phoneNumberID: s.number, message_id: s.inbound, status: 'read' })).json()).success,
}))
await step('templates', async () => ({
  names: (await (await client.template.list(s.business, { limit: 10 })).json()).data.map((found) => found.name),
}))
