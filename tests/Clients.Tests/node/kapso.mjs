import { GraphApiError, WhatsAppClient, buildTemplateSendPayload } from '@kapso/whatsapp-cloud-api'
import { refused, scenario as s, step } from './scenario.mjs'

const client = new WhatsAppClient({ accessToken: s.token, baseUrl: s.address })
const to = { phoneNumberId: s.number, to: '+' + s.user }
const idOf = (response) => ({ id: response.messages[0].id, waId: response.contacts[0].waId })

await step('text', async () => idOf(await client.messages.sendText({ ...to, body: 'Your parcel is on its way.' })))
await step('template', async () =>
  idOf(
    await client.messages.sendTemplate({
      ...to,
      template: buildTemplateSendPayload({
        name: s.positional,
        language: s.language,
        body: [
          { type: 'text', text: 'Ana' },
          { type: 'text', text: '4711' },
        ],
      }),
    }),
  ),
)
await step('named', async () =>
  idOf(
    await client.messages.sendTemplate({
      ...to,
      template: buildTemplateSendPayload({
        name: s.named,
        language: s.language,
        body: [
          { type: 'text', text: '4711', parameterName: 'order' },
          { type: 'text', text: 'Ana', parameterName: 'name' },
        ],
      }),
    }),
  ),
)
await step('buttons', async () =>
  idOf(
    await client.messages.sendInteractiveButtons({
      ...to,
      bodyText: 'Did it arrive?',
      buttons: [
        { id: 'yes', title: 'Yes' },
        { id: 'no', title: 'No' },
      ],
    }),
  ),
)
await refused(
  'refusal',
  () => client.messages.sendText({ ...to, to: '+' + s.silent, body: 'Hello?' }),
  (error) => ({ code: error.code, status: error.httpStatus, known: error instanceof GraphApiError, details: error.details }),
)
await step('read', async () => ({ success: (await client.messages.markRead({ phoneNumberId: s.number, messageId: s.inbound })).success }))
await step('templates', async () => ({
  names: (await client.templates.list({ businessAccountId: s.business, limit: 10 })).data.map((template) => template.name),
}))
