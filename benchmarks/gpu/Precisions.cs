namespace GptGen.Benchmarks.Gpu;

/// <summary>Precisions by the names that the command line has for them.</summary>
internal static class Precisions
{
    /// <summary>How a precision is written.</summary>
    public static string NameOf(GpuPrecision precision) => precision switch
    {
        GpuPrecision.TensorFloat32 => "tf32",
        GpuPrecision.BFloat16 => "bf16",
        _ => "f32",
    };

    /// <summary>The precision of a name.</summary>
    public static GpuPrecision Find(string name) => Enum.GetValues<GpuPrecision>().Single(precision => NameOf(precision) == name);
}
