namespace GptGen.Models;

/// <summary>AllenNLP's small ELMo: 13,593,296 parameters without the softmax.</summary>
[Elmo(Layers = 2, Width = 128, Cells = 1024, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024], HighwayLayers = 1)]
public sealed partial class ElmoSmall;
