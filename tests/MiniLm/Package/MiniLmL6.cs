namespace GptGen.MiniLm;

/// <summary>all-MiniLM-L6-v2: BERT's form with 6 layers (Wang et al. 2020, "MiniLM"), tuned to sentence embeddings.</summary>
[Bert(Layers = 6, Heads = 12, Width = 384, HiddenWidth = 1536, Context = 512, Vocabulary = 30522)]
public sealed partial class MiniLmL6;
