namespace GptGen.Models;

/// <summary>
/// The body of <see cref="Gpt1Mini"/> for a vocabulary of subwords learned from one's own text: reads several times as much text in the same time.
/// </summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f)]
public sealed partial class Gpt1Mini4K;
