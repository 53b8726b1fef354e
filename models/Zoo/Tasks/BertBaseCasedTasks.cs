namespace GptGen.Models;

/// <summary><see cref="BertBaseCased"/> that puts a text into one of up to 32 classes.</summary>
[Bert(Vocabulary = 28996), ClassificationHead(Labels = 32)]
public sealed partial class BertBaseCasedClassification;

/// <summary><see cref="BertBaseCased"/> that gives each word of a text one of up to 32 labels.</summary>
[Bert(Vocabulary = 28996), TokenClassificationHead(Labels = 32)]
public sealed partial class BertBaseCasedTagging;

/// <summary><see cref="BertBaseCased"/> that finds the answer to a question in a text.</summary>
[Bert(Vocabulary = 28996), QuestionAnsweringHead]
public sealed partial class BertBaseCasedAnswering;
