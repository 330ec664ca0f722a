// Has a client check and read deliveries that it is given: every sample of an update that the platform has.
import { scenario as s, step } from './scenario.mjs'

const client = await import(`./${s.client}.webhook.mjs`)

await step('handshake', async () => ({
  challenge: await client.challengeOf({ 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'mine' }, 'mine'),
}))
for (const { name, body, signature } of s.deliveries) {
  await step(name, async () => ({ updates: await client.read(body, signature, s.secret) }))
  await step(name + ' forged', async () => {
    try {
      await client.read(body.replace('whatsapp', 'Whatsapp'), signature, s.secret)
    } catch {
      return {}
    }

    throw new Error('the client took it')
  })
}
