namespace GptGen.Models;

/// <summary><see cref="Gpt2Tiny4K"/> that puts a text into one of up to 32 classes.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), ClassificationHead(Labels = 32)]
public sealed partial class Gpt2Tiny4KClassification;

/// <summary><see cref="Gpt2Tiny4K"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), EntailmentHead(Labels = 3)]
public sealed partial class Gpt2Tiny4KEntailment;

/// <summary><see cref="Gpt2Tiny4K"/> that says how alike two texts are, in up to six grades.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), SimilarityHead(Labels = 6)]
public sealed partial class Gpt2Tiny4KSimilarity;

/// <summary><see cref="Gpt2Tiny4K"/> that grades how alike two texts are.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), SimilarityHead(Labels = 1)]
public sealed partial class Gpt2Tiny4KGrades;

/// <summary><see cref="Gpt2Tiny4K"/> that chooses one of two answers.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), MultipleChoiceHead(Choices = 2)]
public sealed partial class Gpt2Tiny4KChoiceOf2;

/// <summary><see cref="Gpt2Tiny4K"/> that chooses one of four answers.</summary>
[Gpt2(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), MultipleChoiceHead(Choices = 4)]
public sealed partial class Gpt2Tiny4KChoiceOf4;
