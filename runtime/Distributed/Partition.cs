using GptGen.Cpu;

namespace GptGen.Distributed;

/// <summary>
/// Which of a model's trained parameters each rank owns. On CPUs whole blocks of the gradient's norm, as evenly as they go, so that neither the norm
/// nor any vector instruction of AdamW depends on the number of ranks; a rank may own none. On GPUs equal pieces, as NCCL moves them, and what is
/// left of them is the last rank's.
/// </summary>
internal sealed class Partition
{
    /// <summary>Elements of a block.</summary>
    internal const int Block = SquareSumKernel.Block;

    /// <summary>Elements that equal pieces are a multiple of, so that they begin where memory is read fastest.</summary>
    private const int Alignment = 64;

    private readonly bool isEven;

    /// <summary>Whole blocks.</summary>
    /// <param name="elements">Trained parameters.</param>
    /// <param name="ranks">Ranks.</param>
    /// <exception cref="GptGenException">There are more parameters than MPI's counts hold.</exception>
    internal Partition(nint elements, int ranks)
        : this(elements, ranks, isEven: false)
    {
        if (elements > int.MaxValue && ranks > 1)
        {
            throw new GptGenException(
                FormattableString.Invariant($"A model of {elements:N0} parameters is too large for several processes, which share at most ")
                + FormattableString.Invariant($"{int.MaxValue:N0}: train it with one."));
        }
    }

    private Partition(nint elements, int ranks, bool isEven)
    {
        (Elements, Ranks, this.isEven) = (elements, ranks, isEven);
        Blocks = (elements + Block - 1) / Block;
        Piece = elements / ranks / Alignment * Alignment;
    }

    /// <summary>Equal pieces.</summary>
    internal static Partition OfEqualPieces(nint elements, int ranks) => new(elements, ranks, isEven: true);

    /// <summary>Elements in all.</summary>
    internal nint Elements { get; }

    /// <summary>Ranks.</summary>
    internal int Ranks { get; }

    /// <summary>Elements of a piece of equal ones.</summary>
    internal nint Piece { get; }

    /// <summary>Elements behind the equal pieces.</summary>
    internal nint Rest => Elements - (Piece * Ranks);

    /// <summary>The most elements of a rank that owns whole blocks.</summary>
    internal nint Largest => Math.Min(Elements, (Blocks + Ranks - 1) / Ranks * Block);

    /// <summary>The most sums of a rank.</summary>
    internal int MostSums => isEven ? 1 : (int)((Blocks + Ranks - 1) / Ranks);

    private nint Blocks { get; }

    /// <summary>Into how many sums of squares a rank's part goes (<see cref="Device.SquareSums"/>).</summary>
    internal int Sums(int rank) => isEven ? 1 : (int)(FirstBlock(rank + 1) - FirstBlock(rank));

    /// <summary>The first element of a rank.</summary>
    internal nint First(int rank) => rank == Ranks ? Elements : isEven ? Piece * rank : Math.Min(FirstBlock(rank) * Block, Elements);

    /// <summary>Elements of a rank.</summary>
    internal nint Count(int rank) => First(rank + 1) - First(rank);

    private nint FirstBlock(int rank) => (nint)((long)Blocks * rank / Ranks);
}
