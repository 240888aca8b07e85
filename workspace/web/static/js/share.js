// Share: keeps the summary sentence in step with the answers. The words come from the page, in its language.
// [data-out="who"] shows the chosen option's data-text (or its label) of the field named "who"; "until" shows a day.
const language = document.documentElement.lang === 'uk' ? 'uk' : 'en-GB'

const dayOf = (form, name) => {
  const part = key => Number(form.elements[`${name}-${key}`]?.value)
  const day = new Date(part('year'), part('month') - 1, part('day'))
  if (isNaN(day) || day.getDate() !== part('day') || part('year') < 1000) return ''
  return day.toLocaleDateString(language, { day: 'numeric', month: 'long', year: 'numeric' })
}

const answer = (form, name) => {
  if (form.elements[`${name}-day`]) return dayOf(form, name)
  const field = form.elements[name]
  if (!field) return ''
  if (field instanceof RadioNodeList) return [...field].find(one => one.checked)?.dataset.text || ''
  if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.dataset.text || field.selectedOptions[0]?.text || ''
  return field.value.trim().replace(/\.$/, '')
}

document.querySelectorAll('[data-cw-say]').forEach(form => {
  const outs = [...form.querySelectorAll('[data-out]')]
  if (!outs.length) return
  form.querySelectorAll('.cw-say [data-cw-nojs]').forEach(one => { one.hidden = true })
  const update = () => outs.forEach(out => {
    const text = answer(form, out.dataset.out)
    if (text && out.textContent !== text) out.textContent = text
  })
  form.addEventListener('change', update)
})
