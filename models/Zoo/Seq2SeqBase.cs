namespace GptGen.Models;

/// <summary>The base encoder-decoder Transformer of "Attention is all you need": 6 + 6 layers, width 512.</summary>
[Seq2Seq]
public sealed partial class Seq2SeqBase;
