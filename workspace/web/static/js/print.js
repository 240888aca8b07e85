// <button data-cw-print hidden data-cw-js>: prints this page.
document.querySelectorAll('[data-cw-print]').forEach(button => button.addEventListener('click', () => window.print()))
