import { markMessageRead, sendButtonsMessage, sendTemplateMessage, sendTextMessage } from '@whatsapp-cloudapi/client'
import { refused, scenario as s, step } from './scenario.mjs'

const by = { accessToken: s.token, from: s.number, baseUrl: s.address }
const to = { ...by, to: '+' + s.user }
const idOf = (response) => ({ id: response.messages[0].id, waId: response.contacts[0].wa_id })

await step('text', async () => idOf(await sendTextMessage({ ...to, text: 'Your parcel is on its way.', previewUrl: false })))
await step('template', async () =>
  idOf(
    await sendTemplateMessage({
      ...to,
      templateName: s.positional,
      languageCode: s.language,
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: 'Ana' },
            { type: 'text', text: '4711' },
          ],
        },
      ],
    }),
  ),
)
await step('named', async () =>
  idOf(
    await sendTemplateMessage({
      ...to,
      templateName: s.named,
      languageCode: s.language,
      languagePolicy: 'deterministic',
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: '4711', parameter_name: 'order' },
            { type: 'text', text: 'Ana', parameter_name: 'name' },
          ],
        },
      ],
    }),
  ),
)
await step('buttons', async () =>
  idOf(
    await sendButtonsMessage({
      ...to,
      bodyText: 'Did it arrive?',
      buttons: [
        { id: 'yes', title: 'Yes' },
        { id: 'no', title: 'No' },
      ],
    }),
  ),
)
// Its error is a sentence with the answer's JSON at its end.
await refused(
  'refusal',
  () => sendTextMessage({ ...to, to: '+' + s.silent, text: 'Hello?' }),
  (error) => {
    const { error: answer } = JSON.parse(error.message.slice(error.message.indexOf('{')))
    return { code: answer.code, known: error.message.startsWith('WhatsApp API Error'), details: answer.error_data.details }
  },
)
await step('read', async () => ({ success: (await markMessageRead({ ...by, messageId: s.inbound, showTypingIndicator: true })).success }))
