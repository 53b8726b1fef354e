namespace GptGen.Models;

/// <summary>
/// A small ELMo that reads the characters of words, or of a vocabulary's subwords, as the published ones do, and predicts a vocabulary learned from
/// one's own text.
/// </summary>
[Elmo(Layers = 2, Width = 80, Cells = 224, Context = 128, Vocabulary = 4096, Filters = [16, 16, 32, 64], HighwayLayers = 1)]
public sealed partial class ElmoMiniChars;
