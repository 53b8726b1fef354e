using System.Runtime.Intrinsics;
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

    /// <summary>Every level that this process can run, narrowest first.</summary>
    public static IEnumerable<SimdLevel> Available => Enum.GetValues<SimdLevel>().Where(level => level <= Best);
}
