using GptGen.Cpu;

namespace GptGen.Distributed;

/// <summary>
/// Which of a model's trained parameters each rank owns: whole blocks of the gradient's norm, as evenly as they go, so that neither the norm nor any
/// vector instruction of AdamW depends on the number of ranks. A rank may own none.
/// </summary>
/// <param name="elements">Trained parameters.</param>
/// <param name="ranks">Ranks.</param>
internal sealed class Partition(nint elements, int ranks)
{
    /// <summary>Elements of a block.</summary>
    internal const int Block = SquareSumKernel.Block;

    /// <summary>Elements in all.</summary>
    internal nint Elements { get; } = elements <= int.MaxValue || ranks == 1
        ? elements
        : throw new GptGenException(
            FormattableString.Invariant($"A model of {elements:N0} parameters is too large for several processes, which share at most ")
            + FormattableString.Invariant($"{int.MaxValue:N0}: train it with one."));

    /// <summary>Ranks.</summary>
    internal int Ranks { get; } = ranks;

    /// <summary>Blocks in all.</summary>
    internal int Blocks { get; } = (int)((elements + Block - 1) / Block);

    /// <summary>The most elements of a rank.</summary>
    internal nint Largest { get; } = Math.Min(elements, ((elements + Block - 1) / Block + ranks - 1) / ranks * Block);

    /// <summary>The first block of a rank.</summary>
    internal int FirstBlock(int rank) => (int)((long)Blocks * rank / Ranks);

    /// <summary>The first element of a rank.</summary>
    internal nint First(int rank) => Math.Min((nint)FirstBlock(rank) * Block, Elements);

    /// <summary>Elements of a rank.</summary>
    internal nint Count(int rank) => First(rank + 1) - First(rank);
}
