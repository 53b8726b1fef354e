namespace GptGen.Models;

/// <summary>BERT base, cased (Devlin et al. 2018).</summary>
[Bert(Vocabulary = 28996)]
public sealed partial class BertBaseCased;
