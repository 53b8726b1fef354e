namespace GptGen.Models;

/// <summary>BERT large, uncased (Devlin et al. 2018).</summary>
[Bert(Layers = 24, Heads = 16, Width = 1024)]
public sealed partial class BertLarge;
