namespace GptGen.Models;

/// <summary><see cref="ElmoOriginal"/> that puts a text into one of up to 32 classes.</summary>
[Elmo(Layers = 2, Width = 512, Cells = 4096, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024])]
[ClassificationHead(Labels = 32)]
public sealed partial class ElmoOriginalClassification;

/// <summary><see cref="ElmoOriginal"/> that says how a hypothesis relates to a premise, with up to three relations.</summary>
[Elmo(Layers = 2, Width = 512, Cells = 4096, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024])]
[EntailmentHead(Labels = 3)]
public sealed partial class ElmoOriginalEntailment;

/// <summary><see cref="ElmoOriginal"/> that grades how alike two texts are.</summary>
[Elmo(Layers = 2, Width = 512, Cells = 4096, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024])]
[SimilarityHead(Labels = 1)]
public sealed partial class ElmoOriginalGrades;

/// <summary><see cref="ElmoOriginal"/> that gives each word of a text one of up to 32 labels.</summary>
[Elmo(Layers = 2, Width = 512, Cells = 4096, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024])]
[TokenClassificationHead(Labels = 32)]
public sealed partial class ElmoOriginalTagging;
