// Shows only the questions that the answers so far call for. <div data-cw-when="who=link"> belongs to the answer "link" of
// the field "who" in form[data-cw-reveal]. Without JavaScript every question stands there and those that do not apply are left empty.
document.querySelectorAll('form[data-cw-reveal]').forEach(form => {
  const parts = [...form.querySelectorAll('[data-cw-when]')]
  const update = () => parts.forEach(part => {
    const [name, value] = part.dataset.cwWhen.split('=')
    part.hidden = form.elements[name].value !== value
  })
  form.addEventListener('change', update)
  update()
})
