namespace GptGen.Models;

/// <summary><see cref="ElmoMiniChars"/> that puts a text into one of up to 32 classes.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096, Filters = [16, 16, 32, 64], HighwayLayers = 1)]
[ClassificationHead(Labels = 32)]
public sealed partial class ElmoMiniCharsClassification;

/// <summary><see cref="ElmoMiniChars"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096, Filters = [16, 16, 32, 64], HighwayLayers = 1)]
[EntailmentHead(Labels = 3)]
public sealed partial class ElmoMiniCharsEntailment;

/// <summary><see cref="ElmoMiniChars"/> that grades how alike two texts are.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096, Filters = [16, 16, 32, 64], HighwayLayers = 1)]
[SimilarityHead(Labels = 1)]
public sealed partial class ElmoMiniCharsGrades;

/// <summary><see cref="ElmoMiniChars"/> that gives each word of a text one of up to 32 labels.</summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096, Filters = [16, 16, 32, 64], HighwayLayers = 1)]
[TokenClassificationHead(Labels = 32)]
public sealed partial class ElmoMiniCharsTagging;
