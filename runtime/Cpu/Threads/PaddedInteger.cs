using System.Runtime.InteropServices;

namespace GptGen.Cpu;

/// <summary>An integer that shares its cache line with nothing: threads that poll it are not disturbed by its neighbours.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedInteger
{
    /// <summary>The value.</summary>
    [FieldOffset(64)]
    public int Value;
}
