// A conversation: messages in turn, of which the model writes every second.
import { Entry } from './entry.js';
import { readChat } from './options.js';

export class Chat {
  path = 'v1/chat/completions';
  asks = 'Your message';
  clears = 'New chat';
  hint = 'Enter sends, Shift+Enter breaks the line';
  draft = '';
  #messages = [];
  #empty;
  #tell;

  constructor(element, tell) {
    this.element = element;
    this.#tell = tell;
    this.#empty = element.firstElementChild;
  }

  isSentBy(event) { return !event.shiftKey; }

  begin(text) {
    this.draft = '';
    this.#empty.remove();
    const question = document.createElement('p');
    question.className = 'question';
    question.textContent = text;
    this.element.append(question);
    const { system, ...asked } = readChat();
    this.#messages.push({ role: 'user', content: text });
    const entry = new Entry(this.element, 'Answer', 1, { ...asked, messages: [...system, ...this.#messages] }, this.#tell);
    entry.question = question;
    return entry;
  }

  add(entry, piece) { entry.add(piece); }

  end(entry, error) {
    entry.end(error);
    this.#messages.push({ role: 'assistant', content: entry.text });
  }

  takeBack(entry) {
    this.#messages.pop();
    this.draft = entry.question.textContent;
    entry.question.remove();
    entry.element.remove();
    if (!this.element.firstElementChild) this.element.append(this.#empty);
  }

  clear() {
    this.#messages = [];
    this.element.replaceChildren(this.#empty);
  }
}
