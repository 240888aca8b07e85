// Optional: every page works without it. Each module minds one job and looks for its own marks in the page.
import { initAll } from './vendor/govuk-frontend.min.js'
import './js/select.js'
import './js/drop.js'
import './js/reveal.js'
import './js/share.js'
import './js/keys.js'
import './js/copy.js'
import './js/print.js'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
document.querySelectorAll('[data-cw-js]').forEach(one => { one.hidden = false })
initAll()
