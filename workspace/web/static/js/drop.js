// Drop zone: a dropped file goes into the real file input. upload.js takes over where it has claimed the form.
document.querySelectorAll('[data-cw-drop]').forEach(form => {
  const zone = form.querySelector('.cw-drop') || form
  const input = form.querySelector('input[type=file]')
  const mark = on => event => {
    event.preventDefault()
    zone.classList.toggle('cw-drop--over', on)
  }
  zone.addEventListener('dragover', mark(true))
  zone.addEventListener('dragleave', mark(false))
  zone.addEventListener('drop', event => {
    mark(false)(event)
    if (form.dataset.cwClaimed) return
    input.files = event.dataTransfer.files
    input.focus()
  })
})
