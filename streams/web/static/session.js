// The reader's session: where it has ended, the form leads back to what was being looked at; and it can be ended here.
const here = () => new URLSearchParams({ next: location.pathname + location.search });

/** Whether there is one to end: its own cookie is hidden from scripts, this one says when it ends. */
export const hasSession = () => /(^|; )cxb-until=/.test(document.cookie);

/** Goes to the form. Nothing of an answer that was refused is shown: it never comes. @returns {Promise<never>} */
export function logIn() {
  location.replace(`/login?${here()}`);
  return new Promise(() => {});
}

export async function logOut() {
  await fetch("/logout", { method: "POST", body: here() });
  await logIn();
}
