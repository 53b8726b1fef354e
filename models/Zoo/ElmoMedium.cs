namespace GptGen.Models;

/// <summary>AllenNLP's medium ELMo: 28,027,728 parameters without the softmax.</summary>
[Elmo(Layers = 2, Width = 256, Cells = 2048, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024], HighwayLayers = 1)]
public sealed partial class ElmoMedium;
