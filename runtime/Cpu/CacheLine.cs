using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GptGen.Cpu;

/// <summary>The unit in which memory moves through the caches.</summary>
internal static unsafe class CacheLine
{
    /// <summary>Bytes of a line.</summary>
    public const int Bytes = 64;

    /// <summary>Floats of a line.</summary>
    public const int Floats = Bytes / sizeof(float);

    /// <summary>Starts to fetch the line that holds the address, where the processor can be asked to. Any address is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Starts to fetch the line into the second-level cache, where the processor can be asked to. Any address is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchToSecondLevel(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }
}
