namespace GptGen.Models;

/// <summary><see cref="BertMini4K"/> that puts a text into one of up to 32 classes.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), ClassificationHead(Labels = 32)]
public sealed partial class BertMini4KClassification;

/// <summary><see cref="BertMini4K"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), EntailmentHead(Labels = 3)]
public sealed partial class BertMini4KEntailment;

/// <summary><see cref="BertMini4K"/> that says how alike two texts are, in up to six grades.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), SimilarityHead(Labels = 6)]
public sealed partial class BertMini4KSimilarity;

/// <summary><see cref="BertMini4K"/> that grades how alike two texts are.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), SimilarityHead(Labels = 1)]
public sealed partial class BertMini4KGrades;

/// <summary><see cref="BertMini4K"/> that chooses one of two answers.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), MultipleChoiceHead(Choices = 2)]
public sealed partial class BertMini4KChoiceOf2;

/// <summary><see cref="BertMini4K"/> that chooses one of four answers.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), MultipleChoiceHead(Choices = 4)]
public sealed partial class BertMini4KChoiceOf4;

/// <summary><see cref="BertMini4K"/> that gives each word of a text one of up to 32 labels.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), TokenClassificationHead(Labels = 32)]
public sealed partial class BertMini4KTagging;

/// <summary><see cref="BertMini4K"/> that finds the answer to a question in a text.</summary>
[Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096, InitialDeviation = 0.05f), QuestionAnsweringHead]
public sealed partial class BertMini4KAnswering;
