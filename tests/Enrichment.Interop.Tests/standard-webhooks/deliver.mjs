// Delivers a body to an address, signed by the public library of Standard Webhooks, and prints the status of the answer.
import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";

const [address, secret, body] = process.argv.slice(2);
const id = `msg_${randomUUID()}`;
const at = new Date();
const answer = await fetch(address, {
  method: "POST",
  body,
  headers: {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": Math.floor(at.getTime() / 1000).toString(),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  },
});
console.log(answer.status);
