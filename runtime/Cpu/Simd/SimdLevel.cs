namespace GptGen.Cpu;

/// <summary>The vector width that kernels run with, from the one that runs anywhere to the widest.</summary>
internal enum SimdLevel
{
    /// <summary>Four lanes, <see cref="Simd128"/>: the portable form.</summary>
    Vector128,

    /// <summary>Eight lanes, <see cref="Simd256"/>: AVX2 and FMA.</summary>
    Vector256,

    /// <summary>Sixteen lanes, <see cref="Simd512"/>: AVX-512.</summary>
    Vector512,
}
