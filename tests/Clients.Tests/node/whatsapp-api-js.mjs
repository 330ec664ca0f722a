import { WhatsAppAPI } from 'whatsapp-api-js'
import { ActionButtons, Body, BodyComponent, BodyParameter, Button, Interactive, Template, Text } from 'whatsapp-api-js/messages'
import { scenario as s, step } from './scenario.mjs'

// It has no setting for the address, but takes any fetch.
const elsewhere = (url, options) => fetch(String(url).replace('https://graph.facebook.com', s.address), options)
const client = new WhatsAppAPI({ token: s.token, secure: false, v: 'v23.0', ponyfill: { fetch: elsewhere } })
const idOf = (response) => ({ id: response.messages[0].id, waId: response.contacts[0].wa_id })

await step('text', async () => idOf(await client.sendMessage(s.number, s.user, new Text('Your parcel is on its way.'))))
await step('template', async () =>
  idOf(
    await client.sendMessage(
      s.number,
      s.user,
      new Template(s.positional, s.language, new BodyComponent(new BodyParameter('Ana'), new BodyParameter('4711'))),
    ),
  ),
)
await step('named', async () =>
  idOf(
    await client.sendMessage(
      s.number,
      s.user,
      new Template(s.named, s.language, new BodyComponent(new BodyParameter('4711', 'order'), new BodyParameter('Ana', 'name'))),
    ),
  ),
)
await step('buttons', async () =>
  idOf(
    await client.sendMessage(
      s.number,
      s.user,
      new Interactive(new ActionButtons(new Button('yes', 'Yes'), new Button('no', 'No')), new Body('Did it arrive?')),
    ),
  ),
)
// It throws nothing: an answer with an error in it is its error type.
await step('refusal', async () => {
  const { error } = await client.sendMessage(s.number, s.silent, new Text('Hello?'))
  return { code: error.code, known: typeof error.message === 'string', details: error.error_data.details }
})
await step('read', async () => ({ success: (await client.markAsRead(s.number, s.inbound)).success }))
// It has no call for templates, but hands out its fetch, which adds the token.
await step('templates', async () => ({
  names: (await (await client.$$apiFetch$$(`https://graph.facebook.com/${client.v}/${s.business}/message_templates`)).json()).data.map(
    (template) => template.name,
  ),
}))
