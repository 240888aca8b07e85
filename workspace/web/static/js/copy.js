// A button beside a fingerprint copies it: <button data-cw-copies="id" data-text-copied="Copied" hidden data-cw-js>.
document.querySelectorAll('[data-cw-copies]').forEach(button => {
  const source = document.getElementById(button.dataset.cwCopies)
  if (!source || !navigator.clipboard) return button.remove()
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.dataset.cwCopy || source.textContent.trim())
    button.querySelector('[role=status]').textContent = button.dataset.textCopied
  })
})
