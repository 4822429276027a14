/** A change is judged by what it changed: CI draws the same random values each time, every other run new ones. */
export const freshSeed = process.env['CI'] === 'true' ? 20_261_123 : Date.now() % 2 ** 31
