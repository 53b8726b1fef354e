namespace GptGen.Models;

/// <summary><see cref="Gpt1"/> that puts a text into one of up to 32 classes.</summary>
[Gpt1, ClassificationHead(Labels = 32)]
public sealed partial class Gpt1Classification;

/// <summary><see cref="Gpt1"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Gpt1, EntailmentHead(Labels = 3)]
public sealed partial class Gpt1Entailment;

/// <summary><see cref="Gpt1"/> that says how alike two texts are, in up to six grades.</summary>
[Gpt1, SimilarityHead(Labels = 6)]
public sealed partial class Gpt1Similarity;

/// <summary><see cref="Gpt1"/> that grades how alike two texts are.</summary>
[Gpt1, SimilarityHead(Labels = 1)]
public sealed partial class Gpt1Grades;

/// <summary><see cref="Gpt1"/> that chooses one of two answers.</summary>
[Gpt1, MultipleChoiceHead(Choices = 2)]
public sealed partial class Gpt1ChoiceOf2;

/// <summary><see cref="Gpt1"/> that chooses one of four answers.</summary>
[Gpt1, MultipleChoiceHead(Choices = 4)]
public sealed partial class Gpt1ChoiceOf4;
