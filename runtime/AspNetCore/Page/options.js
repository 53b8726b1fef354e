// The options beside the texts, as a request has them.

const field = id => document.getElementById(id);
const number = id => field(id).value === '' ? undefined : Number(field(id).value);
const form = field('options-form');

/** Shows what sliders stand at, and takes what belongs to one mode away in the other. */
export function begin() {
  const show = () => form.querySelectorAll('output').forEach(output => { output.value = field(output.htmlFor.value).value; });
  const color = () => document.body.classList.toggle('colored', field('colors').checked);
  form.addEventListener('input', () => { show(); color(); });
  // The event comes before the fields are reset.
  form.addEventListener('reset', () => setTimeout(() => { show(); color(); }));
  form.addEventListener('submit', event => event.preventDefault());
  show();
  color();
}

/** A small context has room for fewer tokens than usual. */
export function fit(context) {
  const tokens = field('max_tokens');
  tokens.defaultValue = Math.min(Number(tokens.defaultValue), Math.max(1, Math.floor(context / 4)));
}

/** Whether all can be sent; what cannot is shown to whoever looks. */
export const areValid = () => form.reportValidity();

/** A request's fields; what is left empty is for the server to decide. */
export function read() {
  return {
    temperature: number('temperature'),
    top_p: number('top_p'),
    min_p: number('min_p'),
    repetition_penalty: number('repetition_penalty'),
    top_k: number('top_k'),
    seed: number('seed'),
    max_tokens: number('max_tokens'),
    stop: field('stop').value.split('\n').filter(line => line).map(line => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t')),
    stop_token_ids: field('stop_token_ids').value.split(/[\s,]+/).filter(part => part).map(Number),
    ignore_eos: field('ignore_eos').checked,
  };
}

/** The fields of a completion beside these. */
export const readCompletion = () => ({ n: number('n'), echo: field('echo').checked, logprobs: number('alternatives') });

/** Those of a chat. */
export function readChat() {
  const content = field('system').value.trim();
  return { system: content ? [{ role: 'system', content }] : [], logprobs: true, top_logprobs: number('alternatives') };
}
