namespace GptGen.Models;

/// <summary><see cref="Gpt1Mini"/> that puts a text into one of up to 32 classes.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256), ClassificationHead(Labels = 32)]
public sealed partial class Gpt1MiniClassification;

/// <summary><see cref="Gpt1Mini"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256), EntailmentHead(Labels = 3)]
public sealed partial class Gpt1MiniEntailment;

/// <summary><see cref="Gpt1Mini"/> that says how alike two texts are, in up to six grades.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256), SimilarityHead(Labels = 6)]
public sealed partial class Gpt1MiniSimilarity;

/// <summary><see cref="Gpt1Mini"/> that grades how alike two texts are.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256), SimilarityHead(Labels = 1)]
public sealed partial class Gpt1MiniGrades;

/// <summary><see cref="Gpt1Mini"/> that chooses one of two answers.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256), MultipleChoiceHead(Choices = 2)]
public sealed partial class Gpt1MiniChoiceOf2;

/// <summary><see cref="Gpt1Mini"/> that chooses one of four answers.</summary>
[Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 256), MultipleChoiceHead(Choices = 4)]
public sealed partial class Gpt1MiniChoiceOf4;
