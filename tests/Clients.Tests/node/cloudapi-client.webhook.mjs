import { createHmac, timingSafeEqual } from 'node:crypto'
import { sendTemplateMessage, sendTextMessage } from '@whatsapp-cloudapi/client'

/** It brings types for webhooks and no code: what it is to be read with is what its users write themselves. */
export const challengeOf = (query, verifyToken) => (query['hub.verify_token'] === verifyToken ? query['hub.challenge'] : null)

export function read(rawBody, signature, secret) {
  const expected = Buffer.from('sha256=' + createHmac('sha256', secret).update(rawBody).digest('hex'))
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error('the signature is wrong')
  }

  const values = JSON.parse(rawBody).entry.flatMap((entry) => entry.changes).map((change) => change.value)
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
  const to = { accessToken: s.token, from: s.number, baseUrl: s.address, to: '+' + s.user }
  return {
    template: async () =>
      (
        await sendTemplateMessage({
          ...to,
          templateName: s.template,
          languageCode: s.language,
          bizOpaqueCallbackData: s.data,
          components: [
            {
              type: 'body',
              parameters: [
                { type: 'text', text: 'Ana' },
                { type: 'text', text: '4711' },
              ],
            },
          ],
        })
      ).messages[0].id,
    // It can't answer a message by a text.
    text: async (body) => (await sendTextMessage({ ...to, text: body })).messages[0].id,
  }
}
