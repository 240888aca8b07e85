// One line of the list of uploads, as components/upload.html draws it. All words come from the form's data-text-*.
const SVG = 'http://www.w3.org/2000/svg'
const PATHS = {
  tick: 'm5 12.5 4.5 4.5L19 7.5',
  again: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  pause: 'M9 5v14M15 5v14',
  go: 'M8 5v14l11-7z',
  cross: 'm6 6 12 12M18 6 6 18'
}
let made = 0

function icon (name) {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [key, value] of Object.entries({ class: 'cw-i', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' })) {
    svg.setAttribute(key, value)
  }
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}

function element (tag, className, ...inside) {
  const one = document.createElement(tag)
  one.className = className
  one.append(...inside)
  return one
}

export function fill (text, values) {
  return (text || '').replace(/\{(\w+)\}/g, (whole, name) => name in values ? values[name] : whole)
}

export class Row {
  // `say`: the form's dataset; `acts`: what its buttons do
  constructor (name, say, acts) {
    this.say = say
    this.acts = acts
    this.name = name
    const id = `cw-upload-${++made}`
    this.title = element('span', 'cw-fname', name)
    this.title.id = id
    this.state = element('span', 'cw-up__s')
    this.meter = element('progress', 'cw-meter')
    this.meter.max = 100
    this.meter.setAttribute('aria-labelledby', id)
    this.note = element('p', 'cw-up__note')
    this.tools = element('p', 'cw-up__note cw-up__tools')
    this.node = element('div', 'cw-up', this.title, this.state)
    this.waiting()
  }

  button (picture, text, act) {
    const more = element('span', 'govuk-visually-hidden', `: ${this.name}`)
    const one = element('button', 'govuk-button govuk-button--secondary cw-button--s', icon(picture), ` ${text}`, more)
    one.type = 'button'
    one.addEventListener('click', act)
    return one
  }

  show (state, { percent = null, note = '', tools = [] } = {}) {
    const focused = this.node.contains(document.activeElement)
    this.node.classList.toggle('cw-up--failed', state === 'failed')
    this.node.dataset.state = state
    this.meter.classList.toggle('cw-meter--failed', state === 'failed')
    if (percent !== null) this.meter.value = percent
    this.note.textContent = note
    this.tools.replaceChildren(...tools)
    const inside = [this.title, this.state]
    if (percent !== null) inside.push(this.meter)
    if (note) inside.push(this.note)
    if (tools.length) inside.push(this.tools)
    this.node.replaceChildren(...inside)
    if (focused && tools.length) tools[0].focus()
  }

  waiting () {
    this.state.className = 'cw-up__s cw-muted'
    this.state.textContent = this.say.textWaiting
    this.show('waiting', { tools: [this.button('cross', this.say.textCancel, this.acts.cancel)] })
  }

  // drawn once, then only the numbers move: a button under somebody's finger must not be replaced
  going (percent, resumedAt) {
    const state = resumedAt === null ? 'going' : 'resumed'
    this.state.className = 'cw-up__s cw-num'
    this.state.textContent = fill(this.say.textGoing, { percent })
    this.meter.value = percent
    if (this.node.dataset.state === state) return
    this.show(state, {
      percent,
      note: resumedAt === null ? '' : fill(this.say.textResumed, { percent: resumedAt }),
      tools: [
        this.button('pause', this.say.textPause, this.acts.pause),
        this.button('cross', this.say.textCancel, this.acts.cancel)
      ]
    })
  }

  paused (percent) {
    this.state.className = 'cw-up__s cw-muted'
    this.state.textContent = this.say.textPaused
    this.show('paused', {
      percent,
      tools: [
        this.button('go', this.say.textContinue, this.acts.again),
        this.button('cross', this.say.textCancel, this.acts.cancel)
      ]
    })
  }

  failed (percent, reason) {
    this.state.className = 'cw-up__s'
    this.state.textContent = ''
    this.show('failed', {
      percent,
      note: `${percent ? fill(this.say.textStopped, { percent }) : ''} ${reason}`.trim(),
      tools: [
        this.button('again', this.say.textAgain, this.acts.again),
        this.button('cross', this.say.textCancel, this.acts.cancel)
      ]
    })
  }

  done (replaced) {
    this.state.className = 'cw-up__s'
    this.state.replaceChildren(element('span', 'cw-chip cw-chip--ok', icon('tick'), ` ${this.say.textDone}`))
    this.show('done', { note: replaced ? this.say.textReplaced : '' })
  }

  gone () {
    this.node.remove()
  }
}
