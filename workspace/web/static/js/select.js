// Selection bar: says how many rows are ticked; one more tick, made here, takes all of them.
document.querySelectorAll('[data-cw-select]').forEach(form => {
  const boxes = () => [...form.querySelectorAll('tbody input[type=checkbox]')]
  const say = () => {
    // asked for anew: an upload draws the list again
    const out = form.querySelector('[data-cw-count]')
    if (out) out.textContent = out.dataset.cwCount.replace('{n}', boxes().filter(box => box.checked).length)
  }
  form.addEventListener('change', say)
  window.addEventListener('pageshow', say)
})
