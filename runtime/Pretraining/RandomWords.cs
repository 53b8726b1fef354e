using GptGen.RandomNumbers;

namespace GptGen.Pretraining;

/// <summary>The words of a stream one after another, as decisions.</summary>
/// <param name="stream">The stream.</param>
internal struct RandomWords(RandomStream stream)
{
    private ulong _next;
    private Words4 _block;

    /// <summary>The next word.</summary>
    public uint Next()
    {
        var (index, lane) = Math.DivRem(_next++, Philox.WordsPerBlock);
        if (lane == 0)
            _block = stream.Block(index);
        return lane switch { 0 => _block.X, 1 => _block.Y, 2 => _block.Z, _ => _block.W };
    }

    /// <summary>A whole number from 0 to below a bound. The high half of a 64 x 64 bit product maps 64 random bits evenly onto them.</summary>
    public int Below(int bound)
    {
        var (low, high) = (Next(), Next());
        return (int)Math.BigMul((ulong)high << 32 | low, (ulong)bound, out _);
    }

    /// <summary>Whether something happens that has a probability.</summary>
    public bool Happens(double probability) => Next() < probability * (1UL << 32);

    /// <summary>How many of some fair coins show heads.</summary>
    public int Heads(int coins)
    {
        var heads = 0;
        for (; coins >= 32; coins -= 32)
            heads += System.Numerics.BitOperations.PopCount(Next());
        return coins > 0 ? heads + System.Numerics.BitOperations.PopCount(Next() >> (32 - coins)) : heads;
    }
}
