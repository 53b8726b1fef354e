namespace GptGen.Models;

/// <summary>BERT base, uncased (Devlin et al. 2018).</summary>
[Bert]
public sealed partial class BertBase;
