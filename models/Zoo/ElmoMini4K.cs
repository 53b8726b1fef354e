namespace GptGen.Models;

/// <summary>
/// A small ELMo, about the size of <see cref="Gpt1Mini4K"/>, for a vocabulary of subwords learned from one's own text, which it looks up in a table.
/// </summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096)]
public sealed partial class ElmoMini4K;
