import { WhatsAppClient, buildTemplateSendPayload } from '@kapso/whatsapp-cloud-api'
import { normalizeWebhook, verifySignature } from '@kapso/whatsapp-cloud-api/server'

/** It leaves the handshake to whoever uses it. */
export const challengeOf = (query, verifyToken) => (query['hub.verify_token'] === verifyToken ? query['hub.challenge'] : null)

export function read(rawBody, signature, secret) {
  if (!verifySignature({ appSecret: secret, rawBody, signatureHeader: signature })) {
    throw new Error('the signature is wrong')
  }

  const { messages, statuses } = normalizeWebhook(JSON.parse(rawBody))
  return [
    ...statuses.map((s) => ({ id: s.id, status: s.status, to: s.recipientId, data: s.bizOpaqueCallbackData, code: s.errors?.[0]?.code })),
    ...messages.map((m) => ({ id: m.id, from: m.from, type: m.type, body: m.text?.body, answers: m.context?.id, way: m.kapso?.direction })),
  ]
}

export function sender(s) {
  const client = new WhatsAppClient({ accessToken: s.token, baseUrl: s.address })
  const to = { phoneNumberId: s.number, to: s.user }
  return {
    template: async () =>
      (
        await client.messages.sendTemplate({
          ...to,
          bizOpaqueCallbackData: s.data,
          template: buildTemplateSendPayload({
            name: s.template,
            language: s.language,
            body: [
              { type: 'text', text: 'Ana' },
              { type: 'text', text: '4711' },
            ],
          }),
        })
      ).messages[0].id,
    text: async (body, answers) => (await client.messages.sendText({ ...to, body, contextMessageId: answers })).messages[0].id,
  }
}
