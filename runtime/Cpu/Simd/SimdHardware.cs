using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GptGen.Cpu;

/// <summary>What the processor offers, asked once.</summary>
internal static class SimdHardware
{
    /// <summary>The widest level that this process may use and that its hardware runs at full speed.</summary>
    public static readonly SimdLevel Best =
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? SimdLevel.Vector512
        : Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported ? SimdLevel.Vector256
        : SimdLevel.Vector128;

    /// <summary>Whether vectors of so many floats have 32 registers, as those of AVX-512 and NEON have; the others have 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasManyRegisters(int floats) => floats == Vector512<float>.Count || AdvSimd.IsSupported;

    /// <summary>The same for the vectors of a level.</summary>
    public static bool HasManyRegisters(SimdLevel level) => HasManyRegisters(Vector128<float>.Count << (int)level);

    /// <summary>Every level that this process can run, narrowest first.</summary>
    public static IEnumerable<SimdLevel> Available => Enum.GetValues<SimdLevel>().Where(level => level <= Best);
}
