namespace GptGen.Models;

/// <summary><see cref="ElmoSmall"/> that puts a text into one of up to 32 classes.</summary>
[Elmo(Layers = 2, Width = 128, Cells = 1024, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024], HighwayLayers = 1)]
[ClassificationHead(Labels = 32)]
public sealed partial class ElmoSmallClassification;

/// <summary><see cref="ElmoSmall"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Elmo(Layers = 2, Width = 128, Cells = 1024, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024], HighwayLayers = 1)]
[EntailmentHead(Labels = 3)]
public sealed partial class ElmoSmallEntailment;

/// <summary><see cref="ElmoSmall"/> that grades how alike two texts are.</summary>
[Elmo(Layers = 2, Width = 128, Cells = 1024, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024], HighwayLayers = 1)]
[SimilarityHead(Labels = 1)]
public sealed partial class ElmoSmallGrades;

/// <summary><see cref="ElmoSmall"/> that gives each word of a text one of up to 32 labels.</summary>
[Elmo(Layers = 2, Width = 128, Cells = 1024, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024], HighwayLayers = 1)]
[TokenClassificationHead(Labels = 32)]
public sealed partial class ElmoSmallTagging;
