using System.Runtime.InteropServices;

namespace GptGen.Cpu;

/// <summary>
/// Hands out the numbers 0, 1, 2… to the workers of a job, each number once, in whatever order they come: the fast worker
/// takes more. It has cache lines of its own, so that claiming disturbs nothing beside it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct WorkCounter
{
    [FieldOffset(64)]
    private long next;

    /// <summary>Claims the next number; false when all <paramref name="total"/> are taken.</summary>
    public bool TryClaim(nint total, out nint index)
    {
        index = (nint)(Interlocked.Increment(ref next) - 1);
        return index < total;
    }
}
