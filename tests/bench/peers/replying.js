// (b) As common tutorials do: also send a reply through Twilio and insert it before answering.
// Shown, never claimed: the time is mostly Twilio's.

import twilio from 'twilio'
import { pool, serve } from './common.js'

const { TWILIO_ACCOUNT_SID, TWILIO_API_URL, TWILIO_AUTH_TOKEN } = process.env
const messages = new URL(
  `/2010-04-01/Accounts/${TWILIO_ACCOUNT_SID}/Messages.json`, TWILIO_API_URL)
const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN)

const INSERT = `insert into peers.messages (message_sid, direction, content, from_number, to_number,
                                            "timestamp")
                values ($1, $2, $3, $4, $5, now())
                on conflict (message_sid) do nothing`

serve(async ({ MessageSid, Body, From, To }) => {
  await pool.query(INSERT, [MessageSid, 'inbound', Body, From, To])
  const text = 'Terima kasih, kami segera membalas.'
  const answer = await client.request({
    method: 'post', uri: messages.href, username: TWILIO_ACCOUNT_SID, password: TWILIO_AUTH_TOKEN,
    data: { To: From, From: To, Body: text },
  })
  const made = typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body
  await pool.query(INSERT, [made.sid, 'outbound', text, To, From])
})
