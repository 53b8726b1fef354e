namespace GptGen.Models;

/// <summary>
/// The original ELMo (Peters et al. 2018): 93,600,848 parameters without the softmax, which published files keep apart or leave out.
/// </summary>
[Elmo(Layers = 2, Width = 512, Cells = 4096, Context = 512, Filters = [32, 32, 64, 128, 256, 512, 1024])]
public sealed partial class ElmoOriginal;
