// Uploads that survive a dropped connection and a reload (tus 1.0.0). Takes over every form[data-cw-upload]; without
// this script the form sends its files the plain way.
import { Row, fill } from './upload-row.js'

const PARALLEL = 2
const PIECE = 64 * 1024 * 1024
const SMALL = 8 * 1024 * 1024
const DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000]
// problem codes of the server that the form has a sentence for
const REASONS = ['over_quota', 'too_large', 'storage_full', 'storage_unavailable', 'name_not_allowed', 'name_taken', 'forbidden', 'not_found', 'access_ended', 'sign_in_required']

// what the server said of a refusal; a proxy's own page says nothing of use
function told (error) {
  try {
    return JSON.parse(error.originalResponse.getBody()) || {}
  } catch {
    return {}
  }
}

class Upload {
  constructor (queue, file, path) {
    this.queue = queue
    this.file = file
    this.path = path
    this.sent = 0
    this.state = 'waiting'
    this.resumedAt = null
    this.dropped = false
    this.offline = false
    this.replaced = false
    this.row = new Row(path || file.name, queue.say, {
      pause: () => this.pause(),
      again: () => this.again(),
      cancel: () => this.cancel()
    })
  }

  get percent () {
    return this.file.size ? Math.floor(100 * this.sent / this.file.size) : 0
  }

  get print () {
    const { name, type, size, lastModified } = this.file
    return ['cw', this.queue.endpoint, this.queue.fields.parent || '', this.path, name, type, size, lastModified].join('|')
  }

  async start () {
    this.state = 'going'
    this.tus ||= new window.tus.Upload(this.file, this.options())
    if (!this.tus.url) {
      // what a reload or a closed lid cut off
      const [before] = await this.tus.findPreviousUploads()
      if (before && this.state === 'going') {
        this.tus.resumeFromPreviousUpload(before)
        this.dropped = true
      }
    }
    if (this.state !== 'going') return
    this.row.going(this.percent, this.resumedAt)
    this.tus.start()
  }

  options () {
    const metadata = { ...this.queue.fields, filename: this.file.name, filetype: this.file.type }
    if (this.path) metadata.relativePath = this.path
    return {
      endpoint: this.queue.endpoint,
      headers: { 'X-CSRFToken': this.queue.token },
      metadata,
      chunkSize: PIECE,
      retryDelays: DELAYS,
      uploadDataDuringCreation: this.file.size <= SMALL,
      removeFingerprintOnSuccess: true,
      fingerprint: async () => this.print,
      onShouldRetry: error => this.shouldRetry(error),
      onProgress: sent => this.progress(sent),
      onAfterResponse: (request, response) => {
        this.replaced ||= response.getHeader('X-Workspace-Replaced') === '1'
      },
      onError: error => this.fail(error),
      onSuccess: () => this.finish()
    }
  }

  shouldRetry (error) {
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0
    // 409: it stands elsewhere, ask where; but a name that is taken stays taken
    const again = !status || (status >= 500 && status !== 507) || [423, 429, 460].includes(status) ||
      (status === 409 && told(error).code !== 'name_taken')
    if (again) this.dropped = true
    return again
  }

  progress (sent) {
    if (this.state !== 'going') return
    this.sent = sent
    if (this.dropped) {
      this.dropped = false
      if (this.percent > 0) this.resumedAt = this.percent
    }
    this.row.going(this.percent, this.resumedAt)
    this.queue.tell()
  }

  async pause () {
    if (this.state !== 'going') return
    this.state = 'paused'
    this.row.paused(this.percent)
    await this.tus.abort()
    this.queue.next()
  }

  again () {
    if (this.state !== 'paused' && this.state !== 'failed') return
    this.dropped = this.state === 'failed' && this.sent > 0
    this.offline = false
    this.state = 'waiting'
    this.row.waiting()
    this.queue.next()
  }

  async cancel () {
    if (this.state === 'done') return
    this.state = 'gone'
    this.queue.forget(this)
    this.row.gone()
    // ends the upload on the server as well, so that its room is free at once
    if (this.tus) await this.tus.abort(true).catch(() => {})
    this.queue.next()
  }

  fail (error) {
    if (this.state !== 'going') return
    this.state = 'failed'
    this.offline = !error.originalResponse
    // refused before there was an upload: nothing of it has been kept
    if (!this.tus.url) this.sent = 0
    this.row.failed(this.percent, this.reason(error))
    this.queue.next()
  }

  reason (error) {
    const say = this.queue.say
    if (!error.originalResponse) return say.textOffline || ''
    const { code } = told(error)
    const known = REASONS.includes(code) && say[`textWhy${code.split('_').map(word => word[0].toUpperCase() + word.slice(1)).join('')}`]
    return known || say.textWhy || ''
  }

  finish () {
    this.state = 'done'
    this.sent = this.file.size
    this.row.done(this.replaced)
    this.queue.next()
  }
}

class Queue {
  constructor (form, section) {
    this.form = form
    this.say = form.dataset
    this.endpoint = form.dataset.cwUpload
    this.fields = {}
    form.querySelectorAll('input[type=hidden][name]').forEach(field => {
      if (field.name === 'csrf_token') this.token = field.value
      else this.fields[field.name] = field.value
    })
    this.section = section
    this.list = section.querySelector('[data-cw-list]')
    this.total = section.querySelector('[data-cw-total]')
    this.meter = section.querySelector('progress')
    this.uploads = []
    this.told = ''
    window.addEventListener('online', () => this.uploads.filter(one => one.state === 'failed' && one.offline).forEach(one => one.again()))
    window.addEventListener('beforeunload', event => {
      if (this.uploads.some(one => one.state === 'going')) event.preventDefault()
    })
  }

  add (files) {
    for (const { file, path } of files) {
      const one = new Upload(this, file, path)
      this.uploads.push(one)
      this.list.append(one.row.node)
    }
    this.section.hidden = !this.uploads.length
    this.next()
  }

  forget (one) {
    this.uploads = this.uploads.filter(other => other !== one)
  }

  next () {
    for (const one of this.uploads) {
      if (this.uploads.filter(other => other.state === 'going').length >= PARALLEL) break
      if (one.state === 'waiting') one.start()
    }
    this.tell()
    const open = this.uploads.some(one => ['going', 'waiting'].includes(one.state))
    if (!open && this.uploads.some(one => one.state === 'done')) this.refresh()
  }

  tell () {
    const all = this.uploads.length
    const done = this.uploads.filter(one => one.state === 'done').length
    const size = this.uploads.reduce((sum, one) => sum + one.file.size, 0)
    const sent = this.uploads.reduce((sum, one) => sum + one.sent, 0)
    const percent = size ? Math.floor(100 * sent / size) : (all && done === all ? 100 : 0)
    this.meter.value = percent
    // a screen reader reads this aloud: in steps of ten, not at every piece
    const mark = `${done}/${all}/${Math.floor(percent / 10)}`
    if (mark === this.told) return
    this.told = mark
    this.total.textContent = all && done === all ? this.say.textAll : fill(this.say.textTotal, { done, all, percent })
    if (!all) this.section.hidden = true
  }

  // the lists on the page, as the server draws them now
  async refresh () {
    const places = [...document.querySelectorAll('[data-cw-refresh][id]')]
    if (!places.length) return
    const answer = await fetch(window.location.href, { headers: { Accept: 'text/html' } }).catch(() => null)
    if (!answer || !answer.ok) return
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    for (const place of places) {
      const fresh = page.getElementById(place.id)
      if (fresh && !place.contains(document.activeElement)) place.replaceChildren(...fresh.childNodes)
    }
  }
}

// A dropped folder with all that lies in it. Entries have to be taken before the event ends.
async function dropped (transfer) {
  const entries = [...transfer.items].filter(item => item.kind === 'file').map(item => item.webkitGetAsEntry())
  if (!entries.every(Boolean)) return [...transfer.files].map(file => ({ file, path: '' }))
  const found = []
  for (const entry of entries) await walk(entry, '', found)
  return found
}

async function walk (entry, above, found) {
  const path = above ? `${above}/${entry.name}` : entry.name
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject)).catch(() => null)
    if (file) found.push({ file, path: above ? path : '' })
    return
  }
  const reader = entry.createReader()
  for (;;) {
    // a browser gives at most a hundred at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => [])
    if (!some.length) return
    for (const one of some) await walk(one, path, found)
  }
}

function claim (form) {
  const section = document.querySelector('[data-cw-uploads]')
  if (!section || 'cwClaimed' in form.dataset || !window.tus || !window.tus.isSupported) return
  const queue = new Queue(form, section)
  form.dataset.cwClaimed = ''
  form.querySelectorAll('[data-cw-nojs]').forEach(one => { one.hidden = true })
  form.querySelectorAll('input[type=file]').forEach(input => {
    const take = () => {
      queue.add([...input.files].map(file => ({ file, path: file.webkitRelativePath || '' })))
      input.value = ''
    }
    input.addEventListener('change', take)
    // whoever was quicker than this script has chosen already
    if (input.files.length) take()
  })
  const zone = form.querySelector('.cw-drop') || form
  zone.addEventListener('drop', async event => {
    event.preventDefault()
    queue.add(await dropped(event.dataTransfer))
  })
}

const forms = document.querySelectorAll('form[data-cw-upload]')
if (forms.length) import('../vendor/tus.min.js').then(() => forms.forEach(claim))
