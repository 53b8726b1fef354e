using GptGen.Generator.Graph;

namespace GptGen.Generator.Memory;

/// <summary>
/// Where a value lies: at rows x (<paramref name="Rows"/> + instance x <paramref name="RowsPerInstance"/>) + sequences x <paramref name="Sequences"/> elements.
/// </summary>
/// <param name="Rows">Coefficient of the row count.</param>
/// <param name="Sequences">Coefficient of the sequence count.</param>
/// <param name="RowsPerInstance">Coefficient of the row count from one instance (layer) to the next.</param>
/// <param name="Instances">How many instances there are; a carried value alternates between two unless it is kept.</param>
internal sealed record Storage(long Rows, long Sequences, long RowsPerInstance, int Instances);

/// <summary>The static memory plan of one graph. Row and sequence counts are run-time numbers, the coefficients constants.</summary>
/// <param name="Places">Where each value lies. Logits are not here: they have a workspace of their own.</param>
/// <param name="ValueRows">Elements of the activation arena for each row.</param>
/// <param name="ValueSequences">Elements of the activation arena for each sequence.</param>
/// <param name="StatisticRows">Elements of the statistics arena for each row.</param>
internal sealed record MemoryPlan(IReadOnlyDictionary<Value, Storage> Places, long ValueRows, long ValueSequences, long StatisticRows);
