// The browser's part of a passkey: ask the device with the options that the server wrote into the form, send the answer.
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), one => one.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

function readable (options) {
  const known = list => (list || []).map(one => ({ ...one, id: bytes(one.id) }))
  const result = { ...options, challenge: bytes(options.challenge) }
  if (options.user) result.user = { ...options.user, id: bytes(options.user.id) }
  if (options.excludeCredentials) result.excludeCredentials = known(options.excludeCredentials)
  if (options.allowCredentials) result.allowCredentials = known(options.allowCredentials)
  return result
}

function written (credential) {
  const { response } = credential
  const answer = { clientDataJSON: text(response.clientDataJSON) }
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject)
    answer.transports = response.getTransports ? response.getTransports() : []
  } else {
    answer.authenticatorData = text(response.authenticatorData)
    answer.signature = text(response.signature)
    if (response.userHandle) answer.userHandle = text(response.userHandle)
  }
  const { id, type } = credential
  return JSON.stringify({ id, rawId: text(credential.rawId), type, response: answer, clientExtensionResults: {} })
}

document.querySelectorAll('form[data-cw-passkey]').forEach(form => {
  const state = form.querySelector('[role=status]')
  const ask = async () => {
    if (!window.PublicKeyCredential) {
      state.textContent = state.dataset.unable
      return
    }
    state.textContent = state.dataset.waiting
    try {
      const publicKey = readable(JSON.parse(form.dataset.options))
      const credential = await navigator.credentials[form.dataset.cwPasskey]({ publicKey })
      form.elements.credential.value = written(credential)
      form.submit()
    } catch {
      state.textContent = state.dataset.refused
    }
  }
  form.addEventListener('submit', event => {
    event.preventDefault()
    ask()
  })
  ask()
})
