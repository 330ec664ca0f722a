// What every client is put through. The test that starts a script writes the scenario to its standard input, and reads one line of JSON per step.
import { text } from 'node:stream/consumers'

export const scenario = JSON.parse(await text(process.stdin))

/** Runs one step and says how it ended: with what `run` gives, or with the error that the client threw. */
export async function step(name, run) {
  try {
    console.log(JSON.stringify({ step: name, ok: true, ...(await run()) }))
  } catch (error) {
    console.log(JSON.stringify({ step: name, ok: false, error: error?.constructor?.name, message: String(error?.message ?? error) }))
  }
}

/** Runs a step that the client must report as an error; `read` turns the error into what the test looks at. */
export async function refused(name, run, read) {
  await step(name, async () => {
    try {
      await run()
    } catch (error) {
      return { error: error.constructor.name, ...(await read(error)) }
    }

    throw new Error('the client reported no error')
  })
}
