namespace GptGen.Models;

/// <summary><see cref="ElmoMini4K"/> that puts a text into one of up to 32 classes.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), ClassificationHead(Labels = 32)]
public sealed partial class ElmoMini4KClassification;

/// <summary><see cref="ElmoMini4K"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), EntailmentHead(Labels = 3)]
public sealed partial class ElmoMini4KEntailment;

/// <summary><see cref="ElmoMini4K"/> that says how alike two texts are, in up to six grades.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), SimilarityHead(Labels = 6)]
public sealed partial class ElmoMini4KSimilarity;

/// <summary><see cref="ElmoMini4K"/> that grades how alike two texts are.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), SimilarityHead(Labels = 1)]
public sealed partial class ElmoMini4KGrades;

/// <summary><see cref="ElmoMini4K"/> that chooses one of two answers.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), MultipleChoiceHead(Choices = 2)]
public sealed partial class ElmoMini4KChoiceOf2;

/// <summary><see cref="ElmoMini4K"/> that chooses one of four answers.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), MultipleChoiceHead(Choices = 4)]
public sealed partial class ElmoMini4KChoiceOf4;

/// <summary><see cref="ElmoMini4K"/> that gives each word of a text one of up to 32 labels.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096), TokenClassificationHead(Labels = 32)]
public sealed partial class ElmoMini4KTagging;
