// What the three handlers share: Express 5, Twilio's own signature check, a pool of connections.

import express from 'express'
import pg from 'pg'
import twilio from 'twilio'

const { DATABASE_URL, PORT, PUBLIC_URL, TWILIO_AUTH_TOKEN } = process.env

export const TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

// pg's default of ten connections
export const pool = new pg.Pool({ connectionString: DATABASE_URL })

// Serves POST /webhook with `take(parameters, rawBody)`; 200 when it has returned.
export function serve(take) {
  const app = express()
  app.disable('x-powered-by')
  const form = express.urlencoded({
    extended: false,
    verify: (request, _response, body) => { request.rawBody = body },
  })
  app.post('/webhook', form, async (request, response) => {
    const genuine = twilio.validateRequest(
      TWILIO_AUTH_TOKEN, request.get('X-Twilio-Signature') ?? '', `${PUBLIC_URL}/webhook`,
      request.body)
    if (!genuine) {
      response.status(403).type('text/plain').send('Bad signature.')
      return
    }
    await take(request.body, request)
    response.type('text/xml').send(TWIML)
  })
  app.get('/health', (_request, response) => { response.send('up') })
  const server = app.listen(Number(PORT), '127.0.0.1')
  process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); pool.end() })
}
