// (c) The same writes in one transaction as `balas webhook` does, into the same tables: the raw
// request, contact and address, conversation, message. The change feed and the doorbell are
// triggers of those tables, so they come with it.

import { pool, serve } from './common.js'

async function store(client, parameters, request) {
  const { MessageSid: sid, From: from, To: to, Body: body } = parameters
  const channel = from.startsWith('whatsapp:') ? 'whatsapp' : 'sms'
  // One customer's requests one after the other: an album comes as several at once.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [from])

  let rows
  ;({ rows } = await client.query('select id from public.inboxes where address = $1', [to]))
  if (rows.length === 0) {
    ({ rows } = await client.query(
      `insert into public.inboxes (name, channel, address, flagged) values ($1, $2, $1, true)
       on conflict (address) do update set address = excluded.address returning id`, [to, channel]))
  }
  const inbox = rows[0].id

  ;({ rows } = await client.query(
    'select contact_id as id from public.contact_addresses where address = $1', [from]))
  if (rows.length === 0) {
    ({ rows } = await client.query(
      'insert into public.contacts (name, phone) values ($1, $2) returning id',
      [parameters.ProfileName ?? null, parameters.WaId ? `+${parameters.WaId}` : null]))
    await client.query(
      'insert into public.contact_addresses (contact_id, address, channel) values ($1, $2, $3)',
      [rows[0].id, from, channel])
  }
  const contact = rows[0].id

  ;({ rows } = await client.query(
    `select id from public.conversations
      where inbox_id = $1 and contact_id = $2 and not adopted for update`, [inbox, contact]))
  if (rows.length === 0) {
    ({ rows } = await client.query(
      'insert into public.conversations (inbox_id, contact_id) values ($1, $2) returning id',
      [inbox, contact]))
  }
  const conversation = rows[0].id

  ;({ rows } = await client.query(
    `insert into public.messages (conversation_id, message_sid, direction, message_type, content,
                                  "timestamp", from_number, to_number, status, metadata)
     values ($1, $2, 'inbound', 'text', $3, clock_timestamp(), $4, $5, 'received', $6)
     on conflict (message_sid) do nothing returning id, "timestamp"`,
    [conversation, sid, body, from, to, { kind: 'text', raw: parameters }]))
  if (rows.length === 0) return // Twilio repeats itself
  const message = rows[0]

  await client.query(
    `insert into private.webhook_requests (path, headers, body, parameters, message_id)
     values ('/webhook', $1, $2, $3, $4)`,
    [{ 'content-type': request.get('content-type'), 'user-agent': request.get('user-agent') },
      request.rawBody, parameters, message.id])
  await client.query(
    `update public.conversations
        set status = 'open', snoozed_until = null, last_message_at = $2, last_inbound_at = $2,
            waiting_since = coalesce(waiting_since, $2)
      where id = $1`, [conversation, message.timestamp])
}

serve(async (parameters, request) => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await store(client, parameters, request)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
})
