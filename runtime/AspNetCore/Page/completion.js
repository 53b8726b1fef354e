// Texts that go on where a prompt ends.
import { countTokens } from './api.js';
import { Entry } from './entry.js';
import { readCompletion } from './options.js';

export class Completion {
  path = 'v1/completions';
  asks = 'The beginning of a text';
  clears = 'Clear';
  hint = 'Ctrl+Enter sends';
  draft = '';
  #empty;
  #tell;

  constructor(element, tell) {
    this.element = element;
    this.#tell = tell;
    this.#empty = element.firstElementChild;
  }

  isSentBy(event) { return event.ctrlKey || event.metaKey; }

  begin(text) {
    this.#empty.remove();
    this.draft = text;
    const asked = readCompletion();
    const entry = new Entry(this.element, 'Text', asked.n ?? 1, { ...asked, prompt: text }, this.#tell);
    if (!asked.echo) entry.precede(text);
    entry.prompt = text;
    return entry;
  }

  async prepare(entry) {
    if (entry.request.echo) entry.promptTokens = await countTokens(entry.prompt);
  }

  add(entry, piece) {
    // With its probabilities, the prompt comes before the first piece of each text.
    if (entry.request.echo && !piece.usage && !entry.isBegun(piece.index)) {
      const [own, written] = [piece.tokens.slice(0, entry.promptTokens), piece.tokens.slice(entry.promptTokens)];
      // A tokenizer may give the prompt back in other letters.
      const end = written[0]?.offset ?? piece.text.length;
      entry.precede(piece.text.slice(0, end), own, piece.index);
      piece = { ...piece, text: piece.text.slice(end), tokens: written };
    }
    entry.add(piece);
  }

  end(entry, error) {
    entry.end(error);
    entry.offer('Go on from here', () => this.element.dispatchEvent(new CustomEvent('goon', { detail: entry.text })));
  }

  takeBack(entry) {
    this.draft = entry.prompt;
    entry.element.remove();
    if (!this.element.firstElementChild) this.element.append(this.#empty);
  }

  clear() {
    this.element.replaceChildren(this.#empty);
  }
}
