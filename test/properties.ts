import fc from 'fast-check'

// A change is judged by what it changed: CI looks at the same values each time, every other run at new ones.
if (process.env['CI'] === 'true') fc.configureGlobal({ seed: 20_261_123 })

export default fc
