import { WhatsAppAPI } from 'whatsapp-api-js'
import { BodyComponent, BodyParameter, Template, Text } from 'whatsapp-api-js/messages'

const unused = { token: 'unused', v: 'v24.0' }

export function challengeOf(query, verifyToken) {
  return new WhatsAppAPI({ ...unused, appSecret: 'unused', webhookVerifyToken: verifyToken }).get(query)
}

/** It reads the first update of a delivery and drops the others. */
export const updatesMax = 1

export async function read(rawBody, signature, secret) {
  const api = new WhatsAppAPI({ ...unused, appSecret: secret })
  const updates = []
  api.on.status = (s) =>
    updates.push({ id: s.id, status: s.status, to: s.phone, data: s.biz_opaque_callback_data, code: s.error?.code })
  api.on.message = ({ from, message: m }) =>
    updates.push({ id: m.id, from, type: m.type, body: m.text?.body, answers: m.context?.id })
  await api.post(JSON.parse(rawBody), rawBody, signature)
  return updates
}

export function sender(s) {
  const elsewhere = (url, options) => fetch(String(url).replace('https://graph.facebook.com', s.address), options)
  const api = new WhatsAppAPI({ token: s.token, secure: false, v: 'v24.0', ponyfill: { fetch: elsewhere } })
  const idOf = (response) => {
    if (response.error) {
      throw new Error(JSON.stringify(response.error))
    }

    return response.messages[0].id
  }
  const template = () => new Template(s.template, s.language, new BodyComponent(new BodyParameter('Ana'), new BodyParameter('4711')))
  return {
    template: async () => idOf(await api.sendMessage(s.number, s.user, template(), undefined, s.data)),
    text: async (body, answers) => idOf(await api.sendMessage(s.number, s.user, new Text(body), answers)),
  }
}
