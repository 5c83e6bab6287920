/** What an error of a server says, fit for status: short, and without long unbroken runs, which might be secrets. */
export function safeText(message: unknown): string {
  if (typeof message !== "string") return "";
  return message.replace(/[A-Za-z0-9_\-+/=.]{40,}/g, "[…]").slice(0, 200);
}
