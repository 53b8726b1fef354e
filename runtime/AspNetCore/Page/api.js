// What is asked of the server, and what it answers.

/** An error in the server's own words. */
export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

let key = sessionStorage.getItem('key') ?? '';

/** Sends a key with everything from now on, until the tab is closed. */
export function useKey(given) {
  key = given;
  sessionStorage.setItem('key', given);
}

async function ask(path, options = {}) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...headers, ...options.headers } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError('The server cannot be reached: is it still running?');
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => null);
  throw new ApiError(told?.error?.message ?? `The server answered ${response.status}.`, response.status);
}

/** The model's name, and how many tokens it sees. */
export async function describeModel() {
  const [models, tokenizer] = await Promise.all(['v1/models', 'tokenizer_info'].map(async path => (await ask(path)).json()));
  return { name: models.data[0].id, context: tokenizer.max_model_len };
}

/** How many tokens a prompt has. */
export async function countTokens(prompt) {
  const response = await ask('tokenize', { method: 'POST', body: JSON.stringify({ prompt, add_special_tokens: false }) });
  return (await response.json()).count;
}

/** Server-sent events, of which each is JSON; the last one is [DONE]. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(error => {
      if (error.name === 'AbortError') throw error;
      throw new ApiError('The connection to the server broke.');
    });
    if (done) throw new ApiError('The server ended in the middle of the text.');
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const data = part.replace(/^data: /, '');
      if (data === '[DONE]') return;
      const event = JSON.parse(data);
      if (event.error) throw new ApiError(event.error.message);
      yield event;
    }
  }
}

/**
 * Texts as they are written: { index, text, tokens, reason, at } for each piece, and { usage } at the end. A token is { text, logprob, top }, where
 * top lists the most probable ones.
 */
export async function* write(path, request, signal) {
  const response = await ask(path, {
    method: 'POST', signal, headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
  });
  for await (const event of events(response)) {
    if (event.usage) yield { usage: event.usage };
    for (const choice of event.choices) {
      yield {
        index: choice.index,
        text: choice.text ?? choice.delta.content ?? '',
        tokens: choice.logprobs?.content ? ofChat(choice.logprobs) : choice.logprobs ? ofCompletion(choice.logprobs) : [],
        reason: choice.finish_reason,
        at: performance.now(),
      };
    }
  }
}

const ofChat = scores => scores.content.map(({ token, logprob, top_logprobs: top }) =>
  ({ text: token, logprob, top: top.map(other => ({ text: other.token, logprob: other.logprob })) }));

const ofCompletion = scores => scores.tokens.map((text, index) => ({
  text,
  offset: scores.text_offset[index],
  logprob: scores.token_logprobs[index],
  top: Object.entries(scores.top_logprobs[index] ?? {}).map(([other, logprob]) => ({ text: other, logprob }))
    .sort((a, b) => b.logprob - a.logprob),
}));
