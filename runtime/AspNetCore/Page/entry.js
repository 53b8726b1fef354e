// A text that is written, or several at once: their tokens, how fast they come, and why they end.
import { TokenText } from './tokens.js';

const reasons = { stop: 'ended by itself', length: 'cut at its length' };

function make(name, className, text = '') {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

export class Entry {
  #texts = [];
  #reasons = [];
  #begun = performance.now();
  #first = 0;
  #last = 0;
  #usage = null;
  #footer = make('p', 'facts', 'The model reads …');
  #scroller;

  /**
   * @param scroller what scrolls, at whose end the entry is
   * @param name what a text is called
   * @param count how many there are at once
   */
  constructor(scroller, name, count, request, tell) {
    this.request = request;
    this.#scroller = scroller;
    this.element = make('article', 'entry writing');
    for (let index = 0; index < count; index++) {
      this.#texts.push(new TokenText(count > 1 ? `${name} ${index + 1}` : name, tell));
      this.element.append(this.#texts[index].element);
    }
    this.element.append(this.#footer);
    scroller.append(this.element);
    scroller.scrollTop = scroller.scrollHeight;
  }

  /** The first text. */
  get text() { return this.#texts[0].text; }

  get isEmpty() { return this.#tokens === 0; }

  /** What it has come to, for whoever does not see it. */
  get summary() { return `${this.#texts.map(text => text.text).join('\n')}\n${this.#footer.textContent}`; }

  get #tokens() { return this.#texts.reduce((sum, text) => sum + text.count, 0); }

  /** Whether anything of a text is there. */
  isBegun(index) { return this.#texts[index].text !== ''; }

  /** A prompt, which is there before the model writes: of one text, or of all. */
  precede(text, tokens = [], index = null) {
    for (const each of index === null ? this.#texts : [this.#texts[index]]) each.add(text, tokens, true);
  }

  /** A piece of the answer. */
  add({ index, text, tokens, reason, usage, at }) {
    if (usage) {
      this.#usage = usage;
      return;
    }
    if (reason) this.#reasons[index] = reason;
    if (!text && !tokens.length) return;
    this.#last = at;
    this.#first ||= at;
    this.#texts[index].add(text, tokens);
  }

  /** The answer is whole, or an error ended it. */
  end(error = null) {
    this.element.classList.remove('writing');
    const kinds = [...new Set(this.#reasons)].map(reason => reasons[reason] ?? reason);
    this.follow(() => this.show(error === null ? kinds.join(' or ') : error.name === 'AbortError' ? 'stopped' : 'broke off'));
  }

  /** Something to do with the text. */
  offer(label, action) {
    const button = make('button', 'quiet small', label);
    button.type = 'button';
    button.addEventListener('click', () => action(button));
    this.follow(() => this.#footer.append(button));
  }

  /** Whoever looks at the end goes on seeing it. */
  follow(change) {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    change();
    if (scrollHeight - scrollTop - clientHeight < 60) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Says how many tokens there are, and how fast they came. */
  show(end = '') {
    const [tokens, seconds] = [this.#tokens, (this.#last - this.#first) / 1000];
    const facts = [`${tokens} token${tokens === 1 ? '' : 's'}`];
    // A browser tells of what comes within moments in one go.
    if (seconds > 0.1) facts.push(`${((tokens - this.#texts.length) / seconds).toFixed(1)} tokens/s`);
    if (this.#first) facts.push(`first after ${((this.#first - this.#begun) / 1000).toFixed(2)} s`);
    if (this.#usage) {
      const known = this.#usage.prompt_tokens_details?.cached_tokens;
      facts.push(`${this.#usage.prompt_tokens} read${known ? `, ${known} of them from the cache` : ''}`);
    }
    if (end) facts.push(end);
    this.#footer.textContent = facts.join(' · ');
  }
}
