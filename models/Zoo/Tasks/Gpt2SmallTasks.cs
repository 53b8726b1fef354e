namespace GptGen.Models;

/// <summary><see cref="Gpt2Small"/> that puts a text into one of up to 32 classes.</summary>
[Gpt2, ClassificationHead(Labels = 32)]
public sealed partial class Gpt2SmallClassification;

/// <summary><see cref="Gpt2Small"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Gpt2, EntailmentHead(Labels = 3)]
public sealed partial class Gpt2SmallEntailment;

/// <summary><see cref="Gpt2Small"/> that says how alike two texts are, in up to six grades.</summary>
[Gpt2, SimilarityHead(Labels = 6)]
public sealed partial class Gpt2SmallSimilarity;

/// <summary><see cref="Gpt2Small"/> that grades how alike two texts are.</summary>
[Gpt2, SimilarityHead(Labels = 1)]
public sealed partial class Gpt2SmallGrades;

/// <summary><see cref="Gpt2Small"/> that chooses one of two answers.</summary>
[Gpt2, MultipleChoiceHead(Choices = 2)]
public sealed partial class Gpt2SmallChoiceOf2;

/// <summary><see cref="Gpt2Small"/> that chooses one of four answers.</summary>
[Gpt2, MultipleChoiceHead(Choices = 4)]
public sealed partial class Gpt2SmallChoiceOf4;
