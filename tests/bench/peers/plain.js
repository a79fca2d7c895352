// (a) The plain handler: check the signature, insert one row, answer after the commit.

import { pool, serve } from './common.js'

serve(async (parameters) => {
  await pool.query(
    `insert into peers.messages (message_sid, direction, content, from_number, to_number,
                                 "timestamp")
     values ($1, 'inbound', $2, $3, $4, now())
     on conflict (message_sid) do nothing`,
    [parameters.MessageSid, parameters.Body, parameters.From, parameters.To])
})
