namespace GptGen.Models;

/// <summary><see cref="BertBase"/> that puts a text into one of up to 32 classes.</summary>
[Bert, ClassificationHead(Labels = 32)]
public sealed partial class BertBaseClassification;

/// <summary><see cref="BertBase"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Bert, EntailmentHead(Labels = 3)]
public sealed partial class BertBaseEntailment;

/// <summary><see cref="BertBase"/> that says how alike two texts are, in up to six grades.</summary>
[Bert, SimilarityHead(Labels = 6)]
public sealed partial class BertBaseSimilarity;

/// <summary><see cref="BertBase"/> that grades how alike two texts are.</summary>
[Bert, SimilarityHead(Labels = 1)]
public sealed partial class BertBaseGrades;

/// <summary><see cref="BertBase"/> that chooses one of two answers.</summary>
[Bert, MultipleChoiceHead(Choices = 2)]
public sealed partial class BertBaseChoiceOf2;

/// <summary><see cref="BertBase"/> that chooses one of four answers.</summary>
[Bert, MultipleChoiceHead(Choices = 4)]
public sealed partial class BertBaseChoiceOf4;

/// <summary><see cref="BertBase"/> that gives each word of a text one of up to 32 labels.</summary>
[Bert, TokenClassificationHead(Labels = 32)]
public sealed partial class BertBaseTagging;

/// <summary><see cref="BertBase"/> that finds the answer to a question in a text.</summary>
[Bert, QuestionAnsweringHead]
public sealed partial class BertBaseAnswering;
