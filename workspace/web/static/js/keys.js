// Registry keys: J K X and the letters of the buttons' aria-keyshortcuts. Silent while someone types; the link beside the
// hints turns them off for good (WCAG 2.2, 2.1.4).
const hints = document.querySelector('.cw-keys')
const NAME = 'cw-keys'

const isOff = () => {
  try { return localStorage.getItem(NAME) === 'off' } catch { return false }
}
const turn = off => {
  try { localStorage.setItem(NAME, off ? 'off' : 'on') } catch { /* a browser without storage forgets */ }
}
const typing = target => target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')

if (hints) {
  const link = hints.querySelector('[data-off]')
  const label = () => { link.textContent = isOff() ? link.dataset.on : link.dataset.off }
  label()
  link.addEventListener('click', event => {
    event.preventDefault()
    turn(!isOff())
    label()
  })
  const links = [...document.querySelectorAll('tbody th a')]
  document.addEventListener('keydown', event => {
    if (isOff() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    const row = document.activeElement.closest('tr')
    const at = links.findIndex(one => row && row.contains(one))
    const key = event.key.toLowerCase()
    let target
    if (key === 'j') target = links[Math.min(at + 1, links.length - 1)]
    else if (key === 'k') target = links[Math.max(at - 1, 0)]
    else if (key === '/') target = document.getElementById('q')
    else if (key === 'x' && at >= 0) { row.querySelector('input[type=checkbox]')?.click(); event.preventDefault(); return }
    else if (/^[a-z]$/.test(key)) target = document.querySelector(`[aria-keyshortcuts="${key}"]`)
    if (!target) return
    target.focus()
    event.preventDefault()
  })
}
