/**
 * What is used of `node:http`, to be taken from here. Who imports that module as an ES module has all of its exports made,
 * `WebSocket` among them, and so Node loads its whole `fetch`: 13 MB of resident memory and 30 ms, in each thread.
 */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http')
