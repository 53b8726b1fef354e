// A text whose tokens are colored by their probability and can be looked at one by one, with the pointer or the arrow keys.
import { describe, hide, leave, show } from './alternatives.js';

/** From 0 for a certain token to 1 for one of a probability of 0.1 % or less. */
const surprise = logprob => logprob === null ? 0 : Math.min(1, -logprob / Math.log(1000));

/** Splits a piece of text among its tokens; those without whole characters of their own stay together. */
function* split(text, tokens) {
  let next = 0;
  // The last one has all that is left; at a text's beginning, spaces may be missing.
  for (; next < tokens.length - 1; next++) {
    const { text: own } = tokens[next];
    const part = text.startsWith(own) || next > 0 ? own : own.trimStart();
    if (!part || !text.startsWith(part)) break;
    yield [part, [tokens[next]]];
    text = text.slice(part.length);
  }
  yield [text, tokens.slice(next)];
}

export class TokenText {
  #tokens = [];
  #current = -1;
  #tell;

  /** @param tell says what is under the arrow keys to whoever does not see it. */
  constructor(label, tell) {
    this.#tell = tell;
    this.element = document.createElement('div');
    this.element.className = 'tokens';
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', label);
    this.element.setAttribute('aria-description', 'The arrow keys go through the tokens and say how probable they were');
    this.element.addEventListener('pointerover', event => this.#point(event.target));
    this.element.addEventListener('pointerout', leave);
    this.element.addEventListener('keydown', event => this.#walk(event));
    this.element.addEventListener('blur', () => this.#choose(-1));
  }

  get text() { return this.#tokens.map(token => token.text).join(''); }

  /** Tokens so far. */
  count = 0;

  /** Adds a piece of text with the tokens that it is made of. */
  add(text, tokens, isPrompt = false) {
    this.count += isPrompt ? 0 : tokens.length;
    for (const [part, own] of split(text, tokens)) {
      const span = document.createElement('span');
      span.className = isPrompt ? 'token prompt' : 'token';
      // The space before a word has no color, so that a line's end has none either.
      const ink = document.createElement('b');
      const space = part.match(/^ (?=\S)/)?.[0] ?? '';
      ink.textContent = part.slice(space.length);
      span.append(space, ink);
      if (own.length) span.style.setProperty('--surprise', Math.max(...own.map(token => surprise(token.logprob))).toFixed(3));
      if (part.startsWith('\n')) span.classList.add('break');
      if (!part) span.classList.add('end');
      this.#tokens.push({ text: part, span, tokens: own });
      this.element.append(span);
    }
  }

  #point(target) {
    const entry = this.#tokens.find(token => token.span === target.closest('.token'));
    if (entry?.tokens.length) show(entry.span, entry.tokens);
  }

  #walk(event) {
    const steps = { ArrowRight: this.#current + 1, ArrowLeft: this.#current - 1, Home: 0, End: this.#tokens.length - 1 };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#choose(Math.max(0, Math.min(this.#tokens.length - 1, steps[event.key])));
  }

  #choose(index) {
    this.#tokens[this.#current]?.span.classList.remove('current');
    this.#current = index;
    const entry = this.#tokens[index];
    if (!entry) return hide();
    entry.span.classList.add('current');
    entry.span.scrollIntoView({ block: 'nearest' });
    // A scroll, which hides the card, is told of later.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (this.#current !== index || !entry.tokens.length) return;
      show(entry.span, entry.tokens);
      this.#tell(describe(entry.tokens));
    }));
  }
}
